"""Files that begin well and cannot be read to their end."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import unquote

from py4j.protocol import Py4JJavaError
from pyspark.errors import PySparkException

from bank_spark_dl.csv_validation.files import shown
from bank_spark_dl.errors import InputDataError

_GONE = r"\.FILE_NOT_EXIST"  # not damage: see failures.py
_FAILED = re.compile(
    rf"\[FAILED_READ_FILE(?!{_GONE})[^]]*\] Encountered error while reading file (.+?)\.\s"
)
_OPENED = re.compile(r"Unescaped quote character.*?record=(\d+)", re.DOTALL)


@contextmanager
def damage_named() -> Iterator[None]:
    """Say which file is damaged where Spark fails to read one: a packed file that was cut off, say.

    Raises:
        InputDataError: Spark could not read a file to its end.
    """
    try:
        yield
    except (Py4JJavaError, PySparkException) as error:
        file = damaged_file(error)
        if file is None:
            raise
        raise damage(file, error) from error


def damaged_file(error: BaseException) -> str | None:
    """Return the file that Spark says it could not read; None if that is not the error."""
    failed = _FAILED.search(str(error))
    return None if failed is None else unquote(failed.group(1))


def damage(file: str, error: BaseException) -> InputDataError:
    """Return the error that names a damaged file and, where Spark knows it, the row."""
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
