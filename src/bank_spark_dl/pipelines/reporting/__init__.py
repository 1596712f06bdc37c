"""Predictions and history in; figures, plots and the report out."""

from bank_spark_dl.pipelines.reporting.pipeline import create_pipeline

__all__ = ["create_pipeline"]
