"""Parquet files that a stream appends to."""

from typing import TYPE_CHECKING, Any

from kedro.io import AbstractDataset, DatasetError

from bank_spark_dl.datasets.paths import spark_uri
from bank_spark_dl.errors import InputDataError
from bank_spark_dl.spark.hadoop_fs import names_in, shown
from bank_spark_dl.spark.project_session import spark_of_datasets

if TYPE_CHECKING:
    from pyspark.sql import SparkSession
    from pyspark.sql.streaming.query import StreamingQuery

    from bank_spark_dl.ml.streaming import StreamPlan

LOG = "_spark_metadata"  # Spark's: which files of which batch count
CHECKPOINT = "_checkpoint"  # readers of Parquet pass over names with an underscore


class StreamSinkDataset(AbstractDataset["StreamPlan", "StreamingQuery"]):
    """A folder to which Spark's file sink adds each row of a stream exactly once.

    A batch counts from the moment that its files are named in the log inside the folder. What a
    killed run wrote before that stays there without counting: Spark reads what the log names, other
    readers see rows twice.

    To save is to start the stream, to load is to get hold of it while it runs.
    """

    _SINGLE_PROCESS = True
    APPENDED = True  # never complete: the run record has no checksum of it

    def __init__(self, *, filepath: str, metadata: dict[str, Any] | None = None) -> None:
        """Name the folder.

        Args:
            filepath: Local path or URI of a file system that Spark knows.
            metadata: For Kedro-Viz.
        """
        self._uri = spark_uri(filepath)
        self._query: StreamingQuery | None = None
        self.metadata = metadata

    def save(self, data: "StreamPlan") -> None:
        """Start the stream, where an earlier run ended if there was one.

        Raises:
            InputDataError: The folder and the checkpoint are not of the same stream.
        """
        checkpoint = data.checkpoint or f"{self._uri}/{CHECKPOINT}"
        _require_one_stream(data.rows.sparkSession, self._uri, checkpoint)
        once_or_again: Any = (
            {"availableNow": True}
            if data.every is None
            else {"processingTime": f"{data.every} seconds"}
        )
        self._query = (
            data.rows.writeStream.format("parquet")
            .option("path", self._uri)
            .option("checkpointLocation", checkpoint)
            .trigger(**once_or_again)
            .start()
        )

    def load(self) -> "StreamingQuery":
        """Return the stream that this object has started."""
        if self._query is None:
            raise DatasetError(
                f"No stream writes to {self._uri} in this process. Its rows are read with "
                f"spark.read.parquet({self._uri!r})."
            )
        return self._query

    def _release(self) -> None:
        self._query = None

    def _exists(self) -> bool:
        return bool(_names(spark_of_datasets(), f"{self._uri}/{LOG}"))

    def _describe(self) -> dict[str, Any]:
        return {"filepath": self._uri}


def _require_one_stream(spark: "SparkSession", output: str, checkpoint: str) -> None:
    """Refuse folders with which Spark would silently leave out batches or mix rows."""
    logged = _names(spark, f"{output}/{LOG}")
    started, committed = (_names(spark, f"{checkpoint}/{name}") for name in ("offsets", "commits"))
    others = [name for name in _names(spark, output) if not name.startswith("_")]
    if logged and not started:
        reason = f"it holds rows of a stream, but {shown(checkpoint)} has no record of that stream"
    elif committed and not logged:
        reason = f"{shown(checkpoint)} records rows that were written, but they are not there"
    elif others and not logged and not started:
        reason = f"it holds other files, such as {others[0]}"
    else:
        return
    raise InputDataError(
        f"The stream cannot write to {shown(output)}: {reason}. Name both folders as they were, or "
        "remove both to score all files again, or write elsewhere with scoring_stream.output."
    )


def _names(spark: "SparkSession", folder: str) -> list[str]:
    """Return the names in a folder without Hadoop's own hidden files."""
    return [name for name in names_in(spark, folder) if not name.startswith(".")]
