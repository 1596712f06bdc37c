"""Train by local SGD: rounds of steps on each worker, then parameter averaging."""
