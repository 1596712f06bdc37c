"""From arriving files to a stream of scores, and from a running stream to reports."""

import logging
import time
from collections.abc import Iterator, Mapping
from typing import Any

from pyspark.ml import PipelineModel
from pyspark.sql import functions as F
from pyspark.sql.streaming.listener import StreamingQueryProgress
from pyspark.sql.streaming.query import StreamingQuery

from bank_spark_dl.csv_validation import ArrivingFiles
from bank_spark_dl.csv_validation.files import shown
from bank_spark_dl.errors import ParameterError
from bank_spark_dl.ml.column_names import carried_name
from bank_spark_dl.ml.monitoring.drift import act_on_drift, compare_with_training
from bank_spark_dl.ml.monitoring.histograms import figures, find_bins, read_figures
from bank_spark_dl.ml.scoring import compute_scores
from bank_spark_dl.ml.streaming import StreamPlan
from bank_spark_dl.parameters import DriftOptions, ScoringStreamOptions
from bank_spark_dl.spark.sql import quoted

logger = logging.getLogger(__name__)
DRIFT = "drift"  # what is observed in each batch
POLL = 0.5  # seconds between two looks at a stream; Spark keeps the last 100 batches' figures


def plan_stream(
    arriving: ArrivingFiles,
    scoring_model: PipelineModel,
    training_profile: Mapping[str, Any],
    id_column: str | None,
    options: ScoringStreamOptions,
) -> StreamPlan:
    """Plan to score files as they arrive, and to count their rows in bins in the same pass.

    Args:
        arriving: The folder.
        scoring_model: Feature stages and network.
        training_profile: The train rows, counted in bins.
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
    profile = _profile_of(rows.columns, training_profile)
    counted = find_bins(rows, profile).observe(DRIFT, figures(profile))
    file = F.col(quoted(carried_name(arriving.file_column)))
    scores = compute_scores(counted, scoring_model, id_column, file)
    return StreamPlan(scores, options.every, options.checkpoint)


def follow_stream(
    query: StreamingQuery,
    arriving: ArrivingFiles,
    training_profile: Mapping[str, Any],
    options: DriftOptions,
) -> Iterator[dict[str, Any]]:
    """Report on each batch of a stream until it ends.

    Args:
        query: The running stream; it is stopped when nobody follows any more.
        arriving: The folder it reads.
        training_profile: The train rows, counted in bins.
        options: From which values on a column has drifted, and what happens then.

    Yields:
        What compare_with_training says of the batch, with its number, `batch`, and the
        `drifted_batches` so far.

    Raises:
        InputDataError: A file is not as declared; or a batch has drifted, and the options say stop:
            the batch itself is written then.
    """
    drifted = 0
    try:
        for progress in _batches(query):
            found = read_figures(progress.observedMetrics[DRIFT]["figures"])
            report = compare_with_training(found, _profile_of(found, training_profile), options)
            drifted += bool(report["drifted"])
            logger.info("Batch %d: %s rows scored", progress.batchId, f"{report['rows']:,}")
            yield {"batch": progress.batchId, "drifted_batches": drifted} | report
            source = f"{shown(arriving.folder)}, batch {progress.batchId}"
            act_on_drift(report["drifted"], options, source)
    finally:
        query.stop()
    if error := query.exception():
        raise arriving.why(error) or error


def _batches(query: StreamingQuery) -> Iterator[StreamingQueryProgress]:
    """Yield what Spark says of each batch that holds rows, soon after it is written."""
    last = -1
    running = True
    while running:
        running = query.isActive  # asked before its last batch is looked for
        for progress in query.recentProgress:
            if progress.batchId > last and progress.numInputRows and progress.observedMetrics:
                last = progress.batchId
                yield progress
        time.sleep(POLL if running else 0)


def _profile_of(
    columns: Mapping[str, Any] | list[str], profile: Mapping[str, Any]
) -> dict[str, Any]:
    return {name: profile[name] for name in profile if name in columns}
