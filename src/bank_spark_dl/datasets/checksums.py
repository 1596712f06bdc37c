"""Checksums of a saved Spark ML model, and the classes that it may name."""

import json
import re
from typing import TYPE_CHECKING

from py4j.protocol import Py4JJavaError

from bank_spark_dl.distributed.checksums import Saved
from bank_spark_dl.spark.hadoop_fs import files_below, locate, read_bytes, sha256_of, write_bytes

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

CHECKSUMS = "_checksums.json"
# Spark imports the class that a stage's metadata names, whatever it is, and calls its `load`.
KNOWN_STAGE = re.compile(
    r"(org\.apache\.spark|pyspark)\.ml\.feature\.[A-Z]\w+|org\.apache\.spark\.ml\.PipelineModel|"
    r"pyspark\.ml\.pipeline\.PipelineModel|"
    r"bank_spark_dl\.distributed\.model\.Elephas(Classification|Regression)Model"
)
# Spark reads every file in such a folder whose name begins with neither _ nor a dot.
METADATA = re.compile(r"(.*/)?metadata/[^_.][^/]*")


def write_checksums(spark: "SparkSession", folder: str) -> None:
    """Write the SHA-256 of every file in a model's folder into `_checksums.json`.

    Args:
        spark: The running session; its Hadoop settings find the file system.
        folder: URI of a complete model.
    """
    content = json.dumps(_sha256_of_files(spark, folder), indent=1, sort_keys=True)
    write_bytes(spark, f"{folder}/{CHECKSUMS}", content.encode())


def require_unchanged(spark: "SparkSession", folder: str) -> None:
    """Compare a model's files with their checksums, before anything of it is loaded.

    Args:
        spark: The running session.
        folder: URI of the model.

    Raises:
        InputDataError: A file was changed, added or removed, there are no checksums, or a stage is
            of a class that this project does not write.
    """
    saved = Saved(f"The model at {folder}", "Run the pipeline that writes it again.")
    try:
        expected = json.loads(read_bytes(spark, f"{folder}/{CHECKSUMS}"))
        found = _sha256_of_files(spark, folder)
    except (Py4JJavaError, ValueError) as error:
        raise saved.damaged(f"its {CHECKSUMS}, or a file named there, cannot be read") from error
    saved.require_same(expected, found)
    for name in filter(METADATA.fullmatch, found):
        kind = _class(read_bytes(spark, f"{folder}/{name}"))
        if not KNOWN_STAGE.fullmatch(kind):
            raise saved.damaged(f"{name} names the class {kind}, which no model here has")


def _sha256_of_files(spark: "SparkSession", folder: str) -> dict[str, str]:
    system, root = locate(spark, folder)
    start = len(system.getFileStatus(root).getPath().toString()) + 1
    paths = (status.getPath().toString() for status in files_below(system, root))
    return {path[start:]: sha256_of(spark, path) for path in paths if path[start:] != CHECKSUMS}


def _class(metadata: bytes) -> str:
    try:
        return str(json.loads(metadata)["class"])
    except (ValueError, TypeError, KeyError):
        return "(none)"
