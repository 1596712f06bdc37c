"""Raw rows in; clean, described and split rows out."""

from bank_spark_dl.pipelines.data_processing.pipeline import create_pipeline

__all__ = ["create_pipeline"]
