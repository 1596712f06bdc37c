"""Find columns by name as Spark does, or say why there is no such column.

The session's settings decide whether names differ by case.
"""

from collections.abc import Sequence
from difflib import get_close_matches

from pyspark.ml.linalg import VectorUDT
from pyspark.sql import DataFrame
from pyspark.sql.types import ArrayType, NumericType, StructField

from bank_spark_dl.errors import ParameterError

_SHOWN = 10
"""Number of columns that a message lists at most."""


def fields_named(frame: DataFrame, name: str) -> list[StructField]:
    """Return the columns of a frame that a name matches in this session."""
    exact = str(frame.sparkSession.conf.get("spark.sql.caseSensitive")).lower() == "true"
    return [
        field
        for field in frame.schema.fields
        if field.name == name or (not exact and field.name.lower() == name.lower())
    ]


def free_name(frame: DataFrame, name: str) -> str:
    """Return a name that no column of a frame has; it begins with the one given."""
    while fields_named(frame, name):
        name += "_"
    return name


def only_field(frame: DataFrame, name: str, parameter: str) -> StructField:
    """Return the one column of a name.

    Args:
        frame: Has the column.
        name: Its name.
        parameter: Where the name comes from, for the message.

    Raises:
        ParameterError: There is none, or more than one.
    """
    found = fields_named(frame, name)
    if not found:
        raise ParameterError(
            f"{parameter} is {name!r}, but the rows have no such column{_known(frame, name)}"
        )
    if len(found) > 1:
        same = ", ".join(repr(field.name) for field in found)
        raise ParameterError(
            f"{parameter} is {name!r}, which matches {len(found)} columns of the rows "
            f"({same}): rename or drop all but one of them."
        )
    return found[0]


def features_field(frame: DataFrame, name: str) -> StructField:
    """Return the column of features.

    Raises:
        ParameterError: It is missing, ambiguous or neither a vector nor an array of numbers.
    """
    field = only_field(frame, name, "featuresCol")
    kind = field.dataType
    numbers = isinstance(kind, ArrayType) and isinstance(kind.elementType, NumericType)
    if not numbers and not isinstance(kind, VectorUDT):
        raise ParameterError(
            f"featuresCol is {name!r}, a column of {kind.simpleString()}: the network takes a "
            "vector or an array of numbers. Put columns together with a VectorAssembler."
        )
    return field


def feature_names(field: StructField) -> list[str]:
    """Return the names of a vector's numbers from Spark ML's metadata; empty if one is unknown."""
    noted = field.metadata.get("ml_attr", {})
    known = [attribute for kind in noted.get("attrs", {}).values() for attribute in kind]
    names = {attribute["idx"]: attribute.get("name", "") for attribute in known}
    size = noted.get("num_attrs", len(names))
    return [names[place] for place in range(size)] if set(names) == set(range(size)) else []


def require_width(field: StructField, num_features: int) -> None:
    """Raise ParameterError if Spark ML's metadata has another number of features."""
    width = field.metadata.get("ml_attr", {}).get("num_attrs", num_features)
    if width != num_features:
        raise ParameterError(
            f"The column {field.name!r} holds {width} numbers in each row, but the network takes "
            f"{num_features}: name other features in featuresCol, or train a network that begins "
            f"with keras.Input(({width},))."
        )


def require_free_names(frame: DataFrame, outputs: Sequence[tuple[str, str]]) -> None:
    """Raise ParameterError if a new column has the name of another one.

    Args:
        frame: Rows that get the new columns.
        outputs: For each new column the parameter that names it, and its name.
    """
    for position, (parameter, name) in enumerate(outputs):
        for other, taken in outputs[:position]:
            if taken == name:
                raise ParameterError(f"{other} and {parameter} are both {name!r}: rename one.")
        for field in fields_named(frame, name):
            raise ParameterError(
                f"The rows have a column {field.name!r} already: drop it, or set {parameter}, "
                f"which is {name!r}, to another name."
            )


def _known(frame: DataFrame, name: str) -> str:
    close = get_close_matches(name, frame.columns, n=1)
    if close:
        return f": did you mean {close[0]!r}?"
    shown = ", ".join(map(repr, frame.columns[:_SHOWN]))
    return f"; they have {shown}{' and more' if len(frame.columns) > _SHOWN else ''}."
