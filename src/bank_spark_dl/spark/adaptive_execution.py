"""Switch adaptive execution off where its extra jobs cost more than they save."""

from collections.abc import Iterator
from contextlib import contextmanager

from pyspark.sql import SparkSession


@contextmanager
def one_job_per_action(spark: SparkSession) -> Iterator[None]:
    """Switch adaptive execution off for a while: it runs every shuffle as a job of its own."""
    setting = "spark.sql.adaptive.enabled"
    before = str(spark.conf.get(setting))
    spark.conf.set(setting, "false")
    try:
        yield
    finally:
        spark.conf.set(setting, before)
