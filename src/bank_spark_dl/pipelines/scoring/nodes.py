"""Measure drift of new raw rows, and score them."""

from pyspark.ml import PipelineModel
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from bank_spark_dl.errors import ParameterError
from bank_spark_dl.ml.features.columns import FeatureColumns
from bank_spark_dl.ml.features.new_rows import check_new_rows
from bank_spark_dl.ml.features.row_ids import add_row_id
from bank_spark_dl.ml.monitoring.bin_counts import count_bins
from bank_spark_dl.ml.monitoring.drift import (
    DriftReport,
    act_on_drift,
    compare_with_training,
    may_be_unusable,
)
from bank_spark_dl.ml.monitoring.histograms import TrainingProfile, of_columns
from bank_spark_dl.ml.scoring import compute_scores, scoring_parts
from bank_spark_dl.parameters import DriftOptions, FeatureOptions


def measure_drift(
    rows: DataFrame, training_profile: TrainingProfile, options: DriftOptions
) -> tuple[DataFrame, DriftReport]:
    """Compare rows with the train rows, in one Spark job; in two if there are unseen values.

    Args:
        rows: Checked raw rows.
        training_profile: The train rows' histograms.
        options: The thresholds.

    Returns:
        The same rows, and how far each of their columns is from the train rows.
    """
    counted = count_bins(rows, of_columns(training_profile, rows.columns))
    return rows, compare_with_training(counted, training_profile, options)


def accept_rows(
    rows: DataFrame,
    drift: DriftReport,
    scoring_model: PipelineModel,
    inputs: FeatureColumns,
    features: FeatureOptions,
    id_column: str | None,
    options: DriftOptions,
    source: str,
) -> DataFrame:
    """Refuse rows that the model cannot take; warn of drift, or refuse the rows because of it.

    Only where measure_drift has found missing or unseen values, Spark jobs look which of them are
    an error.

    Args:
        rows: Checked raw rows.
        drift: The answer of measure_drift.
        scoring_model: Feature stages and network.
        inputs: What the network takes.
        features: What missing values and unseen categories do.
        id_column: The configured id; None where rows have none.
        options: The action where rows have drifted.
        source: Where the rows come from, for messages.

    Returns:
        The same rows.

    Raises:
        ParameterError: The configured id is not a column of the rows.
        InputDataError: A column has drifted, and the options say stop; or rows hold missing or
            unseen values that are an error: names all columns.
    """
    if id_column and id_column not in rows.columns:
        raise ParameterError(
            f"data.columns.id is {id_column}, but {source} has the columns "
            f"{', '.join(rows.columns)}: name another one, or null."
        )
    act_on_drift(drift.drifted, options, source)
    if may_be_unusable(drift):
        stages = PipelineModel(scoring_parts(scoring_model)[0])
        named = f"The rows of {source}"
        check_new_rows(add_row_id(rows, id_column), stages, features, named, inputs)
    return rows


def score_rows(
    rows: DataFrame, scoring_model: PipelineModel, id_column: str | None, source: str
) -> DataFrame:
    """Score the rows of a file.

    Args:
        rows: Checked raw rows; the label is not needed.
        scoring_model: Feature stages and network.
        id_column: The configured id; None where rows have none.
        source: Where the rows come from, for messages.

    Returns:
        See compute_scores.
    """
    return compute_scores(rows, scoring_model, id_column, F.lit(source))
