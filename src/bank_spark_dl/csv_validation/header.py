"""Parse and check the header line of a CSV file, without a Spark job."""

import codecs
import csv
import io
from collections import Counter
from collections.abc import Collection
from difflib import get_close_matches

from bank_spark_dl.csv_validation.file_formats import foreign_format
from bank_spark_dl.csv_validation.options import CSVOptions
from bank_spark_dl.errors import InputDataError

_SEPARATORS = {",": "','", ";": "';'", "\t": "a tab ('\\t')", "|": "'|'"}
# Names hold these too: they are separators only where they divide a header into declared columns.
_RARE_SEPARATORS = {sep: repr(sep) for sep in ":^~\x01\x1f"} | {" ": "a space (' ')"}
_ALL_SEPARATORS = _SEPARATORS | _RARE_SEPARATORS
_MOST_LINES = 20  # that a title and notes above the header may take
_LONGEST_LINE = 40  # that a message shows


def read_header(
    source: str,
    head: bytes,
    declared: list[str],
    ignored: Collection[str],
    optional: Collection[str],
    options: CSVOptions,
) -> tuple[str, ...]:
    """Take the column names from a file's first bytes, and check them.

    Args:
        source: The file's name, for messages.
        head: The first bytes; the header line must be complete in them.
        declared: The columns that it must have.
        ignored: Those that it may have besides.
        optional: Those of the declared ones that it may lack.
        options: Separator, quote and encoding of the file.

    Returns:
        The names, as they are declared where they differ by blanks around them.

    Raises:
        InputDataError: The file is no CSV file, or its header is not as declared.
    """
    try:
        names = as_declared(parse_header(source, head, options), [*declared, *ignored])
        _check_first_line(source, head, names, {*declared, *ignored}, options)
        _check_separator(source, names, declared, options.sep)
        check_names(source, names, declared, ignored, optional)
    except InputDataError as error:
        raise foreign_format(source, head) or error from None
    return names


def as_declared(names: Collection[str], known: Collection[str]) -> tuple[str, ...]:
    """Return names of columns as they are declared: blanks around them do not count."""
    by_text = {name.strip(): name for name in known}
    return tuple(by_text.get(name.strip(), name) for name in names)


def parse_header(source: str, head: bytes, options: CSVOptions) -> tuple[str, ...]:
    """Return the column names; raise InputDataError if there is no header line in the encoding."""
    text = head.decode(options.encoding, errors="replace").removeprefix("\ufeff").lstrip("\r\n")
    if not text.strip():
        raise InputDataError(f"{source} is empty. Replace it by a whole copy.")
    reader = csv.reader(
        io.StringIO(text, newline=""),
        delimiter=options.sep,
        quotechar=options.quote,
        skipinitialspace=options.skips_blanks,
    )
    try:
        names = tuple(next(reader))
        if options.ends_trimmed:
            names = tuple(name.rstrip() for name in names)
    except csv.Error as error:
        raise InputDataError(
            f"{source}: its header line cannot be read ({error}). Replace it by a whole copy."
        ) from error
    utf16 = head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    if utf16 or any("\ufffd" in name or "\0" in name for name in names):
        raise InputDataError(
            f"{source} is not {options.encoding} text: its header line cannot be decoded. "
            "Save the file as UTF-8, or set encoding in load_args."
        )
    return names


def check_names(
    source: str,
    names: tuple[str, ...],
    declared: list[str],
    ignored: Collection[str],
    optional: Collection[str],
    subject: str = "the header does",
) -> None:
    """Refuse columns that are not the declared ones, in whatever order.

    Args:
        source: The file's name, for the message.
        names: Those of its columns.
        declared: The columns that it must have.
        ignored: Those that it may have besides.
        optional: Those of the declared ones that it may lack.
        subject: Begins the message.

    Raises:
        InputDataError: Columns are missing, unknown or doubled.
    """
    missing = [name for name in declared if name not in names]
    unknown = [name for name in names if name not in declared and name not in ignored]
    doubled = [name for name, times in Counter(names).items() if times > 1]
    meant = {name: _closest(name, missing) for name in unknown}
    lost = [name for name in missing if name not in {*meant.values(), *optional}]
    problems = [
        f"{title}: {', '.join(entries[:5])}{', ...' if len(entries) > 5 else ''}."
        for title, entries in (
            ("Missing", [f"'{name}'" for name in lost]),
            ("Not declared", [_unknown(name, meant[name]) for name in meant]),
            ("More than once", [f"'{name}'" for name in doubled]),
        )
        if entries
    ]
    if problems:
        advice = "Rename, add or remove these columns in the file, or change the schema."
        if ignored and (lost or meant):  # so it is for rows to score
            advice += " What scoring does not need can be listed under ignored in load_args."
        raise InputDataError(
            f"{source}: {subject} not fit the declared schema. {' '.join(problems)} {advice}"
        )


def _check_first_line(
    source: str, head: bytes, names: tuple[str, ...], known: set[str], options: CSVOptions
) -> None:
    """Refuse a file in which something stands above the header."""
    if known.intersection(names):
        return
    lines = head.decode(options.encoding, errors="replace").lstrip("\ufeff\r\n").splitlines()
    if any(_columns_by_separator(lines[0], known).values()):
        return
    for number, line in enumerate(lines[1:_MOST_LINES], start=2):
        if max(_columns_by_separator(line, known).values()) > len(known) / 2:
            raise InputDataError(
                f"{source}: the header must be the first line, and it is line {number}, below "
                f"{lines[0][:_LONGEST_LINE]!r}. Remove what stands above it."
            )


def _columns_by_separator(line: str, known: Collection[str]) -> dict[str, int]:
    """Return how many of the known columns a line names, by the separator that it is split at."""
    bare = {name.strip() for name in known}
    return {sep: len({*_split(line, sep)} & bare) for sep in _ALL_SEPARATORS}


def _split(line: str, sep: str) -> list[str]:
    try:
        fields = next(csv.reader([line], delimiter=sep, skipinitialspace=True), [])
        return [field.strip() for field in fields]
    except csv.Error:
        return []


def _check_separator(source: str, names: tuple[str, ...], declared: list[str], sep: str) -> None:
    other = _better_separator(names, declared, sep)
    if other is None and len(names) == 1 < len(declared):
        other = next((one for one in _SEPARATORS if one != sep and one in names[0]), None)
    if other is None:
        return
    used, written = _ALL_SEPARATORS.get(sep, repr(sep)), _ALL_SEPARATORS[other]
    what = (
        "is one single column that holds" if len(names) == 1 else "names more columns if split at"
    )
    raise InputDataError(
        f"{source}: the header {what} {written}: the separator is not {used}. Set sep to {written} "
        "in load_args."
    )


def _better_separator(names: tuple[str, ...], declared: list[str], sep: str) -> str | None:
    """Return the separator that divides a header into more declared columns than its own does."""
    found = _columns_by_separator(sep.join(names), declared)
    found[" "] *= found[" "] > 1  # a space may stand in any name
    best = max(found, key=lambda other: found[other])
    return best if found[best] > len({*declared} & {*names}) else None


def _closest(name: str, missing: list[str]) -> str | None:
    folded = {candidate.casefold(): candidate for candidate in missing}
    close = get_close_matches(name.strip().casefold(), folded, n=1)
    return folded[close[0]] if close else None


def _unknown(name: str, meant: str | None) -> str:
    return f"'{name}' (did you mean '{meant}'?)" if meant else f"'{name}'"
