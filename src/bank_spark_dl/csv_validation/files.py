"""Find CSV files and read their first bytes, on every file system that Spark reads."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from py4j.protocol import Py4JJavaError
from pyspark.sql import SparkSession

from bank_spark_dl.csv_validation.file_formats import is_text
from bank_spark_dl.errors import InputDataError
from bank_spark_dl.spark.hadoop_fs import files_below, locate, opened, shown
from bank_spark_dl.spark.web_addresses import refuse_web

_HEAD_BYTES = 4 * 1024  # at a time: Py4J sends more than 8 KiB of text in two parts, 40 ms apart
_LONGEST_HEADER = 256  # times as much


class Source(NamedTuple):
    """The data files of a path.

    Attributes:
        roots: What Spark may be given to list the files itself.
        files: Their paths, sorted.
    """

    roots: list[str]
    files: list[str]


def find_files(spark: SparkSession, filepath: str) -> Source:
    """Find the data files of a path: a file, a folder with its subfolders, or a pattern.

    Files and folders whose name begins with ``_`` or ``.`` are left out, and so are files
    without a byte beside others that have some: Spark writes both.

    Raises:
        InputDataError: Nothing is there, it may not be read, or it is empty.
    """
    roots, sizes = _listing(spark, filepath)
    if not roots:
        raise InputDataError(f"{shown(filepath)} does not exist. Correct the path.")
    if not sizes:
        raise InputDataError(f"{shown(filepath)} holds no file. Put the data files there.")
    if odd := next((path for path in sizes if ":" in path.rpartition("/")[2]), None):
        raise InputDataError(
            f"{shown(odd)}: Spark reads no file with a colon in its name. Give it another name."
        )
    if not any(sizes.values()):
        raise InputDataError(f"{shown(filepath)} is empty. Replace it by a whole copy.")
    return Source(roots, sorted(path for path, size in sizes.items() if size))


def first_file(spark: SparkSession, folder: str) -> str | None:
    """Return the first data file of a folder and its subfolders that is not empty, by its name.

    Returns:
        None if there is none yet.

    Raises:
        InputDataError: The folder does not exist or may not be read.
    """
    roots, sizes = _listing(spark, folder)
    if not roots:
        raise InputDataError(
            f"{shown(folder)} does not exist. Make the folder, or correct the path."
        )
    return min((path for path, size in sizes.items() if size), default=None)


def read_heads(spark: SparkSession, paths: list[str], least: int = 0) -> Iterator[bytes]:
    """Read the first bytes of files, each with its first filled line, but no more than 1 MiB.

    The bytes are decompressed if the file's name says that it is compressed.

    Args:
        spark: A classic session.
        paths: The files.
        least: How many bytes to read of a file that has so many.

    Raises:
        InputDataError: A file may not be read, cannot be decompressed, or is not compressed.
    """
    jvm: Any = spark._jvm
    configuration = spark._jsc.hadoopConfiguration()
    codecs = jvm.org.apache.hadoop.io.compress.CompressionCodecFactory(configuration)
    for path in paths:
        codec = codecs.getCodec(locate(spark, path)[1])
        try:
            with opened(spark, path) as stream:
                if codec:
                    _require_compressed(path, stream)
                yield _head(codec.createInputStream(stream) if codec else stream, least)
        except Py4JJavaError as error:
            raise _unreadable(path, error) from error


def _listing(spark: SparkSession, filepath: str) -> tuple[list[str], dict[str, int]]:
    """Return the paths that a path or pattern stands for, and the bytes of each file in them."""
    refuse_web(filepath)
    sizes: dict[str, int] = {}
    try:
        system, location = locate(spark, filepath)
        if system.exists(location):
            roots = [system.makeQualified(location)]
        else:
            roots = [status.getPath() for status in system.globStatus(location) or []]
        for root in roots:
            for status in files_below(system, root):
                path = status.getPath().toString()
                below = path.removeprefix(root.toString())
                if not any(part.startswith(("_", ".")) for part in below.split("/")):
                    sizes[path] = status.getLen()
    except Py4JJavaError as error:
        raise _unreadable(filepath, error) from error
    return [root.toString() for root in roots], sizes


def _require_compressed(path: str, stream: Any) -> None:
    """Raise InputDataError if a file whose name says that it is compressed begins with text."""
    if is_text(bytes(stream.readNBytes(_HEAD_BYTES))):
        plain, _, ending = shown(path).rpartition(".")
        raise InputDataError(
            f"{shown(path)}: its name says that it is compressed, and its content is plain text. "
            f"Rename it to {plain.rpartition('/')[2]}, without .{ending}."
        )
    stream.seek(0)


def _head(stream: Any, least: int) -> bytes:
    head = b""
    for _ in range(_LONGEST_HEADER):
        head += (more := bytes(stream.readNBytes(_HEAD_BYTES)))
        if not more or (len(head) >= least and b"\n" in head.lstrip()):
            break
    return head


def _unreadable(path: str, error: Py4JJavaError) -> InputDataError:
    reason = str(error.java_exception.getMessage())
    if "denied" in reason.lower():
        return InputDataError(
            f"{shown(path)} may not be read: permission denied. "
            "Give the user who runs this the right to read it."
        )
    return InputDataError(f"{shown(path)} cannot be read: {reason}. Check the path and the file.")
