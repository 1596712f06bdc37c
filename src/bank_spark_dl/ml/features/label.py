"""Check the label, and turn it into `label_index`: the index of its class, or the number itself."""

from collections.abc import Collection, Mapping
from typing import Any, Final

from pyspark.ml import PipelineModel
from pyspark.ml.feature import SQLTransformer, StringIndexerModel
from pyspark.sql import Column, DataFrame, Row
from pyspark.sql import functions as sf
from pyspark.sql.types import DataType, IntegralType, NumericType

from bank_spark_dl.errors import InputDataError
from bank_spark_dl.ml.column_names import LABEL_INDEX, carried_name
from bank_spark_dl.ml.features.sql_stages import add_columns
from bank_spark_dl.ml.target import MOST_CLASSES, Target, holds_numbers
from bank_spark_dl.parameters import DataOptions
from bank_spark_dl.spark.sql import quoted, sql_name

LABEL: Final = "__label"
_SHOWN: Final = 5
_NUMBER: Final = "a number"
_YES: Final = frozenset({"yes", "y", "true", "t", "1"})
_TRUTH: Final = {"false": "0", "true": "1"}
_CORRECT: Final = "Correct the label, or name another column in data.columns.label."


def positive_value(classes: Collection[str], positive: str) -> str:
    """Return the class that counts as positive.

    Args:
        classes: The label's values as text.
        positive: The positive class by parameter. Numbers are compared by value: "1" is 1.0. For
            a label of 0 and 1, or of false and true, "yes", "y", "true" and "t", in upper or lower
            case, mean 1 or true.

    Raises:
        InputDataError: The positive class is not among the classes.
    """
    if positive in classes:
        return positive
    numbers = {_number(value): value for value in classes}
    wanted = _number(positive)
    if numbers.keys() == {0.0, 1.0} and positive.strip().lower() in _YES:
        wanted = 1.0
    if wanted is not None and wanted in numbers:
        return numbers[wanted]
    raise InputDataError(
        f"The positive class {positive!r} is not among the label's values "
        f"{', '.join(repr(value) for value in sorted(classes)[:_SHOWN])}. "
        "Set data.columns.positive to one of them."
    )


def check_label(frame: DataFrame, column: str, data: DataOptions, source: str) -> Target:
    """Check that the label fits `data.task` and has no gaps, in one Spark action.

    Args:
        frame: Rows with the label.
        column: The label's name in them.
        data: Names the label, its positive class and the task.
        source: Where the rows are from, for messages.

    Returns:
        The task, and the classes as the data write them.

    Raises:
        InputDataError: There are gaps, or values or a number of classes that the task does not fit.
    """
    numbers = holds_numbers(frame, column, data.task)
    found = class_figures(frame, label_value(frame, column, numbers))
    counts = {row["value"]: row["count"] for row in found}
    return find_target(counts, frame.schema[column].dataType, data, source, numbers)


def label_value(frame: DataFrame, column: str, numbers: bool) -> Column:
    """Return what rows are counted by: the class as text, or whether there is a finite number."""
    value, text = sf.col(quoted(column)), sf.col(quoted(column)).cast("string")
    if not numbers or not isinstance(frame.schema[column].dataType, NumericType):
        return text
    return sf.when(sf.abs(value.cast("double")) < float("inf"), _NUMBER).otherwise(text)


def class_figures(frame: DataFrame, value: Column, *figures: Column) -> list[Row]:
    """Compute figures by class, in one Spark action.

    Args:
        frame: Rows with the label.
        value: See label_value.
        *figures: Aggregates.

    Returns:
        A row for each class, with its `value`, the `count` of its rows, and the figures: that
        without a label first, then the largest ones; at most two more than MOST_CLASSES.
    """
    classes = frame.groupBy(value.alias("value")).agg(sf.count(sf.lit(1)).alias("count"), *figures)
    largest = classes.orderBy(sf.col("value").isNotNull(), sf.desc("count"))
    return largest.limit(MOST_CLASSES + 2).collect()


