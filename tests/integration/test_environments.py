"""UCI's own file, read by configuration alone."""

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import SparkSession

from bad_inputs.project import run
from tests.conftest import SAMPLE


@pytest.mark.parametrize("env", ["uci", "uci_campaign"])
def test_ucis_file_is_read_and_split_by_time(env: str, spark: SparkSession, tmp_path: Path) -> None:
    with SAMPLE.open() as sample:
        rows = list(csv.reader(sample))[:1001]
    rows[0][-1] = "y"
    with (tmp_path / "bank-full.csv").open("w") as file:
        writer = csv.writer(file, delimiter=";", quoting=csv.QUOTE_NONNUMERIC)
        writer.writerows([_as_uci(row) for row in rows])
    run(
        ["data_processing", "feature_engineering"],
        env=env,
        raw_filepath=str(tmp_path / "bank-full.csv"),
        data_root=str(tmp_path / "data"),
    )
    profile = json.loads((tmp_path / "data/02_intermediate/data_profile.json").read_text())
    assert profile["rows"] == 1000
    assert profile["synthetic"] is False
    assert sum(profile["columns"]["y"]["top"].values()) == 1000
    assert (tmp_path / "data/05_model_input/test_features.parquet/_SUCCESS").exists()
    test = spark.read.parquet(str(tmp_path / "data/03_primary/test_rows.parquet"))
    assert sorted(row[0] for row in test.select("`:order`").collect()) == list(range(800, 1000))


def _as_uci(row: list[str]) -> list[Any]:
    """Drop the id; numbers are not quoted in UCI's file."""
    return [int(cell) if cell.lstrip("-").isdigit() else cell for cell in row[1:]]
