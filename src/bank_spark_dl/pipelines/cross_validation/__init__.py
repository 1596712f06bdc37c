"""Train network and baselines on the same folds of the clean rows, and compare them."""

from bank_spark_dl.pipelines.cross_validation.pipeline import create_pipeline

__all__ = ["create_pipeline"]
