"""Profile the train rows and make feature vectors."""

from dataclasses import replace

from pyspark.ml import PipelineModel
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from bank_spark_dl.ml.column_names import ROW_ID, carried_name, shown_name
from bank_spark_dl.ml.features.categories import check_categories
from bank_spark_dl.ml.features.fit import TRAIN_ROWS
from bank_spark_dl.ml.features.vectors import make_vectors
from bank_spark_dl.ml.monitoring.bin_counts import count_bins
from bank_spark_dl.ml.monitoring.histograms import TrainingProfile, choose_bins
from bank_spark_dl.ml.splits.validation import mark_validation
from bank_spark_dl.parameters import DataOptions, FeatureOptions
from bank_spark_dl.spark.sql import quoted


def profile_train_rows(rows: DataFrame, data: DataOptions) -> TrainingProfile:
    """Make histograms of the train rows, in three Spark jobs for any number of columns.

    Args:
        rows: Train rows.
        data: Names the label.

    Returns:
        For each raw column its histogram, to compare new rows with; not for the id, the label and
        the columns that split the rows: new rows are later, and of other groups.
    """
    unused = (data.columns.label, data.columns.time, data.columns.group)
    others = {ROW_ID, *(carried_name(name) for name in unused if name)}
    raw = rows.select(
        *(F.col(quoted(n)).alias(shown_name(n)) for n in rows.columns if n not in others)
    )
    bins = choose_bins(raw)
    counted = count_bins(raw, bins)
    return {name: replace(bins[name], counts=counted[name].counts) for name in bins}


def mark_validation_rows(
    train_rows: DataFrame, data: DataOptions, validation_split: float, seed: int
) -> DataFrame:
    """Mark the rows that are held out for validation where the split is by time or by group.

    Args:
        train_rows: Train rows.
        data: How to split, and the columns that it needs.
        validation_split: Fraction of the rows, [0, 1).
        seed: Another seed, other groups.

    Returns:
        The rows; with a random split unchanged, since the engine then draws its validation rows.

    Raises:
        InputDataError: The rows cannot be split so that both sides have both classes.
    """
    return mark_validation(train_rows, data, validation_split, seed)


def make_features(
    train_rows: DataFrame,
    test_rows: DataFrame,
    feature_model: PipelineModel,
    options: FeatureOptions,
) -> tuple[DataFrame, DataFrame]:
    """Turn rows into vectors.

    Args:
        train_rows: The rows that the stages were fitted on; may mark the validation rows.
        test_rows: Held-out rows.
        feature_model: The fitted stages.
        options: Says what happens to unseen categories.

    Returns:
        Train and test: `row_id`, `features` (vector) and `label_index` (0.0 or 1.0); of the train
        rows `validation` too, where they are marked. Counts of the train rows leave each row itself
        out.

    Raises:
        InputDataError: Test rows hold a category that the train rows do not, and
            `features.unseen_categories` is `error`.
    """
    if options.unseen_categories == "error":
        check_categories(test_rows, feature_model, "The test rows")
    return (
        make_vectors(train_rows, feature_model, TRAIN_ROWS, fitted=True),
        make_vectors(test_rows, feature_model, "The test rows"),
    )
