"""A run killed at any moment: every dataset is what it was or what it should be."""

import json
import os
import random
import shutil
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from kedro.framework.startup import bootstrap_project

from bank_spark_dl.pipeline_registry import register_pipelines
from tests.faults.runs import TWO_WORKERS, look_at, start_run, weights_sha256

pytestmark = pytest.mark.faults
ROOT = Path(__file__).parents[2]
KILLS, WHOLE_AFTER = 10, 5


@pytest.mark.parametrize("seed", [20, 21])
def test_ten_kills_lose_nothing(
    unhurt: Path,
    tmp_path: Path,
    record_property: Callable[[str, object], None],
    seed: int,
) -> None:
    """A run is killed (SIGKILL) at a random moment | outputs whole, the next run as if unhurt"""
    record_property("times", KILLS)
    data, moments = Path(shutil.copytree(unhurt, tmp_path / "data")), random.Random(seed)
    seconds = seconds_of_steps(data)
    parameters = f"--params=data_root={data},{TWO_WORKERS}"
    expected, sha256 = look_at(data), weights_sha256(data)
    for number in range(1, KILLS + 1):
        run = start_run(tmp_path / f"kill{number}", f"{parameters},seed={number}")
        (step,) = moments.choices(list(seconds), weights=list(seconds.values()))
        run.wait_for(f": {step}")
        time.sleep(moments.uniform(0, seconds[step]))
        os.kill(run.process.pid, signal.SIGKILL)
        run.ends()
        assert look_at(data).keys() == expected.keys()
        if number % WHOLE_AFTER == 0:
            again = start_run(tmp_path / f"whole{number}", parameters)
            assert again.ends() == 0, again.printed()[-3000:]
            assert weights_sha256(data) == sha256
            assert rows_of(look_at(data)) == rows_of(expected)
            assert not [path for path in data.glob("*/.*") if path.suffix in (".new", ".old")]


def seconds_of_steps(data: Path) -> dict[str, float]:
    """Seconds that each step of a plain `kedro run` took; the record holds those of scoring too."""
    steps = json.loads((data / "08_reporting/run.json").read_text())["steps"]
    bootstrap_project(ROOT)
    names = {node.short_name for node in register_pipelines()["__default__"].nodes}
    return {name: step["seconds"] for name, step in steps.items() if name in names}


def rows_of(found: dict[str, int]) -> dict[str, int]:
    return {name: rows for name, rows in found.items() if name.endswith(".parquet")}
