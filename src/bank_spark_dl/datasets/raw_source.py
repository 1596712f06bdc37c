"""Where raw rows come from."""

from typing import TYPE_CHECKING, Any

from kedro.io import AbstractDataset, DatasetError
from kedro_datasets._utils.databricks_utils import parse_spark_filepath, to_spark_path

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

    from bank_spark_dl.schemas.files import Source

MARKER = ".synthetic.json"  # the generator leaves such a file beside what it writes
LARGEST = 64 * 2**20  # bytes of a file that a task takes into memory, twice, to hash it


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
        source = find_files(spark, self._uri)
        hashes = _hashes(spark, source)
        whole = hashes[0] if len(hashes) == 1 else _digests(spark).sha256Hex("".join(hashes))
        path = _path(spark, self._uri.rstrip("/") + MARKER)
        marked = path.getFileSystem(_configuration(spark)).exists(path)
        return {"source": self._given, "sha256": str(whole), "synthetic": bool(marked)}

    def save(self, data: Any) -> None:
        """Refuse: raw data is read only."""
        raise DatasetError(f"{self._given} is raw data and is never written.")

    def _describe(self) -> dict[str, Any]:
        return {"filepath": self._uri}


def _hashes(spark: "SparkSession", source: "Source") -> list[str]:
    """Hash files: many of them by tasks; one, or what is too large for that, here."""
    if len(source.sizes) == 1 or max(source.sizes.values()) > LARGEST:
        return [_hash(spark, file) for file in source.sizes]
    from bank_spark_dl.schemas.options import EXACT_PATHS

    files = spark.read.format("binaryFile").options(**EXACT_PATHS).load(source.roots)
    hashed = files.where("length > 0").selectExpr("path", "sha2(content, 256)").collect()
    return [sha256 for _, sha256 in sorted(map(tuple, hashed))]


def _hash(spark: "SparkSession", file: str) -> str:
    path = _path(spark, file)
    stream = path.getFileSystem(_configuration(spark)).open(path)
    try:
        return str(_digests(spark).sha256Hex(stream))
    finally:
        stream.close()


def _digests(spark: "SparkSession") -> Any:
    jvm: Any = spark._jvm
    return jvm.org.apache.commons.codec.digest.DigestUtils


def _path(spark: "SparkSession", uri: str) -> Any:
    jvm: Any = spark._jvm
    return jvm.org.apache.hadoop.fs.Path(uri)


def _configuration(spark: "SparkSession") -> Any:
    return spark._jsc.hadoopConfiguration()
