"""Fit the feature stages on clean train rows, as the parameters say."""

import logging
from collections.abc import Mapping
from typing import Any

from pyspark.ml import PipelineModel
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from bank_spark_dl.ml.column_names import carried_name
from bank_spark_dl.ml.features.columns import FeatureColumns, choose_columns, describe
from bank_spark_dl.ml.features.derived import apply_stages, fit_derived, with_column_types
from bank_spark_dl.ml.features.label import check_label
from bank_spark_dl.ml.features.sql_stages import add_source
from bank_spark_dl.ml.features.stages import find_skewed, fit_features, index_label
from bank_spark_dl.parameters import DataOptions, FeatureOptions
from bank_spark_dl.spark.adaptive_execution import one_job_per_action

logger = logging.getLogger(__name__)

TRAIN_ROWS = "The train rows"


def choose_inputs(rows: DataFrame, data: DataOptions, features: FeatureOptions) -> dict[str, Any]:
    """Decide from the train rows which columns become inputs, and say why others do not.

    Args:
        rows: Train rows.
        data: Names the columns, or `auto`.
        features: What is derived.

    Returns:
        `categorical` and `numeric`, names in the order of the inputs; and `left_out`, by every
        other column but the id and the label the reason. Raw names.

    Raises:
        ParameterError: A configured column is not there, or cannot be derived.
    """
    chosen = _inputs(rows, data, features)
    logger.info("Inputs: %s", ", ".join([*chosen["categorical"], *chosen["numeric"]]))
    logger.info("Left out: %s", describe(chosen["left_out"]))
    return chosen


def choose_scaled_columns(
    rows: DataFrame,
    data: DataOptions,
    features: FeatureOptions,
    input_columns: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Decide from the train rows which numeric columns are standardized.

    Args:
        rows: Train rows.
        data: Names the columns.
        features: The statistic and its bounds.
        input_columns: The answer of choose_inputs; None: chosen here.

    Returns:
        The statistic, its bounds, and for each column its value and whether it is standardized; no
        column if numeric columns are encoded piecewise-linearly.
    """
    if features.piecewise_linear is not None:
        return find_skewed(rows, [], features.skew)
    numeric = (input_columns or _inputs(rows, data, features))["numeric"]
    wider = apply_stages(*_derived(rows, data, features), fitted=True)
    scaled = find_skewed(wider, numeric, features.skew)
    chosen = [name for name, entry in scaled["columns"].items() if entry["standardized"]]
    logger.info("Standardized (%s): %s", features.skew.statistic, ", ".join(chosen) or "none")
    return scaled


def fit_feature_model(
    rows: DataFrame,
    scaled_columns: Mapping[str, Any],
    data: DataOptions,
    features: FeatureOptions,
    input_columns: Mapping[str, Any] | None = None,
) -> PipelineModel:
    """Fit all feature stages on the train rows.

    Args:
        rows: Train rows.
        scaled_columns: The answer of choose_scaled_columns.
        data: Columns and the label's positive class.
        features: Settings of the stages.
        input_columns: The answer of choose_inputs; None: chosen here.

    Returns:
        One PipelineModel: raw columns to `features` and `label_index`. It takes every row for a new
        one; make_vectors knows the rows that it was fitted on.

    Raises:
        InputDataError: The train rows hold one class only.
        ParameterError: A configured column is not there, or cannot be derived.
    """
    columns = data.columns
    with one_job_per_action(rows.sparkSession):
        classes = check_label(rows, carried_name(columns.label), columns.positive, "the train rows")
    chosen = input_columns or _inputs(rows, data, features)
    sourced, derived = _derived(rows, data, features)
    return fit_features(
        apply_stages(sourced, derived, fitted=True),
        FeatureColumns.from_dict(chosen),
        scaled_columns,
        features,
        [*index_label(columns.label, *classes), *derived],
    )


def fit_stages(rows: DataFrame, data: DataOptions, features: FeatureOptions) -> PipelineModel:
    """Choose columns and fit all feature stages; see choose_inputs and fit_feature_model."""
    chosen = _inputs(rows, data, features)
    scaled = choose_scaled_columns(rows, data, features, chosen)
    return fit_feature_model(rows, scaled, data, features, chosen)


def _inputs(rows: DataFrame, data: DataOptions, features: FeatureOptions) -> dict[str, Any]:
    label = carried_name(data.columns.label)
    wider = with_column_types(add_source(rows, F.lit(TRAIN_ROWS)), features, label)
    chosen = choose_columns(wider, data.columns)
    late = {name for name, known in data.availability.items() if known == "after_call"}
    left_out = {
        name: f"{reason}; known only after the call" if name in late else reason
        for name, reason in chosen.left_out.items()
    }
    return chosen.to_dict() | {"left_out": left_out}


def _derived(
    rows: DataFrame, data: DataOptions, features: FeatureOptions
) -> tuple[DataFrame, list[Any]]:
    """Return the rows, ready to be derived from, and the stages; a row to score has no label."""
    sourced, label = add_source(rows, F.lit(TRAIN_ROWS)), carried_name(data.columns.label)
    return sourced, fit_derived(sourced.drop(label), features, [label])