def find_target(
    counts: Mapping[str | None, int],
    kind: DataType,
    data: DataOptions,
    source: str,
    numbers: bool,
) -> Target:
    """Decide what is predicted; see check_label.

    Args:
        counts: Rows by the label's value; see label_value.
        kind: The label's type.
        data: Names the label, its positive class and the task.
        source: Where the rows are from.
        numbers: Whether it is a number to predict.
    """
    label = data.columns.label
    about = f"{source}: the label '{label}'"
    counts = dict(counts)
    if nulls := counts.pop(None, 0):
        raise InputDataError(f"{about} is empty in {nulls} rows. Fill it, or remove these rows.")
    if numbers:
        _check_numbers(counts, kind, about)
        return Target(label, "regression")
    classes = sorted(value for value in counts if value is not None)
    named = data.columns.positive is not None
    if data.task == "binary" or (data.task == "auto" and (named or len(classes) == 2)):
        return Target(label, "binary", _two_classes(classes, counts, data, source))
    if data.task == "auto" and isinstance(kind, IntegralType) and len(classes) > 2:
        raise InputDataError(
            f"{about} holds whole numbers with more than two values, which may be classes or "
            "amounts: set data.task to multiclass or to regression."
        )
    _check_classes(classes, counts, data, about)
    return Target(label, "multiclass", tuple(classes))


def _check_numbers(counts: Mapping[str | None, int], kind: DataType, about: str) -> None:
    if not isinstance(kind, NumericType):
        raise InputDataError(
            f"{about} is of the type {kind.simpleString()}, and data.task is regression, which "
            "needs numbers: set data.task to auto, or name another column in data.columns.label."
        )
    if not counts:
        raise InputDataError(f"{about} has no rows. {_CORRECT}")
    if others := {value: rows for value, rows in counts.items() if value != _NUMBER}:
        value, rows = next(iter(others.items()))
        raise InputDataError(
            f"{about} is {value} in {rows} rows, and only finite numbers can be predicted. "
            "Correct it, or remove these rows."
        )


def _two_classes(
    classes: list[str], counts: dict[str | None, int], data: DataOptions, source: str
) -> tuple[str, str]:
    """Return the negative and the positive class."""
    label, positive = data.columns.label, data.columns.positive
    if len(classes) != 2:
        raise InputDataError(
            f"{source}: the label '{label}' must have two classes, but has {_described(counts)}. "
            f"{_CORRECT} If there are more classes, set data.task to multiclass."
        )
    if positive is None:
        raise InputDataError(
            f"{source}: the label '{label}' has two classes, {_described(counts)}, and "
            "data.columns.positive is null. Name there the class whose probability is predicted."
        )
    try:
        chosen = positive_value(classes, positive)
    except InputDataError as error:
        raise InputDataError(f"{source}, column '{label}': {error}") from error
    return classes[1 - classes.index(chosen)], chosen


def _check_classes(
    classes: list[str], counts: dict[str | None, int], data: DataOptions, about: str
) -> None:
    if len(classes) > MOST_CLASSES:
        raise InputDataError(
            f"{about} has more than {MOST_CLASSES:,} classes, which are too many. {_CORRECT}"
        )
    fewest = 2 if data.task == "auto" else 3
    if len(classes) < fewest:
        wanted = "two classes or more" if fewest == 2 else "more than two classes (data.task)"
        raise InputDataError(
            f"{about} must have {wanted}, but has {_described(counts)}. {_CORRECT}"
        )


def label_stages(target: Target) -> list[Any]:
    """Make the stages that turn the label into `label_index`, a double.

    Args:
        target: A class gets its place among the classes; a number stays what it is.
    """
    column = sql_name(carried_name(target.column))
    if not target.classes:
        return [add_columns({LABEL_INDEX: f"CAST({column} AS DOUBLE)"})]
    indexer = StringIndexerModel.from_labels(
        list(target.classes), inputCol=LABEL, outputCol=LABEL_INDEX, handleInvalid="error"
    )
    return [add_columns({LABEL: f"CAST({column} AS STRING)"}), indexer]


def without_label(model: PipelineModel) -> PipelineModel:
    """Return the feature stages without the label's, for rows that have no label."""
    return PipelineModel([stage for stage in model.stages if not _reads_label(stage)])


def _reads_label(stage: Any) -> bool:
    if isinstance(stage, SQLTransformer):
        ends = (f"AS {quoted(name)} FROM" for name in (LABEL, LABEL_INDEX))
        return any(end in str(stage.getStatement()) for end in ends)
    return isinstance(stage, StringIndexerModel) and stage.getOutputCol() == LABEL_INDEX


def _described(counts: Mapping[str | None, int]) -> str:
    shown = [f"{value!r} ({rows} rows)" for value, rows in counts.items()][:_SHOWN]
    if len(counts) > _SHOWN:
        return f"more than {_SHOWN}: {', '.join(shown)}, ..."
    return f"{len(counts)}: {', '.join(shown)}" if counts else "no rows"


def _number(text: str) -> float | None:
    """Read a number, or false and true as 0 and 1."""
    try:
        return float(_TRUTH.get(text.strip().lower(), text))
    except ValueError:
        return None
