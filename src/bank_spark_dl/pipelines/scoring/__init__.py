"""New raw rows and the scoring model in; probabilities and predictions out."""

from bank_spark_dl.pipelines.scoring.pipeline import create_pipeline

__all__ = ["create_pipeline"]
