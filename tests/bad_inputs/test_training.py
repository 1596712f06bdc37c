"""Files given to training: what is read, what is refused, and with which words."""

import logging
import os
from pathlib import Path

import pytest
from pyspark.sql import SparkSession
from tests.conftest import kept_frames

from bad_inputs.project import clean, refusal, run, said
from bad_inputs.read import READ, Read
from bad_inputs.refused import REFUSED
from bad_inputs.rows import meant, text, write

CLEAN = "02_intermediate/bank_clean.parquet"
# Kedro, the hooks and the source's own dataset look at names and folders too.
READ_BY_A_RUN = (
    "gzip",
    "folder_of_many_forms",
    "name_with_brackets_and_blanks",
    "blanks_in_two_columns",
)
REFUSED_BY_A_RUN = (
    "missing_file",
    "cut_gzip",
    "colon_in_its_name",
    "two_columns_of_a_folder",
    "doubled_ids",
    "three_classes",
)


@pytest.mark.parametrize("case", READ)
def test_read(case: str, spark: SparkSession, tmp_path: Path, caplog: pytest.LogCaptureFixture):
    given = READ[case]
    path = write(tmp_path / given.name, given.content)
    with caplog.at_level(logging.WARNING, "bank_spark_dl"):
        assert clean(path) == meant(given.rows)
    assert _warnings(caplog) == _expected_warnings(path, given)


@pytest.mark.parametrize("case", READ_BY_A_RUN)
def test_read_by_a_run(
    case: str, spark: SparkSession, tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    given, results, before = READ[case], tmp_path / "data", kept_frames(spark)
    path = write(tmp_path / given.name, given.content)
    with caplog.at_level(logging.WARNING, "bank_spark_dl"):
        run(["data_processing"], raw_filepath=str(path), data_root=str(results))
    rows = spark.read.parquet(str(results / CLEAN)).collect()
    assert sorted(map(tuple, rows)) == meant(given.rows)
    assert _warnings(caplog) == _expected_warnings(path, given)
    assert kept_frames(spark) == before


@pytest.mark.parametrize("case", REFUSED)
def test_refused(case: str, spark: SparkSession, tmp_path: Path):
    given = REFUSED[case]
    path = write(tmp_path / given.name, given.content)
    assert said(lambda: clean(path)) == given.says.format(f=path)


@pytest.mark.parametrize("case", REFUSED_BY_A_RUN)
def test_refused_by_a_run(case: str, spark: SparkSession, tmp_path: Path):
    given, results, before = REFUSED[case], tmp_path / "data", kept_frames(spark)
    path = write(tmp_path / given.name, given.content)
    answer = refusal(["data_processing"], raw_filepath=str(path), data_root=str(results))
    assert answer == given.says.format(f=path)
    assert not results.exists()
    assert kept_frames(spark) == before


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_without_the_right_to_read(spark: SparkSession, tmp_path: Path):
    path = write(tmp_path / "bank.csv", text())
    path.chmod(0)
    assert said(lambda: clean(path)) == (
        f"{path} may not be read: permission denied. Give the user who runs this the right to "
        "read it."
    )


def test_the_session_is_left_running(spark: SparkSession, tmp_path: Path):
    places = {"raw_filepath": str(tmp_path / "none.csv"), "data_root": str(tmp_path / "data")}
    refusal(["data_processing"], **places)
    assert SparkSession.getActiveSession() is spark
    assert spark.range(3).count() == 3


def _expected_warnings(path: Path, given: Read) -> list[str]:
    counts = ", ".join(f"'{name}' ({rows} of 300)" for name, rows in given.repaired.items())
    warning = f"{path}: whitespace around values was removed, in these columns and so many rows"
    return [f"{warning}: {counts}."] if counts else []


def _warnings(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [
        record.getMessage() for record in caplog.records if record.name.startswith("bank_spark_dl")
    ]
