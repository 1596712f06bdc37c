"""One-hot encode categories, and refuse rows with unseen ones."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pyspark.ml.feature import (
    OneHotEncoder,
    SQLTransformer,
    StringIndexer,
    StringIndexerModel,
)
from pyspark.sql import DataFrame

from bank_spark_dl.errors import InputDataError
from bank_spark_dl.ml.features.inputs import VALUE, inner_name, raw_name
from bank_spark_dl.ml.features.sql_stages import ANY_ROW


def category_stages(
    rows: DataFrame,
    names: Sequence[str],
    unseen: str,
    frequent: Mapping[str, Sequence[str]] | None = None,
) -> tuple[list[Any], list[str]]:
    """Make the stages that one-hot encode columns, and name what is to be assembled.

    Args:
        rows: Train rows, their columns copied by the inputs' stage.
        names: Raw names of the categorical columns.
        unseen: What later happens to categories that the rows do not hold: `error` or `keep`.
        frequent: The categories to encode, by raw name; all others are taken for unseen ones. None:
            all that the rows hold.

    Raises:
        InputDataError: The encoder would fail: a column has one category and no place for others.
    """
    if not names:
        return [], []
    inputs = [inner_name(VALUE, name) for name in names]
    outputs = [inner_name("index", name) for name in names]
    if frequent is None:
        unfitted = StringIndexer(inputCols=inputs, outputCols=outputs, handleInvalid=unseen)
        indexer = unfitted.fit(rows)
    else:
        indexer = _indexer_of(rows, [frequent[name] for name in names])
        indexer.setInputCols(inputs).setOutputCols(outputs).setHandleInvalid(unseen)
    constant = [
        f"{name} ({labels[0]!r})"
        for name, labels in zip(names, indexer.labelsArray, strict=True)
        if len(labels) == 1 and unseen == "error"
    ]
    if constant:
        raise InputDataError(
            "Columns with only one value in the train rows carry no information: "
            f"{', '.join(constant)}. Add them to data.columns.drop, take them out of "
            "data.columns.categorical, or set features.unseen_categories to keep."
        )
    vectors = [inner_name("onehot", name) for name in names]
    return [indexer, OneHotEncoder(inputCols=indexer.getOutputCols(), outputCols=vectors)], vectors


def _indexer_of(rows: DataFrame, labels: Sequence[Sequence[str]]) -> StringIndexerModel:
    """Make an indexer of known categories.

    PySpark's own from_arrays_of_labels fills all lists with nulls to the length of the longest.
    """
    gateway: Any = rows.sparkSession.sparkContext._gateway
    model: Any = StringIndexerModel
    text = gateway.jvm.java.lang.String
    lists = gateway.new_array(text, len(labels), 0)
    for place, part in enumerate(labels):
        lists[place] = model._new_java_array(list(part), text)
    indexer: StringIndexerModel = model._create_from_java_class(
        "org.apache.spark.ml.feature.StringIndexerModel", lists
    )
    return indexer


def known_categories(stages: Iterable[Any]) -> dict[str, list[str]]:
    """Return the categories that fitted stages know, by raw column."""
    return {
        raw_name(name): list(labels)
        for stage in stages
        if _indexes_categories(stage)
        for name, labels in zip(stage.getInputCols(), stage.labelsArray, strict=True)
    }


def _indexes_categories(stage: object) -> bool:
    return isinstance(stage, StringIndexerModel) and bool(stage.isSet("inputCols"))


def precedes_inputs(stage: object) -> bool:
    """Tell the stages that derive columns from the one that refuses unseen categories itself."""
    refuses = isinstance(stage, SQLTransformer) and ANY_ROW in str(stage.getStatement())
    return not refuses and not _indexes_categories(stage)
