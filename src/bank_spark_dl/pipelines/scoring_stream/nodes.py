"""Score files as they arrive, and report drift for each batch."""

import logging
import time
from collections.abc import Iterator

from pyspark.ml import PipelineModel
from pyspark.sql import functions as F
from pyspark.sql.streaming.listener import StreamingQueryProgress
from pyspark.sql.streaming.query import StreamingQuery

from bank_spark_dl.csv_validation import CSVStream
from bank_spark_dl.errors import ParameterError
from bank_spark_dl.ml.column_names import carried_name
from bank_spark_dl.ml.monitoring.bin_counts import add_bins, bin_counts, read_bin_counts
from bank_spark_dl.ml.monitoring.drift import (
    StreamDriftReport,
    act_on_drift,
    compare_with_training,
)
from bank_spark_dl.ml.monitoring.histograms import TrainingProfile, of_columns
from bank_spark_dl.ml.scoring import compute_scores
from bank_spark_dl.ml.streaming import StreamPlan
from bank_spark_dl.parameters import DriftOptions, ScoringStreamOptions
from bank_spark_dl.spark.hadoop_fs import shown
from bank_spark_dl.spark.sql import quoted

logger = logging.getLogger(__name__)
DRIFT = "drift"  # what is observed in each batch
POLL = 0.5  # seconds between two looks at a stream; Spark keeps the last 100 batches' figures


def plan_stream(
    arriving: CSVStream,
    scoring_model: PipelineModel,
    training_profile: TrainingProfile,
    id_column: str | None,
    options: ScoringStreamOptions,
) -> StreamPlan:
    """Plan to score files as they arrive, and to count their rows by bin in the same pass.

    Args:
        arriving: The folder.
        scoring_model: Feature stages and network.
        training_profile: The train rows' histograms.
        id_column: The configured id; None where rows have none.
        options: How often to look for files, and how many of them make a batch.

    Returns:
        A stream of what compute_scores returns.

    Raises:
        InputDataError: The folder does not exist, or the first file has another header.
        ParameterError: The configured id is not a column of the files.
    """
    if id_column is None or id_column not in arriving.schema.names:
        raise ParameterError(
            "scoring_stream needs a column that names each row, but data.columns.id is "
            f"{id_column} and the declared columns are {', '.join(arriving.schema.names)}: name "
            "one of them, or score whole files with kedro run --pipelines=scoring."
        )
    rows = arriving.read(id_column, options.files_per_batch)
    profile = of_columns(training_profile, rows.columns)
    counted = add_bins(rows, profile).observe(DRIFT, bin_counts(profile))
    file = F.col(quoted(carried_name(arriving.file_column)))
    scores = compute_scores(counted, scoring_model, id_column, file)
    return StreamPlan(scores, options.every, options.checkpoint)


def follow_stream(
    query: StreamingQuery,
    arriving: CSVStream,
    training_profile: TrainingProfile,
    options: DriftOptions,
) -> Iterator[StreamDriftReport]:
    """Report on each batch of a stream until it ends.

    Args:
        query: The running stream; it is stopped when nobody follows any more.
        arriving: The folder it reads.
        training_profile: The train rows' histograms.
        options: The thresholds and the action.

    Yields:
        A report for each batch.

    Raises:
        InputDataError: A file is not as declared; or a batch has drifted, and the options say stop:
            the batch itself is written before that.
    """
    drifted = 0
    try:
        for progress in _batches(query):
            counted = read_bin_counts(progress.observedMetrics[DRIFT]["figures"])
            drift = compare_with_training(counted, training_profile, options)
            drifted += bool(drift.drifted)
            logger.info("Batch %d: %s rows scored", progress.batchId, f"{drift.rows:,}")
            yield StreamDriftReport(**vars(drift), batch=progress.batchId, drifted_batches=drifted)
            source = f"{shown(arriving.folder)}, batch {progress.batchId}"
            act_on_drift(drift.drifted, options, source)
    finally:
        query.stop()
    if error := query.exception():
        raise arriving.why(error) or error


def _batches(query: StreamingQuery) -> Iterator[StreamingQueryProgress]:
    """Yield the progress of each batch that holds rows, soon after it is written."""
    last = -1
    running = True
    while running:
        running = query.isActive  # ask first: the last batch may end in between
        for progress in query.recentProgress:
            if progress.batchId > last and progress.numInputRows and progress.observedMetrics:
                last = progress.batchId
                yield progress
        time.sleep(POLL if running else 0)
