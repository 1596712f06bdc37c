"""Find out how a CSV file is written: its encoding, separator, quote and column names."""

import csv
import io
from collections import Counter
from typing import NamedTuple

from bank_spark_dl.errors import InputDataError

SEPARATORS = (",", ";", "\t", "|")
QUOTES = ('"', "'")
FALLBACK = "ISO-8859-1"
"""The encoding, of those that Spark reads, in which every byte has a meaning."""
_CONSISTENT = 0.9
"""Share of the rows that must have as many fields as the header."""


class CSVForm(NamedTuple):
    """How a file is written.

    Attributes:
        names: Its columns, without whitespace around them.
        sep: The separator.
        quote: The quote character.
        encoding: Its name in Java.
        blanks: Whether blanks follow separators.
    """

    names: tuple[str, ...]
    sep: str
    quote: str
    encoding: str
    blanks: bool


def find_form(source: str, start: bytes) -> CSVForm:
    """Find out the form of a CSV file from its first bytes.

    Args:
        source: The file's name, for messages.
        start: Its first bytes; more than a line.

    Raises:
        InputDataError: The file has one column only, or its first line is no header.
    """
    encoding, text = _decode(start)
    lines = text.removeprefix("\ufeff").lstrip("\r\n")
    forms = [(sep, quote) for sep in SEPARATORS for quote in QUOTES]
    sep, quote = max(forms, key=lambda form: (_fields(lines, *form), _quoted(lines, *form)))
    if _fields(lines, sep, quote) < 2:
        raise InputDataError(
            f"{source}: no separator divides its lines into columns. Tried were a comma, a "
            "semicolon, a tab and '|'. A table needs a label and at least one other column."
        )
    first, *rows = _rows(lines, sep, quote)
    names = tuple(name.strip() for name in first)
    _check_header(source, names, rows)
    return CSVForm(names, sep, quote, encoding, sep + " " in lines)


def is_number(text: str) -> bool:
    """Tell whether a text is a number, with a point or a comma."""
    try:
        float(text.strip().replace(",", "."))
    except ValueError:
        return False
    return True


def _decode(start: bytes) -> tuple[str, str]:
    """Return the encoding and the text up to the last whole line."""
    whole = start.rpartition(b"\n")[0] or start
    try:
        return "UTF-8", whole.decode("utf-8")
    except UnicodeDecodeError:
        return FALLBACK, whole.decode(FALLBACK, errors="replace")


def _rows(lines: str, sep: str, quote: str) -> list[list[str]]:
    reader = csv.reader(
        io.StringIO(lines, newline=""), delimiter=sep, quotechar=quote, skipinitialspace=True
    )
    try:
        return [row for row in reader if row]
    except csv.Error:
        return []


def _fields(lines: str, sep: str, quote: str) -> int:
    """Return the fields of a row if the separator divides nearly all rows alike, else 0."""
    counts = [len(row) for row in _rows(lines, sep, quote)]
    alike = counts.count(counts[0]) if counts else 0
    return counts[0] if counts and alike >= _CONSISTENT * len(counts) else 0


def _quoted(lines: str, sep: str, quote: str) -> int:
    """Return how many fields begin and end with a quote character."""
    fields = (field.strip() for line in lines.splitlines() for field in line.split(sep))
    return sum(len(f) > 1 and f.startswith(quote) and f.endswith(quote) for f in fields)


def _check_header(source: str, names: tuple[str, ...], rows: list[list[str]]) -> None:
    if not all(names):
        place = names.index("") + 1
        raise InputDataError(
            f"{source}: column {place} has no name in the header. Give it one, or remove it."
        )
    first = rows[0] if rows else []
    if any(is_number(name) and is_number(one) for name, one in zip(names, first, strict=False)):
        raise InputDataError(
            f"{source}: its first line holds values instead of column names. Add a header line."
        )
    doubled = [name for name, times in Counter(names).items() if times > 1]
    if doubled:
        raise InputDataError(
            f"{source}: the header names {', '.join(map(repr, doubled))} more than once. Give each "
            "column a name of its own."
        )
