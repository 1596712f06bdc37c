"""Bring rows to workers: a function of their ids, labels and the seed."""
