"""Refuse rows that fitted stages cannot take, all columns at once."""

from collections.abc import Collection, Mapping, Sequence
from itertools import takewhile
from typing import Any

from pyspark.ml import PipelineModel
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from bank_spark_dl.errors import InputDataError
from bank_spark_dl.ml.column_names import carried_name
from bank_spark_dl.ml.features.categories import known_categories, precedes_inputs
from bank_spark_dl.ml.features.columns import FeatureColumns
from bank_spark_dl.ml.features.embedding import (
    embedding_indexer,
    indexes_categories,
    table_sizes,
)
from bank_spark_dl.ml.features.inputs import raw_name
from bank_spark_dl.ml.features.missing import MISSING_CATEGORY, missing_sentence
from bank_spark_dl.ml.features.sql_stages import add_source, apply_stages
from bank_spark_dl.ml.features.train_facts import TrainFacts, counted_inputs, is_missing
from bank_spark_dl.parameters import FeatureOptions
from bank_spark_dl.spark.sql import quoted


def check_new_rows(
    rows: DataFrame,
    model: PipelineModel,
    options: FeatureOptions,
    source: str,
    inputs: FeatureColumns | None = None,
) -> None:
    """Refuse missing values, and categories that the train rows do not hold.

    One Spark job looks for both; none where neither is an error. Where categories are embedded, a
    second one looks for unseen ones if no value is missing.

    Args:
        rows: Rows that are about to be transformed.
        model: The fitted feature stages.
        options: Says which of the two are errors.
        source: What the rows are, for the message.
        inputs: The inputs, to count missing values; None: only categories are checked.

    Raises:
        InputDataError: There are such values: names all columns with missing values and their
            numbers of rows, and all columns with unseen categories and at most five of each.
    """
    strict = options.unseen_categories == "error"
    embedded = strict and embedding_indexer(model.stages) is not None
    known = known_categories(model.stages) if strict and not embedded else {}
    gaps = counted_inputs(inputs) if inputs and options.missing == "error" else []
    if known or gaps:
        derived = apply_stages(
            add_source(rows, F.lit(source)), takewhile(precedes_inputs, model.stages)
        )
        missing = [F.count_if(is_missing(derived, name)) for name in gaps]
        found = derived.agg(*missing, *map(_first_values, _unlisted(known, gaps))).head() or ()
        counts = {name: count for name, count in zip(gaps, found, strict=False) if count}
        sentences = [_unseen_sentence(dict(zip(known, found[len(gaps) :], strict=True)), source)]
        if inputs:
            facts, unseen = TrainFacts(0, counts), options.unseen_categories
            sentences.insert(0, missing_sentence(inputs, facts, unseen, source))
        _refuse(*sentences)
    if embedded:
        indexed, texts = _unindexed(add_source(rows, F.lit(source)), model.stages)
        found = indexed.agg(*map(_first_values, texts.values())).head() or ()
        _refuse(_unseen_sentence(dict(zip(texts, found, strict=True)), source))


def _unlisted(known: Mapping[str, Sequence[str]], gaps: Collection[str]) -> list[Column]:
    """Return for each raw column its text where it is no known category, and not missing.

    Args:
        known: The categories.
        gaps: Columns whose missing values are counted.
    """
    texts = {name: F.col(quoted(carried_name(name))).cast("string") for name in known}
    taken = {  # an empty text is a missing one
        name: [*labels, ""] if MISSING_CATEGORY in labels or name in gaps else labels
        for name, labels in known.items()
    }
    return [F.when(~text.isin(taken[name]), text) for name, text in texts.items()]


def _unindexed(rows: DataFrame, stages: Sequence[Any]) -> tuple[DataFrame, dict[str, Column]]:
    """Return rows, and for each raw column its text where its index is that of unseen ones."""
    place = next(n for n, stage in enumerate(stages) if indexes_categories(stage))
    rows, indexer = apply_stages(rows, stages[: place + 1]), stages[place]
    names = zip(indexer.getInputCols(), indexer.getOutputCols(), strict=True)
    return rows, {
        raw_name(text): F.when(F.col(quoted(index)) == size - 1, F.col(quoted(text)))
        for (text, index), size in zip(names, table_sizes(indexer), strict=True)
    }


def _first_values(text: Column) -> Column:
    """Return at most five of its values, in alphabetical order."""
    return F.slice(F.sort_array(F.collect_set(text)), 1, 5)


def _unseen_sentence(found: Mapping[str, Sequence[str]], source: str) -> str | None:
    unseen = {name: values for name, values in found.items() if values}
    if not unseen:
        return None
    listed = "; ".join(f"{name}: {', '.join(map(repr, values))}" for name, values in unseen.items())
    return (
        f"{source} hold categories that the train rows do not ({listed}). Train on rows that hold "
        "them, or set features.unseen_categories to keep."
    )


def _refuse(*sentences: str | None) -> None:
    if said := " ".join(filter(None, sentences)):
        raise InputDataError(said)
