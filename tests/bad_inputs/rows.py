"""300 rows that nothing is wrong with, and how to write them down in other ways."""

import csv
import gzip
import io
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
WHOLE = {"id", "age", "balance", "day", "duration", "campaign", "pdays", "previous"}
DROPPED = ("day", "month")

Row = dict[str, str]

with (ROOT / "data/01_raw/bank.csv").open(newline="") as sample:
    # Two of them are in default: too few for every split to leave both values to train on.
    ROWS: list[Row] = [
        row | {"default": "no" if number % 10 else "yes"}
        for row, number in zip(csv.DictReader(sample), range(300), strict=False)
    ]
NAMES = tuple(ROWS[0])


def text(rows: Iterable[Row] = ROWS, names: Sequence[str] = NAMES, **form: Any) -> str:
    """Write rows as CSV text, with `csv.writer`'s settings."""
    lines = io.StringIO()
    writer = csv.writer(lines, **({"lineterminator": "\n"} | form))
    writer.writerow(names)
    writer.writerows([row.get(name, "x") for name in names] for row in rows)
    return lines.getvalue()


def put(column: str, value: str, rows: Iterable[int] = (2,)) -> list[Row]:
    """Put a value into some rows, counted from 1."""
    chosen = set(rows)
    return [
        row | {column: value} if number in chosen else row for number, row in enumerate(ROWS, 1)
    ]


def fill(column: str, value: str) -> list[Row]:
    """Put a value into all rows."""
    return put(column, value, range(1, len(ROWS) + 1))


def padded(column: str, before: str, after: str, rows: Sequence[Row] = ROWS) -> list[Row]:
    """Put blanks around a column's value in the first three rows."""
    changed = [row | {column: before + row[column] + after} for row in rows[:3]]
    return [*changed, *rows[3:]]


def balanced(number: int) -> list[Row]:
    """Take rows of both classes in turn, alike in every category."""
    words = {name: ROWS[0][name] for name in NAMES if name not in WHOLE}
    return [ROWS[place] | words | {"deposit": ("no", "yes")[place % 2]} for place in range(number)]


def meant(rows: Iterable[Row]) -> list[tuple[Any, ...]]:
    """Return the clean rows that these raw rows mean, by their id."""
    kept = [name for name in NAMES if name not in DROPPED]
    return sorted(
        tuple(int(row[name]) if name in WHOLE else row[name] for name in kept) for row in rows
    )


def write(path: Path, content: str | bytes | dict[str, str | bytes] | None) -> Path:
    """Write a file, or a folder of files; None: nothing. A name in .gz is packed."""
    if content is None:
        return path
    if isinstance(content, dict):
        path.mkdir(parents=True)
        for name, part in content.items():
            write(path / name, part)
        return path
    path.parent.mkdir(parents=True, exist_ok=True)
    data = content.encode() if isinstance(content, str) else content
    packs = path.suffix == ".gz" and isinstance(content, str)
    path.write_bytes(gzip.compress(data) if packs else data)
    return path
