"""Profile the train rows and make feature vectors."""

from dataclasses import replace

from pyspark.ml import PipelineModel
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from bank_spark_dl.ml.column_names import HELD_OUT, ROW_ID, carried_name, shown_name
from bank_spark_dl.ml.features.columns import FeatureColumns
from bank_spark_dl.ml.features.fit import TRAIN_ROWS
from bank_spark_dl.ml.features.new_rows import check_new_rows
from bank_spark_dl.ml.features.vectors import (
    carry_weight,
    check_weights,
    make_vectors,
    note_validation_split,
)
from bank_spark_dl.ml.monitoring.bin_counts import count_bins
from bank_spark_dl.ml.monitoring.histograms import TrainingProfile, choose_bins
from bank_spark_dl.ml.splits.validation import mark_validation
from bank_spark_dl.parameters import DataOptions, FeatureOptions
from bank_spark_dl.spark.sql import quoted

TEST_ROWS = "The test rows"


def profile_train_rows(rows: DataFrame, data: DataOptions) -> TrainingProfile:
    """Make histograms of the train rows, in three Spark jobs for any number of columns.

    Args:
        rows: Train rows.
        data: Names the label.

    Returns:
        For each raw column its histogram, to compare new rows with; not for the id, the label and
        the columns that split or weigh the rows: new rows are later, and of other groups.
    """
    unused = (data.columns.label, data.columns.time, data.columns.group, data.weight)
    others = {ROW_ID, *(carried_name(name) for name in unused if name)}
    raw = rows.select(
        *(F.col(quoted(n)).alias(shown_name(n)) for n in rows.columns if n not in others)
    )
    bins = choose_bins(raw)
    counted = count_bins(raw, bins)
    return {name: replace(bins[name], counts=counted[name].counts) for name in bins}


def make_features(
    train_rows: DataFrame,
    test_rows: DataFrame,
    feature_model: PipelineModel,
    inputs: FeatureColumns,
    features: FeatureOptions,
    data: DataOptions,
    validation_split: float,
    seed: int,
) -> tuple[DataFrame, DataFrame]:
    """Turn rows into vectors, and mark validation rows, see mark_validation.

    Args:
        train_rows: The rows that the stages were fitted on.
        test_rows: Held-out rows.
        feature_model: The fitted stages.
        inputs: The inputs, to name all of them that the test rows have no value for.
        features: Says what happens to unseen categories and missing values.
        data: How the rows are split.
        validation_split: Fraction of the train rows that validate; the engine draws them where they
            are not marked.
        seed: Of the choice of validation rows.

    Returns:
        Train and test: `row_id`, `features` (vector) and `label_index` (double: the class's index,
        or the number); `weight`, where `data.weight` names one; of the train rows `validation` too,
        where they are marked. Counts of the train rows leave each row itself out.

    Raises:
        InputDataError: Test rows hold a category that the train rows do not, or a missing value,
            and `features` says that it is an error; a weight is none; or validation rows cannot be
            chosen so that both sides have both classes.
    """
    check_new_rows(test_rows, feature_model, features, TEST_ROWS, inputs)
    marked = carry_weight(mark_validation(train_rows, data, validation_split, seed), data)
    weighed = carry_weight(test_rows, data)
    for rows, source in ((marked, TRAIN_ROWS), (weighed, TEST_ROWS)):
        check_weights(rows, data, source)
    train = make_vectors(marked, feature_model, TRAIN_ROWS, fitted=True)
    if data.split != "random" or HELD_OUT in marked.columns:
        train = note_validation_split(train, validation_split)
    return train, make_vectors(weighed, feature_model, TEST_ROWS)
