"""Feature vectors in; a trained network, baselines, predictions and the scoring model out."""

from bank_spark_dl.pipelines.modeling.pipeline import create_pipeline

__all__ = ["create_pipeline"]
