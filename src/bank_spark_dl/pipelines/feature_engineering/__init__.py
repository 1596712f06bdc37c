"""Train and test rows in; fitted feature stages and feature vectors out."""

from bank_spark_dl.pipelines.feature_engineering.pipeline import create_pipeline

__all__ = ["create_pipeline"]
