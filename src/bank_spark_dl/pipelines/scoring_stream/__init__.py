"""Files that arrive in a folder and the scoring model in; scores, appended as they come, out."""

from bank_spark_dl.pipelines.scoring_stream.pipeline import create_pipeline

__all__ = ["create_pipeline"]
