"""Run functions that use Spark in threads, side by side."""

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from contextlib import suppress
from functools import partial
from typing import Any, TypeVar
from uuid import uuid4

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

    futures: list[Future[T]] = []
    with ThreadPoolExecutor(at_once, thread_name_prefix="side-by-side") as pool:
        try:
            for function in functions:
                # Each function gets its own copy of the caller's local properties.
                call = inheritable_thread_target(spark)(partial(tagged, function))
                futures.append(pool.submit(call))
            _raise_first(futures)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            cancel()
            _cancel_jobs(spark, tag, [future for future in futures if not future.cancelled()])
            raise
    return [future.result() for future in futures]


def _raise_first(futures: Sequence[Future[Any]]) -> None:
    """Wait for all, or raise what the first to fail has raised."""
    ended, _ = wait(futures, return_when=FIRST_EXCEPTION)
    for future in futures:
        if future in ended:
            future.result()


def _cancel_jobs(spark: SparkSession, tag: str, begun: Iterable[Future[Any]]) -> None:
    """Cancel jobs until no thread starts another, even if the caller is interrupted again."""
    interrupted = None
    going_on = set(begun)
    while going_on:
        try:
            with suppress(Exception):  # Spark may have been killed
                spark.sparkContext.cancelJobsWithTag(tag)
            going_on = wait(going_on, timeout=_AGAIN).not_done
        except KeyboardInterrupt as error:
            interrupted = error
    if interrupted is not None:
        raise interrupted
