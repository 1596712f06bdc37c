"""Quote names and texts for Spark SQL, and find names in it."""

import re
from collections.abc import Mapping
from typing import Final

_NAMES: Final = re.compile(
    r"""
    \binterval(?:\s+[-+]?\s*(?:[\d.]+|'[^']*'|"[^"]*")\s*[a-z]+(?:\s+to\s+[a-z]+)?)+\b
    |\b(?:extract\s*\(\s*\w+\s+from|timestamp(?:add|diff)\s*\(\s*\w+\s*,|as\s+\w+)
    |'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"
    |`(?P<quoted>(?:[^`]|``)+)`
    |(?P<plain>(?!\d+\b)\w+)(?!\w*\s*[('"])
    """,
    re.IGNORECASE | re.VERBOSE,
)
"""Intervals, units of time and types; texts; names in backticks; and words that are no function and
stand before no text, as `date` in date '2026-01-01'."""


def quoted(name: str) -> str:
    """Quote a column's name, dots and backticks included."""
    return "`" + name.replace("`", "``") + "`"


def sql_name(name: str) -> str:
    """Write a column's name for SQL text, also where SQLTransformer would replace a part of it."""
    if "${" in name or "__" in name:
        return f"IDENTIFIER({literal(quoted(name))})"
    return quoted(name)


def literal(text: str) -> str:
    """Write a text so that Spark SQL takes it as one."""
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    # SQLTransformer replaces __THIS__ and ${...} in its statement, wherever they stand.
    escaped = escaped.replace("_", "\\u005F").replace("$", "\\u0024")
    return f"'{escaped}'"


def names_in(expression: str) -> set[str]:
    """Return every name in an expression that may be a column's; texts and functions are none."""
    found = _NAMES.finditer(expression)
    return {(name["quoted"] or name["plain"] or "").replace("``", "`") for name in found} - {""}


def names_read(derived: Mapping[str, str]) -> set[str]:
    """Return the names that expressions read, but for columns that those before them make."""
    made: set[str] = set()
    read: set[str] = set()
    for name, expression in derived.items():
        read |= names_in(expression) - made
        made.add(name)
    return read
