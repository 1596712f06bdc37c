"""Encode categories, and refuse rows with unseen ones."""

import json
from collections.abc import Iterable, Mapping, Sequence
from itertools import takewhile
from typing import Any

from pyspark.ml import PipelineModel
from pyspark.ml.feature import (
    OneHotEncoder,
    SQLTransformer,
    StringIndexer,
    StringIndexerModel,
)
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from bank_spark_dl.errors import InputDataError
from bank_spark_dl.ml.column_names import carried_name
from bank_spark_dl.ml.features.embedding import (
    INDEX,
    embedding_indexer,
    embedding_stages,
    indexes_categories,
    table_sizes,
)
from bank_spark_dl.ml.features.inputs import VALUE, inner_name, raw_name
from bank_spark_dl.ml.features.missing import MISSING_CATEGORY
from bank_spark_dl.ml.features.sql_stages import ANY_ROW, add_source, apply_stages
from bank_spark_dl.parameters import FeatureOptions
from bank_spark_dl.spark.sql import quoted


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


def check_categories(rows: DataFrame, model: PipelineModel, source: str) -> None:
    """Refuse categories that the train rows do not hold, in one Spark job.

    Args:
        rows: Rows that are about to be transformed.
        model: The fitted feature stages.
        source: What the rows are, for the message.

    Raises:
        InputDataError: There are such categories; names the columns and at most five values each.
    """
    rows = add_source(rows, F.lit(source))
    indexer = embedding_indexer(model.stages)
    find = _unlisted if indexer is None else _unindexed
    rows, strange = find(rows, model.stages)
    if not strange:
        return
    unseen = rows.agg(
        *(F.slice(F.sort_array(F.collect_set(text)), 1, 5) for text in strange.values())
    ).head()
    found = {name: values for name, values in zip(strange, unseen or (), strict=True) if values}
    if found:
        listed = "; ".join(
            f"{name}: {', '.join(map(repr, values))}" for name, values in found.items()
        )
        raise InputDataError(
            f"{source} hold categories that the train rows do not ({listed}). Train on rows that "
            "hold them, or set features.unseen_categories to keep."
        )


def _unlisted(rows: DataFrame, stages: Sequence[Any]) -> tuple[DataFrame, dict[str, Column]]:
    """Return rows, and for each raw column its text where it is no listed category."""
    known = known_categories(stages)
    rows = apply_stages(rows, takewhile(_precedes_inputs, stages)) if known else rows
    texts = {name: F.col(quoted(carried_name(name))).cast("string") for name in known}
    taken = {  # an empty text is a missing one
        name: [*labels, ""] if MISSING_CATEGORY in labels else labels
        for name, labels in known.items()
    }
    return rows, {name: F.when(~text.isin(taken[name]), text) for name, text in texts.items()}


def _unindexed(rows: DataFrame, stages: Sequence[Any]) -> tuple[DataFrame, dict[str, Column]]:
    """Return rows, and for each raw column its text where its index is that of unseen ones."""
    place = next(n for n, stage in enumerate(stages) if indexes_categories(stage))
    rows, indexer = apply_stages(rows, stages[: place + 1]), stages[place]
    names = zip(indexer.getInputCols(), indexer.getOutputCols(), strict=True)
    return rows, {
        raw_name(text): F.when(F.col(quoted(index)) == size - 1, F.col(quoted(text)))
        for (text, index), size in zip(names, table_sizes(indexer), strict=True)
    }


def known_categories(stages: Iterable[Any]) -> dict[str, list[str]]:
    """Return the categories that fitted stages know, by raw column."""
    return {
        raw_name(name): list(labels)
        for stage in stages
        if indexes_categories(stage)
        for name, labels in zip(stage.getInputCols(), stage.labelsArray, strict=True)
    }


def _precedes_inputs(stage: object) -> bool:
    """Tell the stages that derive columns from the one that refuses unseen categories itself."""
    refuses = isinstance(stage, SQLTransformer) and ANY_ROW in str(stage.getStatement())
    return not refuses and not indexes_categories(stage)
