"""Measure the predictions, draw them, and write the report."""

from bank_spark_dl.pipelines.reporting.pipeline import create_pipeline

__all__ = ["create_pipeline"]
