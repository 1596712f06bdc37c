"""Pure functions from rows to feature vectors."""

import logging
from typing import Any

from pyspark.ml import PipelineModel
from pyspark.sql import DataFrame

from bank_spark_dl.ml.columns import FEATURES, LABEL_INDEX, ROW_ID, choose_columns
from bank_spark_dl.ml.features import check_categories, find_skewed, fit_features, index_label
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
        The statistic, its bounds, and for each column its value and whether it is standardized.
    """
    columns = choose_columns(rows, data.columns)
    scaled = find_skewed(rows, columns.numeric, features.skew)
    chosen = [name for name, entry in scaled["columns"].items() if entry["standardized"]]
    logger.info("Standardized (%s): %s", features.skew.statistic, ", ".join(chosen) or "none")
    return scaled


def fit_feature_model(
    rows: DataFrame, scaled_columns: dict[str, Any], data: DataOptions, features: FeatureOptions
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
    """
    columns = data.columns
    negative, positive = check_label(rows, columns.label, columns.positive, "the train rows")
    return fit_features(
        rows,
        choose_columns(rows, columns),
        scaled_columns,
        features.standardize,
        features.unseen_categories,
        index_label(columns.label, negative, positive),
    )


def make_features(
    train_rows: DataFrame,
    test_rows: DataFrame,
    feature_model: PipelineModel,
    options: FeatureOptions,
) -> tuple[DataFrame, DataFrame]:
    """Turn rows into vectors.

    Args:
        train_rows: The rows that the stages were fitted on.
        test_rows: Held-out rows.
        feature_model: The fitted stages.
        options: Says what happens to unseen categories.

    Returns:
        Train and test: `row_id`, `features` (vector) and `label_index` (0.0 or 1.0).

    Raises:
        InputDataError: Test rows hold a category that the train rows do not, and
            `features.unseen_categories` is `error`.
    """
    if options.unseen_categories == "error":
        check_categories(test_rows, feature_model, "The test rows")
    wanted = (ROW_ID, FEATURES, LABEL_INDEX)
    return (
        feature_model.transform(train_rows).select(*wanted),
        feature_model.transform(test_rows).select(*wanted),
    )
