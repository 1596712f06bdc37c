"""What datasets say where nothing was written yet, and which Spark session they use."""

import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from kedro.io import AbstractDataset
from pyspark.sql import SparkSession

from bank_spark_dl.datasets import (
    JSONDataset,
    KerasModelDataset,
    PlotlyDataset,
    SparkFrameDataset,
    SparkModelDataset,
    SyntheticCSVDataset,
    TextDataset,
)
from bank_spark_dl.messages.diagnostics import user_mistake

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    "make",
    [
        JSONDataset,
        KerasModelDataset,
        PlotlyDataset,
        SparkFrameDataset,
        SparkModelDataset,
        SyntheticCSVDataset,
        TextDataset,
    ],
)
def test_what_was_never_written_is_not_there_yet(
    make: Callable[..., AbstractDataset[Any, Any]], spark: SparkSession, tmp_path: Path
) -> None:
    with pytest.raises(Exception, match="is not there yet") as caught:
        make(filepath=str(tmp_path / "x.any")).load()
    assert user_mistake(caught.value) == (
        f"{tmp_path}/x.any is not there yet: run the pipeline that makes it first, or everything "
        "with kedro run."
    )


def run_without_spark(code: str, *arguments: str) -> str:
    """Run a program that has no session, and return its last line."""
    answer = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code), *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=200,
    )
    assert answer.returncode == 0, answer.stdout[-2000:] + answer.stderr[-2000:]
    return answer.stdout.splitlines()[-1]


NOTEBOOK = """
import sys
from IPython.testing.globalipapp import start_ipython

shell = start_ipython()
shell.run_line_magic("load_ext", "kedro.ipython")
shell.run_line_magic("reload_kedro", f"--env=test --params=data_root={sys.argv[1]}")
try:
    rows = shell.user_ns["catalog"].load("train_rows")
    conf = rows.sparkSession.conf
    said = [rows.count(), conf.get("spark.sql.shuffle.partitions"), conf.get("spark.app.name")]
except Exception as error:
    said = [type(error).__name__, *str(error).splitlines()[-1:]]
print(*said)
"""
SCRIPT = """
import sys
from bank_spark_dl.datasets import SparkFrameDataset
try:
    SparkFrameDataset(filepath=sys.argv[1]).load()
except Exception as error:
    print(str(error).splitlines()[-1])
"""


def test_a_notebook_gets_a_session_when_it_loads_rows(tmp_path: Path) -> None:
    folder = tmp_path / "03_primary/train_rows.parquet"
    folder.mkdir(parents=True)
    pd.DataFrame({"row_id": [1, 2, 3]}).to_parquet(folder / "part-0.parquet")
    # The test environment's spark.yml says 2.
    assert run_without_spark(NOTEBOOK, str(tmp_path)) == "3 2 bank_spark_dl"


def test_a_program_without_settings_is_told_where_to_get_a_session(tmp_path: Path) -> None:
    said = run_without_spark(SCRIPT, str(tmp_path))
    assert said.startswith("There is no Spark session, and no spark.yml to start one with. Take")
