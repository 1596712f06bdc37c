"""Spark ML models on disk."""

from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from kedro.io import AbstractDataset
from kedro_datasets._typing import TablePreview
from kedro_datasets._utils.databricks_utils import parse_spark_filepath, to_spark_path

from bank_spark_dl.datasets.absent import not_there
from bank_spark_dl.datasets.checksums import require_unchanged, write_checksums
from bank_spark_dl.datasets.previews import stages_preview

if TYPE_CHECKING:
    from pyspark.ml import PipelineModel


class SparkModelDataset(AbstractDataset[Any, Any]):
    """A fitted Spark ML PipelineModel in Spark's own format: no pickle.

    Beside Spark's files lie their checksums; a model without them, which plain Spark saved, is
    refused: `PipelineModel.load` reads it.

    A model saved by this object is loaded from memory until Kedro releases it: Spark takes seconds
    to read one.
    """

    _SINGLE_PROCESS = True

    def __init__(self, *, filepath: str, metadata: dict[str, Any] | None = None) -> None:
        """Name the model's folder.

        Args:
            filepath: Local path or URI of a file system that Spark knows.
            metadata: For Kedro-Viz.
        """
        protocol, path = parse_spark_filepath(filepath)
        self._uri = to_spark_path(protocol or "file", path)
        self._filepath = PurePosixPath(path)
        self._saved: PipelineModel | None = None
        self.metadata = metadata

    def preview(self) -> TablePreview:
        """Return the model's stages for Kedro-Viz, read without starting Spark."""
        return stages_preview(self._uri)

    def load(self) -> "PipelineModel":
        """Load the model.

        Raises:
            InputDataError: Nothing is there, or not what was saved. Kedro wraps it in a
                DatasetError.
        """
        from pyspark.ml import PipelineModel

        from bank_spark_dl.datasets.replace import is_there
        from bank_spark_dl.spark.project_session import spark_of_datasets

        if self._saved is not None:
            return self._saved
        spark = spark_of_datasets()
        if not is_there(spark, self._uri):
            raise not_there(self._uri)
        require_unchanged(spark, self._uri)
        return PipelineModel.load(self._uri)

    def save(self, data: "PipelineModel") -> None:
        """Replace the model when the new one is completely written."""
        from bank_spark_dl.datasets.replace import write_beside
        from bank_spark_dl.spark.project_session import spark_of_datasets

        spark = spark_of_datasets()

        def write(uri: str) -> None:
            data.write().overwrite().save(uri)
            write_checksums(spark, uri)

        write_beside(spark, self._uri, write)
        self._saved = data

    def _release(self) -> None:
        self._saved = None

    def _exists(self) -> bool:
        from bank_spark_dl.datasets.replace import is_there
        from bank_spark_dl.spark.project_session import spark_of_datasets

        return is_there(spark_of_datasets(), self._uri)

    def _describe(self) -> dict[str, Any]:
        return {"filepath": self._uri}
