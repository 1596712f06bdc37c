"""What a machine did to a run, from the errors that it leaves."""

from pathlib import Path

import pytest
from py4j.protocol import Py4JError, Py4JNetworkError
from pyspark.sql import SparkSession

from bank_spark_dl.cli import user_mistake
from bank_spark_dl.errors import InputDataError
from bank_spark_dl.failures import explain


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        pytest.param(
            OSError(28, "No space left on device", "/d/a.json"),
            "The disk is full: /d/a.json. Free some space, or write elsewhere",
            id="disk-full-python",
        ),
        pytest.param(
            RuntimeError("java.io.IOException: No space left on device\n\tat java.base/java.io"),
            "The disk is full. Free",
            id="disk-full-java",
        ),
        pytest.param(
            RuntimeError("org.apache.spark.SparkException: Python worker exited unexpectedly"),
            "A Python worker was killed",
            id="worker-killed",
        ),
        pytest.param(
            RuntimeError(
                "Job aborted due to stage failure: Total size of serialized results of 3 tasks "
                "(80.0 MiB) is bigger than spark.driver.maxResultSize (64.0 MiB)"
            ),
            "A step's tasks sent the driver more than spark.driver.maxResultSize. Raise it",
            id="results",
        ),
        pytest.param(
            RuntimeError("Job aborted: java.lang.OutOfMemoryError: Java heap space"),
            "Spark ran out of memory. Raise spark.driver.memory",
            id="heap",
        ),
        pytest.param(
            RuntimeError("Encountered null while assembling a row with handleInvalid = error"),
            "A column that the network takes is empty in some rows. Fill these fields",
            id="null",
        ),
        pytest.param(
            RuntimeError(
                "[UNRESOLVED_COLUMN.WITH_SUGGESTION] A column, variable, or function parameter "
                "with name `fee` cannot be resolved. Did you mean one of the following? [`age`]."
            ),
            "A column is missing: `fee`. What was read was made with other settings",
            id="column",
        ),
        pytest.param(
            NotADirectoryError(20, "Not a directory", "/d/file/02_intermediate"),
            "A folder is needed where a file lies: /d/file/02_intermediate: write elsewhere",
            id="file-for-folder",
        ),
        pytest.param(
            RuntimeError("All masters are unresponsive! Giving up."),
            "The Spark cluster lost",
            id="m",
        ),
        pytest.param(Py4JNetworkError("Answer from Java side is empty"), "Spark stopped", id="net"),
        pytest.param(
            Py4JError("An error occurred while calling o1.save"), "Spark stopped", id="py4j"
        ),
        pytest.param(
            ConnectionRefusedError(111, "Connection refused"), "Spark stopped", id="refused"
        ),
        pytest.param(
            PermissionError(13, "Permission denied", "/d/a.json"),
            "Permission denied: /d/a.json. Give",
            id="permission",
        ),
        pytest.param(
            OSError(30, "Read-only file system", "/d"), "The disk may only be read: /d:", id="ro"
        ),
    ],
)
def test_a_failure_is_explained(error: Exception, sentence: str) -> None:
    said = user_mistake(error)
    assert said is not None
    assert said.startswith(sentence)
    assert said.endswith("Every dataset is whole: as it was before, or as it should be.")


def test_a_mistake_of_the_user_comes_first() -> None:
    error = OSError(28, "No space left on device")
    error.__cause__ = InputDataError("the file is empty")
    assert user_mistake(error) == "the file is empty"


def test_a_missing_method_is_a_bug() -> None:
    trace = "An error occurred while calling o1.foo. Trace:\nMethod foo([]) does not exist"
    assert explain([Py4JError(trace)]) is None


def test_a_dataset_that_is_replaced_while_it_is_read_is_named(
    spark: SparkSession, tmp_path: Path
) -> None:
    path = tmp_path / "rows.parquet"
    spark.range(10).write.parquet(str(path))
    before = spark.read.parquet(str(path))
    spark.range(20).write.mode("overwrite").parquet(str(path))
    with pytest.raises(Exception, match="FILE_NOT_EXIST") as gone:
        before.collect()
    said = user_mistake(gone.value)
    assert said is not None
    assert said.startswith(f"A file went away while it was being read: file://{path}/part-")
    assert "Most likely another run has replaced the dataset: run again. Every" in said
