"""Distributed deep learning on tables with Kedro, Spark, Keras and Elephas."""

__version__ = "0.1.0"
