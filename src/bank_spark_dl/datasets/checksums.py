"""Checksums of a saved Spark ML model: what is loaded is what was saved.

They tell damage and changes, not who wrote a model: whoever can rewrite it can rewrite them.
"""

import json
import re
from typing import TYPE_CHECKING, Any

from py4j.protocol import Py4JJavaError

from bank_spark_dl.errors import InputDataError

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

CHECKSUMS = "_checksums.json"
# Spark imports the class that a stage's metadata names, whatever it is, and calls its `load`.
KNOWN_STAGE = re.compile(
    r"(org\.apache\.spark|pyspark)\.ml\.feature\.[A-Z]\w+|org\.apache\.spark\.ml\.PipelineModel|"
    r"pyspark\.ml\.pipeline\.PipelineModel|"
    r"bank_spark_dl\.distributed\.model\.ElephasClassificationModel"
)
# Spark reads every file in such a folder whose name begins with neither _ nor a dot.
METADATA = re.compile(r"(.*/)?metadata/[^_.][^/]*")


def write_checksums(spark: "SparkSession", folder: str) -> None:
    """Write the SHA-256 of every file in a model's folder into `_checksums.json`.

    Args:
        spark: The running session; its Hadoop settings find the file system.
        folder: URI of a complete model.
    """
    from bank_spark_dl.distributed.persistence.spark_ml import write_bytes

    content = json.dumps(_sha256_of_files(spark, folder), indent=1, sort_keys=True)
    write_bytes(spark.sparkContext, f"{folder}/{CHECKSUMS}", content.encode())


def require_unchanged(spark: "SparkSession", folder: str) -> None:
    """Compare a model's files with their checksums, before anything of it is loaded.

    Args:
        spark: The running session.
        folder: URI of the model.

    Raises:
        InputDataError: A file was changed, added or removed, there are no checksums, or a stage is
            of a class that this project does not write.
    """
    from bank_spark_dl.distributed.persistence.spark_ml import read_bytes

    try:
        expected = json.loads(read_bytes(spark.sparkContext, f"{folder}/{CHECKSUMS}"))
        found = _sha256_of_files(spark, folder)
    except (Py4JJavaError, ValueError) as error:
        raise _damaged(folder, f"its {CHECKSUMS}, or a file named there, cannot be read") from error
    changed = sorted(name for name, _ in expected.items() ^ found.items())
    if changed:
        raise _damaged(folder, f"{changed[0]} is not what was saved")
    for name in filter(METADATA.fullmatch, found):
        kind = _class(read_bytes(spark.sparkContext, f"{folder}/{name}"))
        if not KNOWN_STAGE.fullmatch(kind):
            raise _damaged(folder, f"{name} names the class {kind}, which no model here has")


def _sha256_of_files(spark: "SparkSession", folder: str) -> dict[str, str]:
    from bank_spark_dl.csv_validation.files import files_below, sha256_of

    jvm: Any = spark._jvm
    root = jvm.org.apache.hadoop.fs.Path(folder)
    system = root.getFileSystem(spark._jsc.hadoopConfiguration())
    start = len(system.getFileStatus(root).getPath().toString()) + 1
    paths = (status.getPath().toString() for status in files_below(system, root))
    return {path[start:]: sha256_of(spark, path) for path in paths if path[start:] != CHECKSUMS}


def _class(metadata: bytes) -> str:
    try:
        return str(json.loads(metadata)["class"])
    except (ValueError, TypeError, KeyError):
        return "(none)"


def _damaged(folder: str, reason: str) -> InputDataError:
    return InputDataError(
        f"The model at {folder} is damaged: {reason}. Run the pipeline that writes it again."
    )
