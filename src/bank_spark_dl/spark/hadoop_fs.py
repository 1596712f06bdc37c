"""Read, write and list files through Hadoop, on every file system that Spark reaches."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_PIECE: Final = 2**20
"""Bytes that pass between Python and the JVM at once: Py4J copies them several times."""


def locate(spark: "SparkSession", path: str) -> tuple[Any, Any]:
    """Return Hadoop's FileSystem and Path objects of a path.

    Args:
        spark: A classic session; its Hadoop settings find the file system.
        path: Local path or URI.

    Raises:
        Py4JJavaError: Spark does not know such a file system.
    """
    location = _jvm(spark).org.apache.hadoop.fs.Path(path)
    return location.getFileSystem(spark._jsc.hadoopConfiguration()), location


@contextmanager
def opened(spark: "SparkSession", path: str) -> Iterator[Any]:
    """Open a file to read; yield the Java stream."""
    system, location = locate(spark, path)
    stream = system.open(location)
    try:
        yield stream
    finally:
        stream.close()


def read_bytes(spark: "SparkSession", path: str) -> bytes:
    """Read a whole file."""
    with opened(spark, path) as stream:
        return b"".join(iter(lambda: bytes(stream.readNBytes(_PIECE)), b""))


def write_bytes(spark: "SparkSession", path: str, content: bytes) -> None:
    """Write a file, or overwrite it."""
    system, location = locate(spark, path)
    stream = system.create(location)
    try:
        for start in range(0, len(content), _PIECE):
            stream.write(bytearray(content[start : start + _PIECE]))
    finally:
        stream.close()


def sha256_of(spark: "SparkSession", path: str) -> str:
    """Hash a file's bytes on the driver; hex."""
    with opened(spark, path) as stream:
        return str(_jvm(spark).org.apache.commons.codec.digest.DigestUtils.sha256Hex(stream))


def exists(spark: "SparkSession", path: str) -> bool:
    """Tell whether a file or folder lies at a path."""
    system, location = locate(spark, path)
    return bool(system.exists(location))


def delete(spark: "SparkSession", path: str) -> None:
    """Delete a file or a whole folder, if it is there."""
    system, location = locate(spark, path)
    system.delete(location, True)


def rename(spark: "SparkSession", source: str, target: str) -> None:
    """Rename a file or folder on its file system.

    Raises:
        OSError: The file system refuses.
    """
    system, location = locate(spark, source)
    if not system.rename(location, locate(spark, target)[1]):
        raise OSError(f"{source} could not be renamed to {target}.")


def names_in(spark: "SparkSession", path: str) -> list[str]:
    """Return the sorted names in a folder, or that of a file; none if nothing is there."""
    system, location = locate(spark, path)
    if not system.exists(location):
        return []
    return sorted(str(status.getPath().getName()) for status in system.listStatus(location))


def files_below(system: Any, root: Any) -> Iterator[Any]:
    """Yield the status of each file in a folder and its subfolders, or that of a file.

    Hadoop's own `listFiles` starts a program for each local file, to ask who may read it.

    Args:
        system: Hadoop's FileSystem.
        root: Hadoop's Path.
    """
    for status in system.listStatus(root):
        if status.isDirectory():
            yield from files_below(system, status.getPath())
        else:
            yield status


def shown(path: str) -> str:
    """Return a path as messages show it: a local one without ``file://``."""
    return "/" + path.removeprefix("file:").lstrip("/") if path.startswith("file:") else path


def _jvm(spark: "SparkSession") -> Any:
    return spark._jvm
