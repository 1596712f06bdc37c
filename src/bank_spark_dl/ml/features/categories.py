"""Encode categories, and refuse rows with unseen ones."""

import json
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
from bank_spark_dl.ml.features.embedding import INDEX, embedding_stages, indexes_categories
from bank_spark_dl.ml.features.inputs import VALUE, inner_name, raw_name
from bank_spark_dl.ml.features.sql_stages import ANY_ROW
from bank_spark_dl.parameters import FeatureOptions


def category_stages(
    rows: DataFrame,
    names: Sequence[str],
    options: FeatureOptions,
    frequent: Mapping[str, Sequence[str]] | None = None,
) -> tuple[list[Any], list[str]]:
    """Make the stages that encode columns, and name what is to be assembled.

    Args:
        rows: Train rows, their columns copied by the inputs' stage.
        names: Raw names of the categorical columns.
        options: The encoding, and what later happens to categories that the rows do not hold.
        frequent: The categories to encode, by raw name; all others are taken for unseen ones. None:
            all that the rows hold.

    Raises:
        InputDataError: A column has one category and no place for others, or too many categories.
    """
    if not names:
        return [], []
    inputs = [inner_name(VALUE, name) for name in names]
    outputs = [inner_name(INDEX, name) for name in names]
    strict = options.unseen_categories == "error"
    if frequent is None:
        unfitted = StringIndexer(
            inputCols=inputs, outputCols=outputs, handleInvalid=options.unseen_categories
        )
        indexer = unfitted.fit(rows)
    else:
        indexer = _indexer_of(rows, [frequent[name] for name in names])
        indexer.setInputCols(inputs).setOutputCols(outputs)
        indexer.setHandleInvalid(options.unseen_categories)
    if strict:
        _refuse_constants(names, indexer)
    if options.categories.encoding == "embedding":
        return embedding_stages(indexer, names, strict=strict)
    vectors = [inner_name("onehot", name) for name in names]
    return [indexer, OneHotEncoder(inputCols=indexer.getOutputCols(), outputCols=vectors)], vectors


def _indexer_of(rows: DataFrame, labels: Sequence[Sequence[str]]) -> StringIndexerModel:
    """Make an indexer of known categories.

    PySpark's own from_arrays_of_labels fills all lists with nulls to the length of the longest, and
    asks the JVM once for each category.
    """
    java: Any = rows.sparkSession.sparkContext._jvm
    lists = java.java.lang.Class.forName("[[Ljava.lang.String;")
    read = java.com.fasterxml.jackson.databind.ObjectMapper().readValue(json.dumps(labels), lists)
    model: Any = StringIndexerModel
    indexer: StringIndexerModel = model._create_from_java_class(
        "org.apache.spark.ml.feature.StringIndexerModel", read
    )
    return indexer


def _refuse_constants(names: Sequence[str], indexer: StringIndexerModel) -> None:
    """Refuse columns of one category, where no other one has a place."""
    constant = [
        f"{name} ({labels[0]!r})"
        for name, labels in zip(names, indexer.labelsArray, strict=True)
        if len(labels) == 1
    ]
    if constant:
        raise InputDataError(
            "Columns with only one value in the train rows carry no information: "
            f"{', '.join(constant)}. Add them to data.columns.drop, take them out of "
            "data.columns.categorical, or set features.unseen_categories to keep."
        )


def known_categories(stages: Iterable[Any]) -> dict[str, list[str]]:
    """Return the categories that fitted stages know, by raw column."""
    return {
        raw_name(name): list(labels)
        for stage in stages
        if indexes_categories(stage)
        for name, labels in zip(stage.getInputCols(), stage.labelsArray, strict=True)
    }


def precedes_inputs(stage: object) -> bool:
    """Tell the stages that derive columns from the one that refuses unseen categories itself."""
    refuses = isinstance(stage, SQLTransformer) and ANY_ROW in str(stage.getStatement())
    return not refuses and not indexes_categories(stage)
