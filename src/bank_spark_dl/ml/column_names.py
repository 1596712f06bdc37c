"""Rename raw columns whose names this project uses itself.

Datasets have columns such as `row_id` and `features`; helper columns begin with two underscores. A
raw column with such a name is carried as `raw_<name>`; so is a raw column called `raw_features`,
say, so that no two raw columns get the same carried name.
"""

from typing import Final

from bank_spark_dl.csv_validation.columns import ORDER as ORDER

ROW_ID: Final = "row_id"
LABEL_INDEX: Final = "label_index"
FEATURES: Final = "features"
VALIDATION: Final = "validation"
"""Marks the train rows that are held out for validation, where the engine does not draw them."""
WEIGHT: Final = "weight"
"""The rows' weights, where `data.weight` names a column."""
HELD_OUT: Final = "__validation"
WEIGHED: Final = "__weight"
"""The same two beside the rows' own columns, until they are vectors."""

PREDICTED_CLASS: Final = "predicted_class"
"""What a scoring model of more than two classes calls the name of the predicted one."""

RESERVED: Final = frozenset(
    {
        ROW_ID,
        FEATURES,
        LABEL_INDEX,
        "rawPrediction",
        "probability",
        "prediction",
        PREDICTED_CLASS,
    }
)
PREFIX: Final = "raw_"


def carried_name(name: str) -> str:
    """Return the carried name of a raw column: its name from the clean rows on."""
    return PREFIX + name if _is_reserved(_stem(name)) else name


def shown_name(name: str) -> str:
    """Return the raw name of a carried column, for messages and reports."""
    return name.removeprefix(PREFIX) if _is_reserved(_stem(name)) else name


def _stem(name: str) -> str:
    while name.startswith(PREFIX):
        name = name.removeprefix(PREFIX)
    return name


def _is_reserved(name: str) -> bool:
    return name in RESERVED or name.startswith("__")
