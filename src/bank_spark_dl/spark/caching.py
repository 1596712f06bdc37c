"""Persist frames for some queries, and let them go afterwards."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from uuid import uuid4

from py4j.protocol import Py4JError
from pyspark.sql import DataFrame
from pyspark.sql import functions as F


@contextmanager
def kept(rows: DataFrame) -> Iterator[DataFrame]:
    """Let executors keep rows while a block runs; see keep.

    Args:
        rows: What several queries of the block read.
    """
    held = keep(rows)
    try:
        yield held
    finally:
        forget(held)


def keep(rows: DataFrame) -> DataFrame:
    """Let executors keep rows when they are computed, for queries on the returned frame only.

    Spark answers any query that looks the same from what it keeps, though the files may have
    changed since: the returned frame looks like no other.
    """
    return rows.where(F.lit(uuid4().hex).isNotNull()).persist()


def forget(rows: DataFrame) -> None:
    """Let executors forget what they keep, also where Spark was killed and nothing is left."""
    with suppress(Py4JError, OSError):
        rows.unpersist()
