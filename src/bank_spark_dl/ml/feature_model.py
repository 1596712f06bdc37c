"""From clean train rows to fitted feature stages, as the parameters say."""

import logging
from collections.abc import Mapping
from typing import Any

from pyspark.ml import PipelineModel
from pyspark.sql import DataFrame

from bank_spark_dl.ml.columns import choose_columns
from bank_spark_dl.ml.derived import apply_stages, fit_derived
from bank_spark_dl.ml.features import find_skewed, fit_features, index_label
from bank_spark_dl.params import DataOptions, FeatureOptions
from bank_spark_dl.schemas import check_label

logger = logging.getLogger(__name__)


def choose_scaled_columns(
    rows: DataFrame, data: DataOptions, features: FeatureOptions
) -> dict[str, Any]:
    """Decide from the train rows which numeric columns are standardized.

    Args:
        rows: Train rows.
        data: Names the numeric columns, or `auto`.
        features: The statistic and its bounds.

    Returns:
        The statistic, its bounds, and for each column its value and whether it is standardized; no
        column if numeric columns are encoded piecewise-linearly.
    """
    if features.piecewise_linear is not None:
        return find_skewed(rows, [], features.skew)
    wider = apply_stages(rows, fit_derived(rows.drop(data.columns.label), features))
    scaled = find_skewed(wider, choose_columns(wider, data.columns).numeric, features.skew)
    chosen = [name for name, entry in scaled["columns"].items() if entry["standardized"]]
    logger.info("Standardized (%s): %s", features.skew.statistic, ", ".join(chosen) or "none")
    return scaled


def fit_feature_model(
    rows: DataFrame, scaled_columns: Mapping[str, Any], data: DataOptions, features: FeatureOptions
) -> PipelineModel:
    """Fit all feature stages on the train rows.

    Args:
        rows: Train rows.
        scaled_columns: The answer of choose_scaled_columns.
        data: Columns and the label's positive class.
        features: Settings of the stages.

    Returns:
        One PipelineModel: raw columns to `features` and `label_index`.

    Raises:
        InputDataError: The train rows hold one class only.
        ParameterError: A configured column is not there, or cannot be derived.
    """
    label = data.columns.label
    negative, positive = check_label(rows, label, data.columns.positive, "the train rows")
    derived = fit_derived(rows.drop(label), features)  # a row to score has no label
    wider = apply_stages(rows, derived)
    return fit_features(
        wider,
        choose_columns(wider, data.columns),
        scaled_columns,
        features,
        [index_label(label, negative, positive), *derived],
    )
