"""Replace files and folders atomically, on every file system that Spark reaches."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from bank_spark_dl.errors import InputDataError
from bank_spark_dl.spark.hadoop_fs import delete, exists, names_in, rename, shown

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


def replace_folder(spark: "SparkSession", target: str, write: Callable[[str], None]) -> None:
    """Write to a hidden path next to the target, then swap the two by renaming.

    What was there stays whole until the new content is, on every file system whose rename is
    atomic (local disks, HDFS). Killed between its two renames, the swap is finished by whoever
    opens the target next: see `finish_swap`.

    Args:
        spark: The running session; its Hadoop settings find the file system.
        target: URI to replace, a file or a folder.
        write: Writes the new content to the URI that it is given.

    Raises:
        OSError: The file system does not rename.
    """
    finish_swap(spark, target)
    new, old = _beside(target)
    delete(spark, new)
    try:
        write(new)
    except BaseException:
        delete(spark, new)
        raise
    if exists(spark, target):
        rename(spark, target, old)
        finish_swap(spark, target)
    else:
        rename(spark, new, target)
    # Frames of the target that somebody has cached are read anew, as after Spark's own overwrite.
    spark.catalog.refreshByPath(target)


def finish_swap(spark: "SparkSession", target: str) -> None:
    """Put the new content in place if a swap was interrupted after the old was set aside.

    Args:
        spark: The running session.
        target: URI that is about to be read.
    """
    new, old = _beside(target)
    if exists(spark, old):  # it is set aside only when the new is complete
        if not exists(spark, target):
            rename(spark, new if exists(spark, new) else old, target)
        delete(spark, old)


def is_there(spark: "SparkSession", target: str) -> bool:
    """Tell whether something lies at a URI, once an interrupted swap is finished."""
    finish_swap(spark, target)
    return exists(spark, target)


def refuse_foreign(spark: "SparkSession", target: str) -> None:
    """Refuse to write a frame over anything but an earlier frame, which would be deleted.

    Args:
        spark: The running session.
        target: URI that is about to be replaced.

    Raises:
        InputDataError: A file lies there, or a folder with other content than Spark's.
    """
    if names_in(spark, target) and not exists(spark, f"{target}/_SUCCESS"):
        raise InputDataError(
            f"{shown(target)} holds something that no run has written there, and that "
            "writing would delete. Name another path, or move it away."
        )


def _beside(target: str) -> tuple[str, str]:
    """Return the hidden paths of the new content and of the old while they are swapped."""
    folder, _, name = target.rstrip("/").rpartition("/")
    return f"{folder}/.{name}.new", f"{folder}/.{name}.old"
