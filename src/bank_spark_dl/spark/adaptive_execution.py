"""Switch adaptive execution off where its extra jobs cost more than they save."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

from pyspark.sql import SparkSession

_SETTING = "spark.sql.adaptive.enabled"
_LOCK = Lock()
_BEFORE: dict[SparkSession, tuple[str, int]] = {}
"""What a session's setting was before the first of the blocks that go on, and their number."""


@contextmanager
def one_job_per_action(spark: SparkSession) -> Iterator[None]:
    """Switch adaptive execution off for a while: it runs every shuffle as a job of its own.

    Blocks of several threads may overlap: it is switched on again when the last of them ends.
    """
    with _LOCK:
        before, blocks = _BEFORE.get(spark) or (str(spark.conf.get(_SETTING)), 0)
        _BEFORE[spark] = before, blocks + 1
        spark.conf.set(_SETTING, "false")
    try:
        yield
    finally:
        with _LOCK:
            before, blocks = _BEFORE.pop(spark)
            if blocks > 1:
                _BEFORE[spark] = before, blocks - 1
            else:
                spark.conf.set(_SETTING, before)
