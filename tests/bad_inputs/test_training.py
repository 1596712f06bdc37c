"""Files given to training: what is read, what is refused, and with which words."""

import gzip
import logging
import os
from pathlib import Path

import pytest
from pyspark.sql import SparkSession
from tests.conftest import kept_frames

from bad_inputs.project import refusal, run
from bad_inputs.read import READ
from bad_inputs.refused import REFUSED
from bad_inputs.rows import meant, put, text, write

CLEAN = "02_intermediate/bank_clean.parquet"


@pytest.mark.parametrize("case", READ)
def test_read(case: str, spark: SparkSession, tmp_path: Path, caplog: pytest.LogCaptureFixture):
    given = READ[case]
    path, results = write(tmp_path / given.name, given.content), tmp_path / "data"
    with caplog.at_level(logging.WARNING, "bank_spark_dl"):
        run(
            ["data_processing"],
            to_outputs=["bank_clean"],
            raw_filepath=str(path),
            data_root=str(results),
        )
    assert sorted(map(tuple, spark.read.parquet(str(results / CLEAN)).collect())) == meant(
        given.rows
    )
    counts = ", ".join(f"'{name}' ({rows} of 300)" for name, rows in given.repaired.items())
    warning = f"{path}: whitespace around values was removed, in these columns and so many rows"
    assert _warnings(caplog) == ([f"{warning}: {counts}."] if given.repaired else [])


@pytest.mark.parametrize("case", REFUSED)
def test_refused(case: str, spark: SparkSession, tmp_path: Path):
    given = REFUSED[case]
    path, results = write(tmp_path / given.name, given.content), tmp_path / "data"
    said = refusal(["data_processing"], raw_filepath=str(path), data_root=str(results))
    assert said == given.says.format(f=path)
    assert not results.exists()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_without_the_right_to_read(spark: SparkSession, tmp_path: Path):
    path, results = write(tmp_path / "bank.csv", text()), tmp_path / "data"
    path.chmod(0)
    assert refusal(["data_processing"], raw_filepath=str(path), data_root=str(results)) == (
        f"{path} may not be read: permission denied. Give the user who runs this the right to "
        "read it."
    )
    assert not results.exists()


@pytest.mark.parametrize("kind", ["good", "refused", "cut off"])
def test_no_rows_are_left_with_the_executors(kind: str, spark: SparkSession, tmp_path: Path):
    before = kept_frames(spark)
    content = text() if kind != "refused" else text(put("deposit", "maybe"))
    path = write(tmp_path / "bank.csv", content)
    if kind == "cut off":
        path = write(tmp_path / "bank.csv.gz", gzip.compress(content.encode())[:-200])
    places = {"raw_filepath": str(path), "data_root": str(tmp_path / "data")}
    if kind == "good":
        run(["data_processing"], **places)
    else:
        refusal(["data_processing"], **places)
    assert kept_frames(spark) == before


def test_the_session_is_left_running(spark: SparkSession, tmp_path: Path):
    places = {"raw_filepath": str(tmp_path / "none.csv"), "data_root": str(tmp_path / "data")}
    refusal(["data_processing"], **places)
    assert SparkSession.getActiveSession() is spark
    assert spark.range(3).count() == 3


def _warnings(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [
        record.getMessage() for record in caplog.records if record.name.startswith("bank_spark_dl")
    ]
