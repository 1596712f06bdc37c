"""Names under which raw columns are carried, so that none meets a column of this project's own.

The datasets promise columns such as `row_id` and `features`. A raw column that is called so, or
begins with two underscores as helper columns do, is carried as `raw_<name>`; so is a raw column
that is itself called `raw_features`, say: no two raw columns are carried under one name.
"""

from typing import Final

ROW_ID: Final = "row_id"
LABEL_INDEX: Final = "label_index"
FEATURES: Final = "features"

RESERVED: Final = frozenset(
    {ROW_ID, FEATURES, LABEL_INDEX, "rawPrediction", "probability", "prediction"}
)
PREFIX: Final = "raw_"


def carried_name(name: str) -> str:
    """Return the name under which a raw column is carried from the clean rows on."""
    return PREFIX + name if _is_reserved(_stem(name)) else name


def shown_name(name: str) -> str:
    """Return the raw name of a carried column, for people."""
    return name.removeprefix(PREFIX) if _is_reserved(_stem(name)) else name


def _stem(name: str) -> str:
    while name.startswith(PREFIX):
        name = name.removeprefix(PREFIX)
    return name


def _is_reserved(name: str) -> bool:
    return name in RESERVED or name.startswith("__")
