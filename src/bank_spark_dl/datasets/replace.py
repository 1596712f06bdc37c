"""Put new content in the place of old only when the new is complete."""

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


def write_beside(spark: "SparkSession", target: str, write: Callable[[str], None]) -> None:
    """Write to a hidden path next to the target, then swap the two by renaming.

    What was there stays whole until the new content is, on every file system whose rename is
    atomic (local disks, HDFS).

    Args:
        spark: The running session; its Hadoop settings find the file system.
        target: URI to replace, a file or a folder.
        write: Writes the new content to the URI that it is given.
    """
    folder, _, name = target.rstrip("/").rpartition("/")
    new, old = f"{folder}/.{name}.new", f"{folder}/.{name}.old"
    path = spark._jvm.org.apache.hadoop.fs.Path  # type: ignore[union-attr]
    files = path(target).getFileSystem(spark._jsc.hadoopConfiguration())
    files.delete(path(new), True)
    write(new)
    files.delete(path(old), True)
    if files.exists(path(target)):
        files.rename(path(target), path(old))
    files.rename(path(new), path(target))
    files.delete(path(old), True)
