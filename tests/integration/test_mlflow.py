"""Runs that MLflow tracks, in the environment that `make mlflow` builds, and others."""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT
from tests.results import document

PYTHON = ROOT / ".venv-mlflow/bin/python"
STORE = "sqlite:///mlflow.db"
ONE = "--pipelines=data_processing"
TRIALS = """
import mlflow
from concurrent.futures import ThreadPoolExecutor
from dataclasses import make_dataclass
from kedro.io import MemoryDataset
from bank_spark_dl.hooks.tracked_run import TrackedRun

Trial = make_dataclass("Trial", ["number", "parameters", "figures", "epochs", "state", "error"])
trials = (
    Trial(0, {"elephas.batch_size": 64}, ({"auc": 0.5}, {"auc": 0.75}), 3, "complete", None),
    Trial(1, {"elephas.batch_size": 8}, ({"auc": 0.25},), 1, "pruned", None),
    Trial(2, {"elephas.batch_size": 9}, (), 0, "failed", "Too few rows."),
)
mlflow.set_tracking_uri("sqlite:///mlflow.db")
mlflow.set_experiment("bank_spark_dl")
parent = mlflow.start_run(run_name="tuning").info.run_id
run = TrackedRun(mlflow, parent)
with ThreadPoolExecutor(1) as nodes:  # Kedro's run in a thread of their own
    nodes.submit(run.log_saved, "tuning_trials", trials, MemoryDataset()).result()
mlflow.end_run()
"""


def call(
    folder: Path, *command: str, python: Path = PYTHON, status: int = 0
) -> subprocess.CompletedProcess[str]:
    assert python.exists(), f"{python} is not there: run make mlflow first"
    answer = subprocess.run(
        [python, *command],
        cwd=folder,
        env=variables(folder),
        capture_output=True,
        text=True,
        timeout=500,
    )
    assert answer.returncode == status, answer.stdout[-3000:] + answer.stderr[-3000:]
    return answer


def variables(folder: Path) -> dict[str, str]:
    mlflow = {"MLFLOW_DISABLE_TELEMETRY": "true", "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1"}
    return os.environ | mlflow | {"PYTHONPATH": str(folder / "src"), "COLUMNS": "200"}


def run(folder: Path, *arguments: str, **options: Any) -> subprocess.CompletedProcess[str]:
    return call(folder, "-m", "kedro", "run", "--env=test", *arguments, **options)


def recorded(folder: Path) -> list[dict[str, Any]]:
    """Return the runs in the project's store, the first one first."""
    runs: list[dict[str, Any]] = json.loads(
        call(folder, str(ROOT / "tests/integration/mlflow_store.py"), STORE).stdout
    )
    return runs


