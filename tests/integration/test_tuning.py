"""The pipeline tuning as people call it: killed, resumed, and what it writes."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from kedro.config import OmegaConfigLoader

from bank_spark_dl.datasets import ResultDataset
from bank_spark_dl.parameters import check_parameters
from bank_spark_dl.parameters.dotted_names import get_value
from bank_spark_dl.settings import CONFIG_LOADER_ARGS
from tests.conftest import ROOT

SEARCH = "tuning.trials=6,tuning.batch=4,tuning.repeats=1"
TYPE = "bank_spark_dl.pipelines.tuning.results"


def load(folder: Path, name: str, kind: str) -> Any:
    path = folder / f"08_reporting/{name}.json"
    return ResultDataset(filepath=str(path), result=f"{TYPE}.{kind}").load()


@pytest.fixture(scope="module")
def conf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(shutil.copytree(ROOT / "conf", tmp_path_factory.mktemp("search") / "conf"))


@pytest.fixture(scope="module")
def arguments(conf: Path) -> Callable[[Path], list[str]]:
    def of(folder: Path) -> list[str]:
        return [
            "--env=test",
            f"--conf-source={conf}",
            "--pipelines=data_processing,tuning",
            f"--params=data_root={folder},{SEARCH}",
        ]

    return of


@pytest.fixture(scope="module")
def searched(
    kedro_run: Callable[..., Any], arguments: Callable[[Path], list[str]], conf: Path
) -> tuple[Path, str]:
    folder = conf.parent / "data"
    return folder, kedro_run(*arguments(folder)).stdout


def test_a_search_writes_an_environment(searched: tuple[Path, str], conf: Path) -> None:
    folder, printed = searched
    tuning = load(folder, "tuning", "Tuning")
    assert tuning.verdict in printed.replace("\n", " ")
    assert "kedro run --env=test_searched" in printed.replace("\n", " ")
    loader = OmegaConfigLoader(str(conf), env="test_searched", **CONFIG_LOADER_ARGS)
    check_parameters(loader["parameters"])
    for name, value in tuning.best.parameters.items():
        assert get_value(loader["parameters"], name) == pytest.approx(value)
    assert (conf / "test/parameters.yml").read_text() == (
        ROOT / "conf/test/parameters.yml"
    ).read_text()
    for name in ("history", "slices", "parallel", "importance"):
        assert (folder / f"08_reporting/tuning_{name}_plot.json").is_file()


def test_a_search_is_refused_before_it_begins_where_its_environment_is_there(
    searched: tuple[Path, str],
    kedro_run: Callable[..., Any],
    arguments: Callable[[Path], list[str]],
    tmp_path: Path,
) -> None:
    answer = kedro_run(*arguments(tmp_path), status=1)
    said = answer.stderr.replace("\n", " ")
    assert "The environment test_searched is there already" in said
    assert "Starting Spark" not in answer.stdout
    assert "Traceback" not in answer.stdout + answer.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_search_that_is_killed_finds_the_same(
    searched: tuple[Path, str],
    kedro_run: Callable[..., Any],
    arguments: Callable[[Path], list[str]],
    conf: Path,
    tmp_path: Path,
) -> None:
    """Trainings that had ended are not repeated."""
    forced = arguments(tmp_path)
    forced[-1] += ",tuning.force=true"
    (conf / "test_searched/old.yml").touch()
    command = [Path(sys.executable).parent / "kedro", "run", *forced]
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    deadline = time.monotonic() + 300
    while len(ended := list(tmp_path.glob("06_models/tuning/*/*.json"))) < 8:
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.1)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    times = {file: file.stat().st_mtime_ns for file in ended}
    assert not (tmp_path / "08_reporting/tuning.json").exists()

    printed = kedro_run(*forced).stdout
    assert "trainings of this search are there" in printed.replace("\n", " ")
    assert not (conf / "test_searched/old.yml").exists()
    assert {file: file.stat().st_mtime_ns for file in ended} == times
    for name, kind in (("tuning_trials", "TuningTrials"), ("tuning", "Tuning")):
        assert load(tmp_path, name, kind) == load(searched[0], name, kind)
