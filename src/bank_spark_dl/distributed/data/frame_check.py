"""Check the columns of a frame before training."""

from itertools import combinations

from pyspark.errors import AnalysisException
from pyspark.sql import DataFrame
from pyspark.sql.types import BooleanType, DataType, NumericType, StringType

from bank_spark_dl.distributed.data.frame_columns import features_field, only_field, require_width
from bank_spark_dl.distributed.data.partitioning import TrainingColumns, row_hash
from bank_spark_dl.errors import ParameterError


def check_frame(frame: DataFrame, columns: TrainingColumns, inputs: int) -> None:
    """Refuse a frame that cannot be trained on, as far as its schema tells.

    Args:
        frame: Rows to train on.
        columns: Names of their columns.
        inputs: Numbers that the network takes.

    Raises:
        ParameterError: A column is missing, ambiguous, of the wrong type, or used twice; or its
            features are more or fewer than the network takes.
    """
    if frame.isStreaming:
        raise ParameterError(
            "A network cannot be trained on a stream: fit a DataFrame that is not streaming."
        )
    parts = {
        "featuresCol": features_field(frame, columns.features),
        "labelCol": only_field(frame, columns.label, "labelCol"),
        "rowIdCol": only_field(frame, columns.row_id, "rowIdCol"),
    }
    if columns.validation is not None:
        field = only_field(frame, columns.validation, "validationIndicatorCol")
        parts["validationIndicatorCol"] = field
    if columns.weight is not None:
        parts["weightCol"] = only_field(frame, columns.weight, "weightCol")
    if columns.row_id == columns.features:
        del parts["rowIdCol"]
    for (part, field), (other, same) in combinations(parts.items(), 2):
        if field.name == same.name:
            raise ParameterError(f"{part} and {other} are both {field.name!r}: name a column once.")
    _check_label(columns.label, parts["labelCol"].dataType)
    if columns.validation is not None:
        _check_mark(columns.validation, parts["validationIndicatorCol"].dataType)
    if columns.weight is not None:
        _check_weight(columns.weight, parts["weightCol"].dataType)
    try:
        frame.select(row_hash(columns.row_id, 0))
    except AnalysisException as error:
        kind = only_field(frame, columns.row_id, "rowIdCol").dataType.simpleString()
        raise ParameterError(
            f"rowIdCol is {columns.row_id!r}, a column of {kind}, which Spark cannot hash: name a "
            "column of text or numbers that differ from row to row."
        ) from error
    require_width(parts["featuresCol"], inputs)


def _check_label(name: str, kind: DataType) -> None:
    if isinstance(kind, NumericType | BooleanType):
        return
    advice = "index it with a StringIndexer" if isinstance(kind, StringType) else "make it numbers"
    raise ParameterError(
        f"labelCol is {name!r}, a column of {kind.simpleString()}, and labels are numbers (classes "
        f"0, 1, ...): {advice} first."
    )


def _check_weight(name: str, kind: DataType) -> None:
    if not isinstance(kind, NumericType):
        raise ParameterError(
            f"weightCol is {name!r}, a column of {kind.simpleString()}, and weights are numbers: "
            "name another column."
        )


def _check_mark(name: str, kind: DataType) -> None:
    if not isinstance(kind, BooleanType):
        raise ParameterError(
            f"validationIndicatorCol is {name!r}, a column of {kind.simpleString()}, and marks are "
            "true or false: make it boolean first."
        )