def copy_project(folder: Path) -> Path:
    for name in ("src", "conf"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", ".telemetry"):
        shutil.copy(ROOT / name, folder)
    (folder / "data/01_raw").mkdir(parents=True)
    for path in (ROOT / "data/01_raw").glob("bank.csv*"):
        shutil.copy(path, folder / "data/01_raw")
    return folder


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project, whose environment `test` has a `mlflow.yml` that changes nothing."""
    folder = copy_project(tmp_path_factory.mktemp("project"))
    (folder / "conf/test/mlflow.yml").write_text("{}\n")
    return folder


@pytest.fixture(scope="module")
def tracked(project: Path) -> dict[str, Any]:
    """One whole run, as MLflow recorded it."""
    run(project)
    (only,) = recorded(project)
    return only


def test_a_whole_run_is_one_finished_run_with_its_parameters(tracked: dict[str, Any]) -> None:
    assert (tracked["name"], tracked["status"]) == ("__default__", "FINISHED")
    assert tracked["tags"]["env"] == "test"
    wanted = {"elephas.epochs": "2", "seed": "1234", "data.columns.label": "deposit"}
    assert wanted.items() <= tracked["parameters"].items()


def test_figures_of_every_round_are_those_of_the_history(
    tracked: dict[str, Any], project: Path
) -> None:
    rounds = document(project / "data/test", "06_models/training_history")["rounds"]
    assert len(rounds) == 2
    for name in ("loss", "acc", "val_loss", "val_auc", "seconds"):
        expected = [[figures["round"], figures[name]] for figures in rounds]
        assert tracked["steps"][f"round/{name}"] == expected, name


def test_figures_of_the_report_are_metrics(tracked: dict[str, Any], project: Path) -> None:
    metrics = document(project / "data/test", "08_reporting/metrics")
    for split in ("train", "test"):
        for name in ("accuracy", "auc", "log_loss"):
            assert tracked["metrics"][f"{split}/{name}"] == metrics[split][name]
    for name, figures in metrics["baselines"].items():
        assert tracked["metrics"][f"test/{name}/auc"] == figures["auc"]


def test_plots_report_and_lineage_are_its_files(tracked: dict[str, Any], project: Path) -> None:
    written = list((project / "data/test/08_reporting").glob("[!.]*.*"))
    place = Path(tracked["place"])
    assert place.is_relative_to(project / "mlruns")
    kept = {path.name: path for path in place.rglob("*.*")}
    assert set(kept) == {path.name for path in written}
    for path in written:
        assert kept[path.name].read_bytes() == path.read_bytes(), path.name
    assert {"plots/roc_curve.json", "plots/learning_curve.json"} <= set(tracked["artifacts"])
    assert {"report.html", "run.json", "model_card.md"} <= set(tracked["artifacts"])


def test_a_run_that_fails_is_marked_as_failed(tracked: dict[str, Any], project: Path) -> None:
    broken = project / "broken.csv"
    broken.write_text((ROOT / "data/01_raw/bank.csv").read_text().replace("married", "", 1)[:9999])
    run(project, ONE, f"--params=raw_filepath={broken}", status=1)
    last = recorded(project)[-1]
    assert (last["name"], last["status"]) == ("data_processing", "FAILED")
    assert last["parameters"]["raw_filepath"] == str(broken)


def test_a_run_that_is_refused_before_spark_is_none(tracked: dict[str, Any], project: Path) -> None:
    before = len(recorded(project))
    answer = run(project, ONE, "--params=data_root=data/01_raw/bank.csv", status=1)
    assert "Starting Spark" not in answer.stdout
    assert len(recorded(project)) == before


def test_a_run_that_ctrl_c_ends_is_marked_as_killed(tracked: dict[str, Any], project: Path) -> None:
    process = subprocess.Popen(
        [PYTHON, "-m", "kedro", "run", "--env=test", ONE],
        cwd=project,
        env=variables(project),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout is not None
    until("Step 1 of", process.stdout)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=120)
    assert process.returncode == 130
    assert recorded(project)[-1]["status"] == "KILLED"


def until(said: str, lines: Iterable[str]) -> None:
    assert any(said in line for line in lines)


def test_trials_are_runs_inside_the_run(tmp_path: Path) -> None:
    folder = copy_project(tmp_path / "trials")
    call(folder, "-c", TRIALS)
    parent, *trials = recorded(folder)
    assert (parent["name"], parent["status"]) == ("tuning", "FINISHED")
    assert [trial["name"] for trial in trials] == ["trial 0", "trial 1", "trial 2"]
    assert [trial["status"] for trial in trials] == ["FINISHED", "KILLED", "FAILED"]
    assert {trial["tags"]["mlflow.parentRunId"] for trial in trials} == {parent["id"]}
    assert trials[0]["parameters"] == {"elephas.batch_size": "64"}
    assert trials[0]["steps"]["fold/auc"] == [[0, 0.5], [1, 0.75]]
    assert trials[0]["metrics"]["mean/auc"] == 0.625
    assert trials[2]["tags"]["error"] == "Too few rows."


def test_where_it_is_installed_it_is_off_until_asked_for(tmp_path: Path) -> None:
    folder = copy_project(tmp_path / "off")
    assert (folder / "conf/base/mlflow.yml").exists()
    answer = run(folder, ONE)
    assert "Mlflow run" not in answer.stdout
    assert list(folder.glob("ml*")) == []


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        pytest.param(
            "server: {tracking: x}\ntracking: {run: {name: 3}}",
            "server.tracking is not a setting of kedro-mlflow: remove it. tracking.run.name is 3: "
            "it should be a valid string.",
            id="unknown-key-and-wrong-type",
        ),
        pytest.param("server: {", "mlflow.yml", id="no-yaml"),
        pytest.param(
            "server: {mlflow_tracking_uri: 'http://127.0.0.1:9'}",
            "MLflow cannot use the store that mlflow.yml names: API request to http://127.0.0.1:9",
            id="no-server",
        ),
    ],
)
def test_what_mlflow_cannot_use_ends_the_run_before_spark(
    settings: str, said: str, project: Path, tmp_path: Path
) -> None:
    conf = Path(shutil.copytree(project / "conf", tmp_path / "conf"))
    (conf / "test/mlflow.yml").write_text(settings)
    answer = run(project, ONE, f"--conf-source={conf}", status=1)
    assert said in " ".join(answer.stderr.split())
    assert "Starting Spark" not in answer.stdout
    assert "Traceback" not in answer.stderr


def test_this_project_imports_nothing_of_mlflow_by_itself(project: Path) -> None:
    others = "{name.partition('.')[0] for name in sys.modules} & {'mlflow', 'kedro_mlflow'}"
    said = call(project, "-c", f"import sys, bank_spark_dl.settings; print({others})").stdout
    assert said.endswith("\nset()\n")


def test_the_usual_environment_is_without_it_and_says_how_to_get_it(project: Path) -> None:
    assert find_spec("mlflow") is None
    answer = run(project, ONE, python=Path(sys.executable), status=1)
    said = " ".join(answer.stderr.split())
    assert "conf/test/mlflow.yml turns tracking on, but MLflow is not installed" in said
    assert "pip install '.[mlflow]'" in said
    assert "Starting Spark" not in answer.stdout
    assert "Traceback" not in answer.stderr
