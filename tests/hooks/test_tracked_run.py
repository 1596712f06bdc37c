"""What of a run is written to MLflow, here to something that only notes it."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from kedro.io import MemoryDataset
from plotly import graph_objects

from bank_spark_dl.datasets import PlotlyDataset, TextDataset
from bank_spark_dl.distributed import TrainingHistory
from bank_spark_dl.distributed.training.history import Round
from bank_spark_dl.hooks.tracked_run import TrackedRun, flat, numbers

REPORTING = {"kedro-viz": {"layer": "reporting"}}


class Notes:
    """Stands for the module mlflow: notes what is logged, by run."""

    def __init__(self) -> None:
        self.active = "none"
        self.params: dict[str, dict[str, Any]] = {}
        self.metrics: dict[str, list[tuple[int | None, dict[str, float]]]] = {}
        self.tags: dict[str, Mapping[str, str]] = {}
        self.files: list[tuple[str, str | None, str]] = []
        self.ended: dict[str, str] = {}
        self.parents: dict[str, str] = {}

    def log_params(self, params: dict[str, Any], run_id: str | None = None) -> None:
        self.params[run_id or self.active] = params

    def log_metrics(
        self, metrics: dict[str, float], step: int | None = None, run_id: str | None = None
    ) -> None:
        self.metrics.setdefault(run_id or self.active, []).append((step, metrics))

    def set_tags(self, tags: Mapping[str, str]) -> None:
        self.tags[self.active] = tags

    def log_artifact(self, path: str, inside: str | None, run_id: str) -> None:
        assert run_id == "1"
        self.files.append((Path(path).name, inside, Path(path).read_text()))

    @contextmanager
    def start_run(self, run_name: str, nested: bool, parent_run_id: str) -> Iterator[None]:
        assert nested
        self.active, self.parents[run_name] = run_name, parent_run_id
        yield

    def end_run(self, status: str) -> None:
        self.ended[self.active] = status


@pytest.fixture
def notes() -> Notes:
    return Notes()


@pytest.fixture
def run(notes: Notes) -> TrackedRun:
    return TrackedRun(notes, "1")


def test_parameters_are_logged_by_dotted_name(run: TrackedRun, notes: Notes) -> None:
    run.log_parameters({"seed": 7, "data": {"columns": {"drop": ["a"]}, "suspicious": {}}})
    assert notes.params == {
        "1": {"seed": 7, "data.columns.drop": ["a"], "data.suspicious": {}},
    }


def test_a_name_that_mlflow_refuses_is_changed() -> None:
    assert flat({"data": {"call (s)?": "after"}}, ".") == {"data.call _s__": "after"}


def test_only_finite_numbers_are_metrics() -> None:
    values = {"n": 1, "yes": True, "none": None, "nan": float("nan"), "text": "1", "many": [1]}
    assert numbers({"test": values}) == {"test/n": 1}


def test_figures_are_logged_by_round(run: TrackedRun, notes: Notes) -> None:
    rounds = tuple(
        Round(
            round=number,
            epoch=0,
            workers=(),
            seconds=1.0,
            loss=loss,
            metrics={"acc": 0.5},
            val_auc=0.75,
        )
        for number, loss in enumerate((0.5, 0.25))
    )
    history = TrainingHistory(
        num_workers=1,
        epochs=2,
        seed=1,
        batch_size=1,
        training_rows=1,
        validation_rows=0,
        rounds=rounds,
    )
    run.log_saved("training_history", history, MemoryDataset())
    assert [step for step, _ in notes.metrics["1"]] == [0, 1]
    figures = [figures for _, figures in notes.metrics["1"]]
    assert [one["round/loss"] for one in figures] == [0.5, 0.25]
    assert figures[0]["round/acc"] == 0.5
    assert figures[0]["round/val_auc"] == 0.75
    assert "round/val_loss" not in figures[0]


@dataclass(frozen=True)
class Result:
    test: dict[str, Any]
    train: dict[str, Any]
    baselines: dict[str, Any]
    model: dict[str, Any]


def test_figures_of_the_models_are_metrics(run: TrackedRun, notes: Notes) -> None:
    figures = {"auc": 0.5, "confusion_matrix": ((1, 2), (3, 4))}
    run.log_saved("metrics", Result(figures, {}, {"tree": figures}, {"seed": 1}), MemoryDataset())
    assert notes.metrics == {"1": [(None, {"test/auc": 0.5}), (None, {"test/tree/auc": 0.5})]}


def test_the_files_of_reports_are_logged_and_no_others(
    run: TrackedRun, notes: Notes, tmp_path: Path
) -> None:
    plot = PlotlyDataset(filepath=str(tmp_path / "curve.json"), metadata=REPORTING)
    report = TextDataset(filepath=str(tmp_path / "report.html"), metadata=REPORTING)
    other = TextDataset(filepath=str(tmp_path / "other.txt"))
    plot.save(graph_objects.Figure())
    report.save("<p>")
    other.save("rows")
    for name, dataset in (("curve", plot), ("report", report), ("other", other)):
        run.log_saved(name, None, dataset)
    assert [file[:2] for file in notes.files] == [("curve.json", "plots"), ("report.html", None)]
    assert notes.files[1][2] == "<p>"


@dataclass(frozen=True)
class Trial:
    number: int
    parameters: dict[str, Any]
    figures: tuple[dict[str, float], ...] = ()
    epochs: int = 0
    state: str = "complete"
    error: str | None = None


TRIALS = (
    Trial(0, {"elephas.batch_size": 64}, ({"auc": 0.5, "loss": 1.0}, {"auc": 0.75}), epochs=3),
    Trial(1, {"a": 1}, ({"auc": 0.25},), epochs=1, state="pruned"),
    Trial(2, {"a": 2}, state="failed", error="Too few."),
)


def test_trials_are_runs_inside_the_run(run: TrackedRun, notes: Notes) -> None:
    run.log_saved("tuning_trials", TRIALS, MemoryDataset())
    assert notes.parents == {"trial 0": "1", "trial 1": "1", "trial 2": "1"}
    assert notes.ended == {"trial 0": "FINISHED", "trial 1": "KILLED", "trial 2": "FAILED"}
    assert notes.params["trial 0"] == {"elephas.batch_size": 64}
    assert notes.metrics["trial 0"] == [
        (None, {"epochs": 3}),
        (0, {"fold/auc": 0.5, "fold/loss": 1.0}),
        (1, {"fold/auc": 0.75}),
        (None, {"mean/auc": 0.625}),
    ]
    assert notes.tags["trial 2"] == {"state": "failed", "error": "Too few."}
    assert "1" not in notes.metrics
