"""Columns of a frame as Spark finds them by name, or a sentence that says why it does not.

The session decides whether names differ by case. It belongs to others: nothing is set here.
"""

from collections.abc import Sequence
from difflib import get_close_matches

from pyspark.ml.linalg import VectorUDT
from pyspark.sql import DataFrame
from pyspark.sql.types import ArrayType, NumericType, StructField

from bank_spark_dl.errors import ParameterError

_SHOWN = 10
"""Columns that a message lists at most."""


def fields_named(frame: DataFrame, name: str) -> list[StructField]:
    """Return the columns of a frame that Spark takes for a name, in this session."""
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
        ParameterError: There is none, or Spark would not know which.
    """
    found = fields_named(frame, name)
    if not found:
        raise ParameterError(
            f"{parameter} is {name!r}, but the rows have no such column{_known(frame, name)}"
        )
    if len(found) > 1:
        same = ", ".join(repr(field.name) for field in found)
        raise ParameterError(
            f"{parameter} is {name!r}, which Spark takes for {len(found)} columns of the rows "
            f"({same}): rename or drop all but one of them."
        )
    return found[0]


def features_field(frame: DataFrame, name: str) -> StructField:
    """Return the column of features.

    Raises:
        ParameterError: It is not there, not clear or of another type than vector or numbers.
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
    """Return what Spark ML has noted of the names of a vector's numbers; empty if not of all."""
    noted = field.metadata.get("ml_attr", {})
    known = [attribute for kind in noted.get("attrs", {}).values() for attribute in kind]
    names = {attribute["idx"]: attribute.get("name", "") for attribute in known}
    size = noted.get("num_attrs", len(names))
    return [names[place] for place in range(size)] if set(names) == set(range(size)) else []


def refuse_other_width(field: StructField, num_features: int) -> None:
    """Raise ParameterError if Spark ML has noted another number of features than the network's."""
    width = field.metadata.get("ml_attr", {}).get("num_attrs", num_features)
    if width != num_features:
        raise ParameterError(
            f"The column {field.name!r} holds {width} numbers, and the network takes "
            f"{num_features}: give it the features it was trained on."
        )


def refuse_taken(frame: DataFrame, outputs: Sequence[tuple[str, str]]) -> None:
    """Raise ParameterError if a column that is to be added would meet another one.

    Args:
        frame: Rows that are to get the columns.
        outputs: For each column the parameter that names it, and its name.
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
