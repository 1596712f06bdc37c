"""Pure functions from rows to feature vectors."""

from pyspark.ml import PipelineModel
from pyspark.sql import DataFrame

from bank_spark_dl.ml.features.categories import check_categories
from bank_spark_dl.ml.features.vectors import make_vectors
from bank_spark_dl.parameters import FeatureOptions


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
        Train and test: `row_id`, `features` (vector) and `label_index` (0.0 or 1.0). Counts of the
        train rows leave each row itself out.

    Raises:
        InputDataError: Test rows hold a category that the train rows do not, and
            `features.unseen_categories` is `error`.
    """
    if options.unseen_categories == "error":
        check_categories(test_rows, feature_model, "The test rows")
    return (
        make_vectors(train_rows, feature_model, "The train rows", fitted=True),
        make_vectors(test_rows, feature_model, "The test rows"),
    )
