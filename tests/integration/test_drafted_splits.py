"""Drafted environments that hold rows out by time or by group, from the command to the rows."""

import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

ROOT = Path(__file__).parents[2]
ROWS = 200


def kedro(folder: Path, *arguments: str) -> None:
    command = [Path(sys.executable).parent / "kedro", *arguments]
    answer = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=600)
    assert answer.returncode == 0, answer.stdout[-3000:] + answer.stderr[-3000:]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project of its own with a table in order of time, two rows for each customer."""
    folder = tmp_path_factory.mktemp("project")
    for name in ("pyproject.toml", ".telemetry"):
        shutil.copy(ROOT / name, folder)
    shutil.copytree(ROOT / "conf", folder / "conf")
    shutil.copytree(ROOT / "src", folder / "src")
    table = pd.DataFrame({"number": range(ROWS)})
    table["customer_id"] = [f"c{n % 100}" for n in table["number"]]
    table["day"] = pd.Timestamp("2026-01-01") + pd.to_timedelta(table["number"] // 10, unit="D")
    table["x"] = table["number"] * 7 % 11
    table["y"] = ["yes" if n % 3 == 0 else "no" for n in table["number"]]
    table.to_csv(folder / "t.csv", index=False)
    return folder


def split(project: Path, *flags: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Draft, split, and return train and test rows."""
    env = f"by_{flags[-1].strip(':')}"
    kedro(project, "draft", "t.csv", "--label", "y", "--id", "number", "--env", env, *flags)
    kedro(project, "run", f"--env={env}", "--pipelines=data_processing")
    primary = project / "data" / env / "03_primary"
    train, test = (pd.read_parquet(primary / f"{part}_rows.parquet") for part in ("train", "test"))
    return train, test


@pytest.mark.parametrize("time", [":order", "day"])
def test_the_last_rows_are_the_test_rows(project: Path, time: str) -> None:
    train, test = split(project, "--time", time)
    assert len(train) + len(test) == ROWS
    assert len(test) == ROWS / 5
    assert train["row_id"].max() < test["row_id"].min()


def test_all_rows_of_a_customer_are_on_one_side(project: Path) -> None:
    train, test = split(project, "--group", "customer_id")
    assert not {*train["customer_id"]} & {*test["customer_id"]}
    assert len(train) + len(test) == ROWS
