"""Describe a stream before it is started."""

from typing import NamedTuple

from pyspark.sql import DataFrame


class StreamPlan(NamedTuple):
    """A stream that has not been started.

    Attributes:
        rows: A streaming frame.
        every: Seconds between two batches; None: the stream ends with the rows that are there.
        checkpoint: Folder of the stream's progress; None: one beside its output.
    """

    rows: DataFrame
    every: int | None
    checkpoint: str | None
