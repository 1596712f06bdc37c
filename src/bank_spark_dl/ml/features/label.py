"""Check the label's two classes, and turn them into 0 (negative) and 1 (positive)."""

from collections.abc import Collection, Mapping
from typing import Any, Final

from pyspark.ml import PipelineModel
from pyspark.ml.feature import SQLTransformer, StringIndexerModel
from pyspark.sql import Column, DataFrame, Row
from pyspark.sql import functions as sf

from bank_spark_dl.errors import InputDataError
from bank_spark_dl.ml.column_names import LABEL_INDEX, carried_name
from bank_spark_dl.ml.features.sql_stages import add_columns
from bank_spark_dl.spark.sql import quoted, sql_name

LABEL: Final = "__label"
_MOST_CLASSES = 5
_YES = frozenset({"yes", "y", "true", "t", "1"})
_TRUTH = {"false": "0", "true": "1"}


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
        f"{', '.join(repr(value) for value in sorted(classes)[:_MOST_CLASSES])}. "
        "Set data.columns.positive to one of them."
    )


def check_label(frame: DataFrame, label: str, positive: str, source: str) -> tuple[str, str]:
    """Check that the label has two classes and no gaps, in one Spark action.

    Args:
        frame: Rows with the label, of whatever type: it is read as text.
        label: Name of the label's column.
        positive: The positive class by parameter; see ``positive_value``.
        source: Where the rows are from, for messages.

    Returns:
        The negative and the positive class as the data write them.

    Raises:
        InputDataError: There are nulls, more or fewer than two classes, or the positive class is
            not one of them.
    """
    counts = {row["value"]: row["count"] for row in class_figures(frame, label)}
    return check_classes(counts, label, positive, source)


def class_figures(frame: DataFrame, label: str, *figures: Column) -> list[Row]:
    """Compute figures by class, in one Spark action.

    Args:
        frame: Rows with the label.
        label: Name of the label's column.
        *figures: Aggregates.

    Returns:
        A row for each class, with its `value` as text, the `count` of its rows, and the figures:
        that without a label first, then the largest ones; seven in all.
    """
    value = sf.col(quoted(label)).cast("string").alias("value")
    classes = frame.groupBy(value).agg(sf.count(sf.lit(1)).alias("count"), *figures)
    largest = classes.orderBy(sf.col("value").isNotNull(), sf.desc("count"))
    return largest.limit(_MOST_CLASSES + 2).collect()


def check_classes(
    counts: Mapping[str | None, int], label: str, positive: str, source: str
) -> tuple[str, str]:
    """Check that there are two classes and no gaps; see check_label.

    Args:
        counts: Rows by class.
        label: Name of the label's column.
        positive: The positive class by parameter.
        source: Where the rows are from.
    """
    counts = dict(counts)
    if nulls := counts.pop(None, 0):
        raise InputDataError(
            f"{source}: the label '{label}' is empty in {nulls} rows. "
            "Fill it, or remove these rows."
        )
    classes = sorted(value for value in counts if value is not None)
    if len(classes) != 2:
        raise InputDataError(
            f"{source}: the label '{label}' must have two classes, but has {_described(counts)}. "
            "Correct the label, or name another column in data.columns.label."
        )
    try:
        chosen = positive_value(classes, positive)
    except InputDataError as error:
        raise InputDataError(f"{source}, column '{label}': {error}") from error
    return classes[1 - classes.index(chosen)], chosen


def label_stages(label: str, negative: str, positive: str) -> list[Any]:
    """Make the stages that turn the label into 0.0 (negative) and 1.0 (positive).

    Args:
        label: Raw name of a column of any type, taken as text.
        negative: The class that becomes 0.0.
        positive: The class that becomes 1.0.
    """
    indexer = StringIndexerModel.from_labels(
        [negative, positive], inputCol=LABEL, outputCol=LABEL_INDEX, handleInvalid="error"
    )
    return [add_columns({LABEL: f"CAST({sql_name(carried_name(label))} AS STRING)"}), indexer]


def without_label(model: PipelineModel) -> PipelineModel:
    """Return the feature stages without the label's, for rows that have no label."""
    return PipelineModel([stage for stage in model.stages if not _reads_label(stage)])


def _reads_label(stage: Any) -> bool:
    if isinstance(stage, SQLTransformer):
        return f"AS {quoted(LABEL)} FROM" in str(stage.getStatement())
    return isinstance(stage, StringIndexerModel) and stage.getOutputCol() == LABEL_INDEX


def _described(counts: dict[str | None, int]) -> str:
    shown = [f"{value!r} ({rows} rows)" for value, rows in counts.items()][:_MOST_CLASSES]
    if len(counts) > _MOST_CLASSES:
        return f"more than {_MOST_CLASSES}: {', '.join(shown)}, ..."
    return f"{len(counts)}: {', '.join(shown)}" if counts else "no rows"


def _number(text: str) -> float | None:
    """Read a number, or false and true as 0 and 1."""
    try:
        return float(_TRUTH.get(text.strip().lower(), text))
    except ValueError:
        return None
