"""Train the network and the baselines, predict, and assemble the scoring model."""

from bank_spark_dl.pipelines.modeling.pipeline import create_pipeline

__all__ = ["create_pipeline"]
