"""Train with several numbers of workers and seeds, and compare quality and speed."""

from bank_spark_dl.pipelines.worker_sweep.pipeline import create_pipeline

__all__ = ["create_pipeline"]
