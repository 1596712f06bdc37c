"""Name files that Spark cannot read to their end."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import unquote

from py4j.protocol import Py4JJavaError
from pyspark.errors import PySparkException

from bank_spark_dl.errors import InputDataError
from bank_spark_dl.spark.hadoop_fs import shown

_GONE = r"\.FILE_NOT_EXIST"  # no corrupt file: see messages/failures.py
_FAILED = re.compile(
    rf"\[FAILED_READ_FILE(?!{_GONE})[^]]*\] Encountered error while reading file (.+?)\.\s"
)
_OPENED = re.compile(r"Unescaped quote character.*?record=(\d+)", re.DOTALL)


@contextmanager
def corrupt_files_named() -> Iterator[None]:
    """Name the file where Spark fails to read one, such as a truncated compressed file.

    Raises:
        InputDataError: Spark could not read a file to its end.
    """
    try:
        yield
    except (Py4JJavaError, PySparkException) as error:
        file = corrupt_file(error)
        if file is None:
            raise
        raise corrupt_file_error(file, error) from error


def corrupt_file(error: BaseException) -> str | None:
    """Return the file that Spark says it could not read; None if that is not the error."""
    failed = _FAILED.search(str(error))
    return None if failed is None else unquote(failed.group(1))


def corrupt_file_error(file: str, error: BaseException) -> InputDataError:
    """Return the error that names a corrupt file and, where Spark knows it, the row."""
    if opened := _OPENED.search(str(error)):
        return InputDataError(
            f"{shown(file)}: in row {opened.group(1)} a quote opens a field that goes on over "
            "several lines to another quote, which neither closes it nor is doubled. Close the "
            "field or remove the quote."
        )
    return InputDataError(
        f"{shown(file)} cannot be read to its end: it is cut off or damaged. Replace it by a whole "
        "copy."
    )
