"""Pure functions from rows to feature vectors."""

from pyspark.ml import PipelineModel
from pyspark.sql import DataFrame

from bank_spark_dl.ml.columns import FEATURES, LABEL_INDEX, ROW_ID
from bank_spark_dl.ml.features import check_categories
from bank_spark_dl.params import FeatureOptions


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
