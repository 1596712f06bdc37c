"""Run functions that use Spark in threads, side by side."""

from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from contextlib import suppress
from functools import partial
from typing import Any, TypeVar
from uuid import uuid4

from py4j.protocol import Py4JError
from pyspark import inheritable_thread_target
from pyspark.sql import SparkSession

T = TypeVar("T")

_AGAIN = 0.5  # seconds between two attempts to cancel what still runs


def run_side_by_side(
    spark: SparkSession,
    functions: Sequence[Callable[[], T]],
    at_once: int,
    cancel: Callable[[], None],
) -> list[T]:
    """Call functions in threads, started in their order.

    When one fails, or the caller is interrupted, the Spark jobs of the others are cancelled, and
    those that have not begun never do.

    Args:
        spark: The session that they use.
        functions: Take nothing.
        at_once: How many run at the same time.
        cancel: Called when they are to end early, so that none waits for another.

    Returns:
        Their results, in their order.

    Raises:
        Exception: What a function has raised.
    """
    tag = f"side-by-side-{uuid4().hex}"

    def tagged(function: Callable[[], T]) -> T:
        spark.sparkContext.addJobTag(tag)  # of this thread's jobs and of those it starts
        return function()

    with ThreadPoolExecutor(max(at_once, 1), thread_name_prefix="side-by-side") as pool:
        futures: list[Future[T]] = [
            # Each function gets its own copy of the caller's local properties.
            pool.submit(inheritable_thread_target(spark)(partial(tagged, function)))
            for function in functions
        ]
        try:
            _raise_first(futures)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            cancel()
            _cancel_jobs(spark, tag, futures)
            raise
    return [future.result() for future in futures]


def _raise_first(futures: Sequence[Future[Any]]) -> None:
    """Wait for all, or raise what the first to fail has raised."""
    ended, _ = wait(futures, return_when=FIRST_EXCEPTION)
    for future in futures:
        if future in ended:
            future.result()


def _cancel_jobs(spark: SparkSession, tag: str, futures: Sequence[Future[Any]]) -> None:
    """Cancel jobs until no thread starts another."""
    begun = [future for future in futures if not future.cancelled()]
    while wait(begun, timeout=_AGAIN).not_done:
        with suppress(Py4JError, OSError):  # Spark may have been killed
            spark.sparkContext.cancelJobsWithTag(tag)
