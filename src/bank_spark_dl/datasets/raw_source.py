"""Where raw rows come from."""

from typing import Any

from kedro.io import AbstractDataset, DatasetError
from kedro_datasets._utils.databricks_utils import parse_spark_filepath, to_spark_path

MARKER = ".synthetic.json"  # the generator leaves such a file beside what it writes


class RawSourceDataset(AbstractDataset[Any, dict[str, Any]]):
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
        protocol, path = parse_spark_filepath(filepath)
        self._uri = to_spark_path(protocol or "file", path)
        self._given = given
        self.metadata = metadata

    def load(self) -> dict[str, Any]:
        """Read the content once; needs a running SparkSession.

        Returns:
            `source` (str), `sha256` (hex; of several files: of their hashes in the order of their
            paths) and `synthetic` (bool).

        Raises:
            InputDataError: Nothing is there to read. Kedro wraps it in a DatasetError.
        """
        from pyspark.sql import SparkSession

        from bank_spark_dl.schemas.files import find_files

        spark = SparkSession.active()
        jvm: Any = spark._jvm
        path = jvm.org.apache.hadoop.fs.Path
        system = path(self._uri).getFileSystem(spark._jsc.hadoopConfiguration())
        digest = jvm.org.apache.commons.codec.digest.DigestUtils

        def sha256(file: str) -> str:
            stream = system.open(path(file))
            try:
                return str(digest.sha256Hex(stream))
            finally:
                stream.close()

        hashes = [sha256(file) for file in find_files(spark, self._uri).files]
        whole = hashes[0] if len(hashes) == 1 else str(digest.sha256Hex("".join(hashes)))
        marker = path(self._uri.rstrip("/") + MARKER)
        return {"source": self._given, "sha256": whole, "synthetic": bool(system.exists(marker))}

    def save(self, data: Any) -> None:
        """Refuse: raw data is read only."""
        raise DatasetError(f"{self._given} is raw data and is never written.")

    def _describe(self) -> dict[str, Any]:
        return {"filepath": self._uri}
