import threading
import time
from collections.abc import Callable
from functools import partial

import pytest
from pyspark.sql import SparkSession

from bank_spark_dl.spark.side_by_side import run_side_by_side

PROPERTY = "spark.job.description"


def nothing() -> None:
    pass


def test_results_are_in_order_and_only_so_many_run_at_a_time(spark: SparkSession) -> None:
    lock, running, most = threading.Lock(), [0], [0]

    def call(number: int) -> int:
        with lock:
            running[0] += 1
            most[0] = max(most[0], running[0])
        time.sleep(0.05 * (5 - number))
        with lock:
            running[0] -= 1
        return number

    calls = [partial(call, number) for number in range(5)]
    assert run_side_by_side(spark, calls, 2, nothing) == [0, 1, 2, 3, 4]
    assert most == [2]


def test_each_function_has_a_copy_of_the_callers_local_properties(spark: SparkSession) -> None:
    context, both = spark.sparkContext, threading.Barrier(2, timeout=60)

    def call(number: int) -> tuple[str | None, str | None]:
        found = context.getLocalProperty(PROPERTY)
        both.wait()
        context.setLocalProperty(PROPERTY, str(number))
        both.wait()
        return found, context.getLocalProperty(PROPERTY)

    context.setLocalProperty(PROPERTY, "the caller's")
    try:
        calls = [partial(call, number) for number in range(2)]
        found = run_side_by_side(spark, calls, 2, nothing)
        assert context.getLocalProperty(PROPERTY) == "the caller's"
    finally:
        context.setLocalProperty(PROPERTY, None)
    assert found == [("the caller's", "0"), ("the caller's", "1")]


def test_the_first_error_cancels_jobs_and_what_has_not_begun(spark: SparkSession) -> None:
    begun: list[str] = []
    waiting = threading.Event()

    def long_job() -> None:
        begun.append("long")
        waiting.set()
        spark.sparkContext.parallelize([0], 1).foreach(lambda _: time.sleep(600))

    def wrong() -> None:
        assert waiting.wait(60)
        raise ValueError("wrong")

    never: Callable[[], None] = partial(begun.append, "never")
    cancelled: list[bool] = []
    calls = [long_job, wrong, long_job, never]
    with pytest.raises(ValueError, match="wrong"):
        run_side_by_side(spark, calls, 2, lambda: cancelled.append(True))
    assert cancelled == [True]
    assert "never" not in begun
    assert not [t for t in threading.enumerate() if t.name.startswith("side-by-side")]
