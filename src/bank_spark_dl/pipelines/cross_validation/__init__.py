"""Clean rows in; out-of-fold predictions of network and baselines and what they are worth, out."""

from bank_spark_dl.pipelines.cross_validation.pipeline import create_pipeline

__all__ = ["create_pipeline"]
