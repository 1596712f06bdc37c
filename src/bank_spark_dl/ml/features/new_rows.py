"""Refuse rows that fitted stages cannot take, all columns at once."""

from collections.abc import Mapping, Sequence
from itertools import takewhile

from pyspark.ml import PipelineModel
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from bank_spark_dl.errors import InputDataError
from bank_spark_dl.ml.column_names import carried_name
from bank_spark_dl.ml.features.categories import known_categories, precedes_inputs
from bank_spark_dl.ml.features.columns import FeatureColumns
from bank_spark_dl.ml.features.missing import MISSING_CATEGORY, refuse_missing
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
    """Refuse missing values, and categories that the train rows do not hold, in one Spark job.

    Args:
        rows: Rows that are about to be transformed.
        model: The fitted feature stages.
        options: Says which of the two are errors; no job runs if neither is.
        source: What the rows are, for the message.
        inputs: The inputs, to count missing values; None: only categories are checked.

    Raises:
        InputDataError: There are missing values: names all columns with their numbers of rows. Or
            there are unseen categories: names the columns and at most five values each.
    """
    known = known_categories(model.stages) if options.unseen_categories == "error" else {}
    gaps = counted_inputs(inputs) if inputs and options.missing == "error" else []
    if not (known or gaps):
        return
    derived = takewhile(precedes_inputs, model.stages)
    rows = apply_stages(add_source(rows, F.lit(source)), derived)
    missing = [F.count_if(is_missing(rows, name)) for name in gaps]
    found = rows.agg(*missing, *_unseen_values(known)).head() or ()
    counts = {name: count for name, count in zip(gaps, found, strict=False) if count}
    if inputs and counts:
        refuse_missing(inputs, TrainFacts(0, counts), options.unseen_categories, source)
    _refuse_unseen(dict(zip(known, found[len(gaps) :], strict=True)), source)


def _unseen_values(known: Mapping[str, Sequence[str]]) -> list[Column]:
    """Return for each column at most five values that are not known, in alphabetical order."""
    texts = {name: F.col(quoted(carried_name(name))).cast("string") for name in known}
    taken = {  # an empty text is a missing one
        name: [*labels, ""] if MISSING_CATEGORY in labels else labels
        for name, labels in known.items()
    }
    return [
        F.slice(F.sort_array(F.collect_set(F.when(~text.isin(taken[name]), text))), 1, 5)
        for name, text in texts.items()
    ]


def _refuse_unseen(found: Mapping[str, Sequence[str]], source: str) -> None:
    unseen = {name: values for name, values in found.items() if values}
    if unseen:
        listed = "; ".join(
            f"{name}: {', '.join(map(repr, values))}" for name, values in unseen.items()
        )
        raise InputDataError(
            f"{source} hold categories that the train rows do not ({listed}). Train on rows that "
            "hold them, or set features.unseen_categories to keep."
        )
