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
            filepath: Local path or URI of a file or a folder.
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
            `source` (str), `sha256` (hex; of a folder: of its files' hashes in the order of their
            names) and `synthetic` (bool).
        """
        from pyspark.sql import SparkSession

        spark = SparkSession.active()
        jvm: Any = spark._jvm
        path = jvm.org.apache.hadoop.fs.Path(self._uri)
        files = path.getFileSystem(spark._jsc.hadoopConfiguration())
        digest = jvm.org.apache.commons.codec.digest.DigestUtils

        def sha256(part: Any) -> str:
            stream = files.open(part)
            try:
                return str(digest.sha256Hex(stream))
            finally:
                stream.close()

        whole = (
            sha256(path)
            if files.getFileStatus(path).isFile()
            else digest.sha256Hex("".join(sha256(part) for part in _data_files(files, path)))
        )
        marker = jvm.org.apache.hadoop.fs.Path(self._uri.rstrip("/") + MARKER)
        return {"source": self._given, "sha256": whole, "synthetic": bool(files.exists(marker))}

    def save(self, data: Any) -> None:
        """Refuse: raw data is read only."""
        raise DatasetError(f"{self._given} is raw data and is never written.")

    def _describe(self) -> dict[str, Any]:
        return {"filepath": self._uri}


def _data_files(files: Any, folder: Any) -> list[Any]:
    entries = [entry.getPath() for entry in files.listStatus(folder) if entry.isFile()]
    visible = [path for path in entries if not path.getName().startswith((".", "_"))]
    return sorted(visible, key=lambda path: str(path.getName()))
