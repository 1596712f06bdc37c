"""Identify raw data by path and hash."""

from hashlib import sha256
from typing import Any

from kedro.io import AbstractDataset, DatasetError
from pyspark.sql import SparkSession

from bank_spark_dl.csv_validation.files import Source, find_files
from bank_spark_dl.csv_validation.options import EXACT_PATHS
from bank_spark_dl.datasets.paths import spark_uri
from bank_spark_dl.ml.raw_source import RawSource
from bank_spark_dl.spark.hadoop_fs import exists, sha256_of
from bank_spark_dl.spark.project_session import spark_of_datasets

MARKER = ".synthetic.json"  # the generator leaves such a file beside what it writes
LARGEST = 16 * 2**20  # bytes of a file that a task takes into memory, some four times, to hash it


class RawSourceDataset(AbstractDataset[Any, RawSource]):
    """What a raw file or folder is: its path as given, its hash, whether it is synthetic."""

    _SINGLE_PROCESS = True
    READ_ONLY = True

    def __init__(
        self, *, filepath: str, given: str, metadata: dict[str, Any] | None = None
    ) -> None:
        """Name the raw file.

        Args:
            filepath: Local path or URI of a file or a folder, or a pattern of these.
            given: The path as the user wrote it.
            metadata: For Kedro-Viz.
        """
        self._uri = spark_uri(filepath)
        self._given = given
        self.metadata = metadata

    def load(self) -> RawSource:
        """Read the content once.

        Raises:
            InputDataError: Nothing is there to read. Kedro wraps it in a DatasetError.
        """
        spark = spark_of_datasets()
        hashes = _hashes(spark, find_files(spark, self._uri))
        whole = hashes[0] if len(hashes) == 1 else sha256("".join(hashes).encode()).hexdigest()
        synthetic = exists(spark, self._uri.rstrip("/") + MARKER)
        return RawSource(self._given, whole, synthetic)

    def save(self, data: Any) -> None:
        """Refuse: raw data is read only."""
        raise DatasetError(f"{self._given} is raw data and is never written.")

    def _describe(self) -> dict[str, Any]:
        return {"filepath": self._uri}


def _hashes(spark: SparkSession, source: Source) -> list[str]:
    """Hash files in the order of their paths: small ones in tasks, the others on the driver."""
    hashes = {}
    if len(source.files) > 1:
        files = spark.read.format("binaryFile").options(**EXACT_PATHS).load(source.roots)
        small = files.where(f"length > 0 AND length <= {LARGEST}")
        hashes = dict(map(tuple, small.selectExpr("path", "sha2(content, 256)").collect()))
    return [hashes.get(file) or sha256_of(spark, file) for file in source.files]
