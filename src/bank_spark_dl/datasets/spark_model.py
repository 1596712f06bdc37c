"""Spark ML models on disk."""

from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from kedro.io import AbstractDataset
from kedro_datasets._typing import TablePreview

from bank_spark_dl.datasets.atomic_folders import is_there, replace_folder
from bank_spark_dl.datasets.checksums import require_unchanged, write_checksums
from bank_spark_dl.datasets.paths import spark_uri
from bank_spark_dl.datasets.previews import stages_preview
from bank_spark_dl.errors import NotWrittenError
from bank_spark_dl.spark.project_session import spark_of_datasets

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
        self._uri = spark_uri(filepath)
        self._filepath = PurePosixPath(filepath)  # Kedro-Viz looks for it
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

        if self._saved is not None:
            return self._saved
        spark = spark_of_datasets()
        if not is_there(spark, self._uri):
            raise NotWrittenError(self._uri)
        require_unchanged(spark, self._uri)
        return PipelineModel.load(self._uri)

    def save(self, data: "PipelineModel") -> None:
        """Replace the model when the new one is completely written."""
        spark = spark_of_datasets()

        def write(uri: str) -> None:
            data.write().overwrite().save(uri)
            write_checksums(spark, uri)

        replace_folder(spark, self._uri, write)
        self._saved = data

    def _release(self) -> None:
        self._saved = None

    def _exists(self) -> bool:
        return is_there(spark_of_datasets(), self._uri)

    def _describe(self) -> dict[str, Any]:
        return {"filepath": self._uri}
