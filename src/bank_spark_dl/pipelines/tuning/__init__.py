"""Search for better settings by cross-validation of the train rows."""

from bank_spark_dl.pipelines.tuning.pipeline import create_pipeline

__all__ = ["create_pipeline"]
