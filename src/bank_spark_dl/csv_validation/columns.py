"""Names of the columns that reading adds; no column of a file can be called so."""

from typing import Final

REPLACEMENT: Final = "\ufffd"  # what bytes are decoded to that are not UTF-8: no header may hold it
MALFORMED: Final = f"{REPLACEMENT}malformed"  # text of a row with another number of fields
FILE: Final = f"{REPLACEMENT}file"
BLOCK: Final = f"{REPLACEMENT}block"  # where in the file the part begins that a task reads
ROW: Final = f"{REPLACEMENT}row"  # Spark's number of a row: ascending in a block of a file
ORDER: Final = ":order"  # the place of a row in all files, where a dataset is told to add it
PLAIN: Final = f"{REPLACEMENT}plain"  # whether a row needs no closer look


def padded(name: str) -> str:
    """Return the name of the column that says whether whitespace stood around a value."""
    return f"{REPLACEMENT}padded {name}"
