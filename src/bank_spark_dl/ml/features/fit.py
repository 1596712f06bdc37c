"""Fit all feature stages: raw columns in, a vector of features and the label's index out.

The path of a row: the label becomes an index or a number (label.py); derived columns and counts are
added (derived.py); dates become numbers (dates.py); missing values are filled (missing.py) and rare
categories found (frequent_categories.py); each input is copied under a safe name and checked
(inputs.py); categories become one-hot inputs or indices (categories.py, embedding.py); numbers are
standardized where they are skewed (scaled_columns.py), or all encoded piecewise-linearly
(piecewise_linear.py); everything is assembled in one vector (stages.py). The fitted stages are
applied by vectors.py, and for scoring by compiled.py.
"""

import logging
from dataclasses import replace
from typing import Final, NamedTuple

from pyspark.ml import PipelineModel
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from bank_spark_dl.ml.column_names import carried_name
from bank_spark_dl.ml.features.columns import FeatureColumns, choose_columns, describe
from bank_spark_dl.ml.features.constant_parts import without_constant_parts
from bank_spark_dl.ml.features.dates import date_numbers, date_types
from bank_spark_dl.ml.features.derived import fit_derived
from bank_spark_dl.ml.features.frequent_categories import keep_frequent
from bank_spark_dl.ml.features.inputs import InputValues, plain_values
from bank_spark_dl.ml.features.label import find_target, label_stages
from bank_spark_dl.ml.features.leakage import inputs_available
from bank_spark_dl.ml.features.missing import (
    empty_as_null,
    filled_values,
    refuse_missing,
    without_empty,
)
from bank_spark_dl.ml.features.scaled_columns import ScaledColumns, choose_scaled_columns
from bank_spark_dl.ml.features.sql_stages import add_source, apply_stages
from bank_spark_dl.ml.features.stages import fit_stages
from bank_spark_dl.ml.features.train_facts import TrainFacts, count_train_rows
from bank_spark_dl.ml.target import Target, holds_numbers
from bank_spark_dl.parameters import DataOptions, FeatureOptions
from bank_spark_dl.spark.adaptive_execution import one_job_per_action

logger = logging.getLogger(__name__)

TRAIN_ROWS: Final = "The train rows"


class FittedFeatures(NamedTuple):
    """What is learnt from the train rows about features.

    Attributes:
        input_columns: The columns that become inputs, and why others do not.
        scaled_columns: Which numeric inputs are standardized, and why; no column if they are
            encoded piecewise-linearly.
        model: Raw columns to `features` (vector) and `label_index` (double). It takes every row for
            a new one; make_vectors knows the rows that it was fitted on.
    """

    input_columns: FeatureColumns
    scaled_columns: ScaledColumns
    model: PipelineModel
    target: Target


def fit_feature_model(
    rows: DataFrame, data: DataOptions, features: FeatureOptions
) -> FittedFeatures:
    """Choose the inputs and fit all feature stages.

    Args:
        rows: Clean train rows, and no others: what they teach is applied to all others.
        data: Names the columns, or `auto`, the task and the label's positive class.
        features: What is derived, and settings of the stages.

    Raises:
        InputDataError: The train rows hold one class only, missing values where these are an error,
            or no value of a listed number; or a categorical column has a single value and no input
            for unseen ones.
        ParameterError: A configured column is not there, or cannot be derived.
    """
    label = carried_name(data.columns.label)
    clean, rows = rows, add_source(rows, F.lit(TRAIN_ROWS))
    derived = fit_derived(rows.drop(label), features, [label])  # a row to score has no label
    same_period = inputs_available("same_period", clean, data, features)
    labelled = apply_stages(rows, derived, fitted=True)
    rows = labelled.drop(label)
    inputs = choose_columns(rows, data, features.missing, features.dates)
    with one_job_per_action(rows.sparkSession):
        is_number = holds_numbers(clean, label, data.task)
        counts, facts = count_train_rows(labelled, label, inputs, is_number)
    target = find_target(counts, clean.schema[label].dataType, data, "the train rows", is_number)
    inputs, values = _input_values(rows, inputs, facts, data, features)
    skewed = {} if features.piecewise_linear else values.numbers
    numbers = rows.select(*(F.expr(sql).alias(carried_name(name)) for name, sql in skewed.items()))
    scaled = choose_scaled_columns(numbers, list(skewed), features.skew)
    inputs, values, scaled = without_constant_parts(inputs, values, scaled)
    _log(inputs, scaled)
    encoded = fit_stages(rows, values, scaled, features)
    stages = [*label_stages(target), *derived, *encoded]
    inputs = replace(inputs, same_period=tuple(same_period))
    return FittedFeatures(inputs, scaled, PipelineModel(stages), target)


def _input_values(
    rows: DataFrame,
    inputs: FeatureColumns,
    facts: TrainFacts,
    data: DataOptions,
    features: FeatureOptions,
) -> tuple[FeatureColumns, InputValues]:
    """Return the inputs that have values, and these values in SQL."""
    inputs = without_empty(inputs, facts, data.columns)
    dates = date_numbers(date_types(rows, inputs.dates), features.dates, facts.newest)
    values = empty_as_null(plain_values(inputs, dates), facts)
    if features.missing == "error":
        refuse_missing(inputs, facts, features.unseen_categories, TRAIN_ROWS)
    else:
        values = filled_values(rows, inputs, values, facts, features)
    return keep_frequent(rows, inputs, values, data.columns, features.categories)


def _log(inputs: FeatureColumns, scaled: ScaledColumns) -> None:
    logger.info("Inputs: %s", ", ".join([*inputs.categorical, *inputs.numeric]))
    logger.info("Left out: %s", describe(inputs.left_out))
    names = ", ".join(scaled.standardized) or "none"
    logger.info("Standardized (%s): %s", scaled.statistic, names)
