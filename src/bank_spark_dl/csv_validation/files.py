"""Finding files and reading their first bytes through Hadoop: any file system Spark can read."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from py4j.protocol import Py4JJavaError
from pyspark.sql import SparkSession

from bank_spark_dl.csv_validation.file_formats import is_text
from bank_spark_dl.errors import InputDataError
from bank_spark_dl.spark.web_addresses import refuse_web

_HEAD_BYTES = 4 * 1024  # at a time: Py4J sends more than 8 KiB of text in two parts, 40 ms apart
_LONGEST_HEADER = 256  # times as much


@dataclass(frozen=True)
class Source:
    """The data files of a path.

    Attributes:
        roots: What Spark may be given to list the files itself.
        sizes: Bytes of each file, in the order of their paths.
    """

    roots: list[str]
    sizes: dict[str, int]

    @property
    def files(self) -> list[str]:
        """Paths, sorted."""
        return list(self.sizes)


def find_files(spark: SparkSession, filepath: str) -> Source:
    """Find the data files of a path: a file, a folder with its subfolders, or a pattern.

    Files and folders whose name begins with ``_`` or ``.`` are left out, and so are files
    without a byte beside others that have some: Spark writes both.

    Raises:
        InputDataError: Nothing is there, it may not be read, or it is empty.
    """
    try:
        roots, sizes = _listing(spark, filepath)
    except Py4JJavaError as error:
        raise _unreadable(filepath, error) from error
    if not roots:
        raise InputDataError(f"{shown(filepath)} does not exist. Correct the path.")
    if not sizes:
        raise InputDataError(f"{shown(filepath)} holds no file. Put the CSV files there.")
    if odd := next((path for path in sizes if ":" in path.rpartition("/")[2]), None):
        raise InputDataError(
            f"{shown(odd)}: Spark reads no file with a colon in its name. Give it another name."
        )
    filled = {path: size for path, size in sorted(sizes.items()) if size}
    if not filled:
        raise InputDataError(f"{shown(filepath)} is empty. Replace it by a whole copy.")
    return Source(roots, filled)


def first_file(spark: SparkSession, folder: str) -> str | None:
    """Return the first data file of a folder and its subfolders that is not empty, by its name.

    Returns:
        None if there is none yet.

    Raises:
        InputDataError: The folder does not exist or may not be read.
    """
    try:
        roots, sizes = _listing(spark, folder)
    except Py4JJavaError as error:
        raise _unreadable(folder, error) from error
    if not roots:
        raise InputDataError(
            f"{shown(folder)} does not exist. Make the folder, or correct the path."
        )
    return min((path for path, size in sizes.items() if size), default=None)


def read_heads(spark: SparkSession, paths: list[str]) -> Iterator[bytes]:
    """Read the first bytes of files, each with its first filled line, but no more than 1 MiB.

    The bytes are unpacked if the file's name says that it is compressed.

    Raises:
        InputDataError: A file may not be read, cannot be unpacked, or is not packed at all.
    """
    hadoop = _jvm(spark).org.apache.hadoop
    configuration = _configuration(spark)
    codecs = hadoop.io.compress.CompressionCodecFactory(configuration)
    for path in paths:
        location = hadoop.fs.Path(path)
        try:
            stream = location.getFileSystem(configuration).open(location)
            try:
                codec = codecs.getCodec(location)
                if codec:
                    _refuse_plain(path, stream)
                yield _head(codec.createInputStream(stream) if codec else stream)
            finally:
                stream.close()
        except Py4JJavaError as error:
            raise _unreadable(path, error) from error


def files_below(system: Any, root: Any) -> Iterator[Any]:
    """Yield the status of each file in a folder and its subfolders, or that of a file.

    Hadoop's own `listFiles` starts a program for each local file, to ask who may read it.

    Args:
        system: Hadoop's file system.
        root: Hadoop's path.
    """
    for status in system.listStatus(root):
        if status.isDirectory():
            yield from files_below(system, status.getPath())
        else:
            yield status


def sha256_of(spark: SparkSession, path: str) -> str:
    """Hash a file's bytes, read by the driver; hex."""
    location = _jvm(spark).org.apache.hadoop.fs.Path(path)
    stream = location.getFileSystem(_configuration(spark)).open(location)
    try:
        return str(_jvm(spark).org.apache.commons.codec.digest.DigestUtils.sha256Hex(stream))
    finally:
        stream.close()


def shown(path: str) -> str:
    """Write a path as a person would: a local one without ``file://``."""
    return "/" + path.removeprefix("file:").lstrip("/") if path.startswith("file:") else path


def _listing(spark: SparkSession, filepath: str) -> tuple[list[str], dict[str, int]]:
    """Return the paths that a path or pattern stands for, and the bytes of each file in them."""
    refuse_web(filepath)
    given = _jvm(spark).org.apache.hadoop.fs.Path(filepath)
    system = given.getFileSystem(_configuration(spark))
    if system.exists(given):
        roots = [system.makeQualified(given)]
    else:
        roots = [status.getPath() for status in system.globStatus(given) or []]
    sizes: dict[str, int] = {}
    for root in roots:
        for status in files_below(system, root):
            path = status.getPath().toString()
            below = path.removeprefix(root.toString())
            if not any(part.startswith(("_", ".")) for part in below.split("/")):
                sizes[path] = status.getLen()
    return [root.toString() for root in roots], sizes


def _refuse_plain(path: str, stream: Any) -> None:
    """Raise InputDataError if a file whose name says that it is packed begins with text."""
    if is_text(bytes(stream.readNBytes(_HEAD_BYTES))):
        packed, _, ending = shown(path).rpartition(".")
        raise InputDataError(
            f"{shown(path)}: its name says that it is compressed, and its content is plain text. "
            f"Rename it to {packed.rpartition('/')[2]}, without .{ending}."
        )
    stream.seek(0)


def _head(stream: Any) -> bytes:
    head = b""
    for _ in range(_LONGEST_HEADER):
        head += (more := bytes(stream.readNBytes(_HEAD_BYTES)))
        if not more or b"\n" in head.lstrip():
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


def _jvm(spark: SparkSession) -> Any:
    return spark._jvm


def _configuration(spark: SparkSession) -> Any:
    return spark._jsc.hadoopConfiguration()
