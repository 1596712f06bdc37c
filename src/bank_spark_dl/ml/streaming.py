"""What is to be written as it arrives, and how."""

from typing import NamedTuple

from pyspark.sql import DataFrame


class StreamPlan(NamedTuple):
    """A stream that has not been started.

    Attributes:
        rows: A streaming frame.
        every: Seconds between two looks for new rows; None: it ends with those that are there.
        checkpoint: The folder in which it keeps how far it came; None: one beside its output.
    """

    rows: DataFrame
    every: int | None
    checkpoint: str | None
