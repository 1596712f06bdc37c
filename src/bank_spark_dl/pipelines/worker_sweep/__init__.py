"""What more workers cost and bring: trainings with several numbers of workers and seeds."""

from bank_spark_dl.pipelines.worker_sweep.pipeline import create_pipeline

__all__ = ["create_pipeline"]
