"""Persist frames for some queries, and unpersist them afterwards."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from uuid import uuid4

from py4j.protocol import Py4JError
from pyspark.sql import DataFrame
from pyspark.sql import functions as F


@contextmanager
def persisted(rows: DataFrame) -> Iterator[DataFrame]:
    """Persist rows while a block runs; see persist.

    Args:
        rows: What several queries of the block read.
    """
    frame = persist(rows)
    try:
        yield frame
    finally:
        unpersist(frame)


def persist(rows: DataFrame) -> DataFrame:
    """Persist rows when they are first computed, for queries on the returned frame only.

    Spark answers any query with an equal plan from its cache, though the files may have changed
    since: the returned frame has a plan like no other.
    """
    return rows.where(F.lit(uuid4().hex).isNotNull()).persist()


def unpersist(rows: DataFrame) -> None:
    """Unpersist rows, also where Spark was killed and nothing is left of them."""
    with suppress(Py4JError, OSError):
        rows.unpersist()
