"""Put new content in the place of old only when the new is complete."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


def write_beside(spark: "SparkSession", target: str, write: Callable[[str], None]) -> None:
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
    swap = _Swap(spark, target)
    swap.finish()
    swap.delete(swap.new)
    try:
        write(swap.new)
    except BaseException:
        swap.delete(swap.new)
        raise
    if swap.exists(target):
        swap.rename(target, swap.old)
        swap.finish()
    else:
        swap.rename(swap.new, target)
    # Frames of the target that somebody has cached are read anew, as after Spark's own overwrite.
    spark.catalog.refreshByPath(target)


def finish_swap(spark: "SparkSession", target: str) -> None:
    """Put the new content in place if a swap was interrupted after the old was set aside.

    Args:
        spark: The running session.
        target: URI that is about to be read.
    """
    _Swap(spark, target).finish()


def is_there(spark: "SparkSession", target: str) -> bool:
    """Tell whether something lies at a URI, once an interrupted swap is finished."""
    swap = _Swap(spark, target)
    swap.finish()
    return swap.exists(target)


def refuse_foreign(spark: "SparkSession", target: str) -> None:
    """Refuse to put a frame where something lies that no frame was: it would be lost.

    Args:
        spark: The running session.
        target: URI that is about to be replaced.

    Raises:
        InputDataError: A file lies there, or a folder with other content than Spark's.
    """
    from bank_spark_dl.csv_validation.files import shown
    from bank_spark_dl.errors import InputDataError

    swap = _Swap(spark, target)
    if swap.exists(target) and not swap.exists(f"{target}/_SUCCESS") and not swap.is_empty(target):
        raise InputDataError(
            f"{shown(target)} holds something that no run has written there, and that writing "
            "would delete. Name another path, or move it away."
        )


class _Swap:
    """The paths of one replacement, and Hadoop's operations on them."""

    def __init__(self, spark: "SparkSession", target: str) -> None:
        self.target = target
        folder, _, name = target.rstrip("/").rpartition("/")
        self.new, self.old = f"{folder}/.{name}.new", f"{folder}/.{name}.old"
        jvm: Any = spark._jvm
        self._path = jvm.org.apache.hadoop.fs.Path
        self._files = self._path(target).getFileSystem(spark._jsc.hadoopConfiguration())

    def finish(self) -> None:
        # The old is set aside only when the new is complete; without a new, it comes back.
        if self.exists(self.old):
            if not self.exists(self.target):
                self.rename(self.new if self.exists(self.new) else self.old, self.target)
            self.delete(self.old)

    def is_empty(self, uri: str) -> bool:
        path = self._path(uri)
        return bool(
            self._files.getFileStatus(path).isDirectory() and not self._files.listStatus(path)
        )

    def exists(self, uri: str) -> bool:
        return bool(self._files.exists(self._path(uri)))

    def delete(self, uri: str) -> None:
        self._files.delete(self._path(uri), True)

    def rename(self, source: str, target: str) -> None:
        if not self._files.rename(self._path(source), self._path(target)):
            raise OSError(f"{source} could not be renamed to {target}.")
