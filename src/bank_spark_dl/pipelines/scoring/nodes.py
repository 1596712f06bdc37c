"""Measure drift of new raw rows, and score them."""

from pyspark.ml import PipelineModel
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from bank_spark_dl.errors import ParameterError
from bank_spark_dl.ml.monitoring.bin_counts import count_bins
from bank_spark_dl.ml.monitoring.drift import DriftReport, act_on_drift, compare_with_training
from bank_spark_dl.ml.monitoring.histograms import TrainingProfile, of_columns
from bank_spark_dl.ml.scoring import compute_scores
from bank_spark_dl.parameters import DriftOptions


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
    rows: DataFrame, drift: DriftReport, options: DriftOptions, source: str
) -> DataFrame:
    """Warn of drift, or refuse the rows because of it, as the options say.

    Args:
        rows: Checked raw rows.
        drift: The answer of measure_drift.
        options: The action.
        source: Where the rows come from, for messages.

    Returns:
        The same rows.

    Raises:
        InputDataError: A column has drifted, and the options say stop.
    """
    act_on_drift(drift.drifted, options, source)
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

    Raises:
        ParameterError: The configured id is not a column of the rows.
    """
    if id_column and id_column not in rows.columns:
        raise ParameterError(
            f"data.columns.id is {id_column}, but {source} has the columns "
            f"{', '.join(rows.columns)}: name another one, or null."
        )
    return compute_scores(rows, scoring_model, id_column, F.lit(source))
