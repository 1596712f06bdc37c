"""Synthetic bank-marketing rows, drawn from summary figures of the real file."""

from bank_spark_dl.pipelines.synthetic_data.pipeline import create_pipeline

__all__ = ["create_pipeline"]
