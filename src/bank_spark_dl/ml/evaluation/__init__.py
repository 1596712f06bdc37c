"""Measure predictions."""
