"""Fork Spark's Python workers from a process that has imported what they need."""

from typing import Final

WARM_WORKERS: Final = {
    "spark.python.daemon.module": "bank_spark_dl.distributed.runtime.worker_daemon"
}
"""The Spark setting that names the module of that process."""
