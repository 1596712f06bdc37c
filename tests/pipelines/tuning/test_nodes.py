"""A search on real rows."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from plotly.graph_objects import Figure
from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from tests.conftest import kept_frames

from bank_spark_dl import distributed
from bank_spark_dl.errors import ParameterError, SurroundingsError
from bank_spark_dl.parameters import (
    CrossValidationOptions,
    LayerOptions,
    ModelOptions,
    Parameters,
    TuningOptions,
)
from bank_spark_dl.pipelines.tuning.nodes import search_settings
from bank_spark_dl.pipelines.tuning.plots import draw_trials
from bank_spark_dl.pipelines.tuning.results import Trial, Tuning, best_trial

from .conftest import with_space

SPACE = {
    "learning_rate": {"low": 0.0001, "high": 0.1, "log": True},
    "elephas.batch_size": {"choices": [64, 100000]},  # no fold has so many rows
}
Found = tuple[Sequence[Trial], Tuning]


@pytest.fixture(scope="module")
def small(options: TuningOptions) -> TuningOptions:
    halving = {"rungs": 2, "reduction_factor": 2}
    return with_space(options, SPACE, trials=6, batch=4, repeats=1, halving=halving)


def search(
    rows: DataFrame, parameters: Parameters, options: TuningOptions, folder: Path, **changes: Any
) -> Found:
    elephas = parameters.elephas.model_copy(update={"epochs": 2, **changes})
    return search_settings(
        rows,
        parameters.data,
        parameters.features,
        ModelOptions(
            layers=[LayerOptions(units=8, activation="relu")], output_activation="softmax"
        ),
        elephas,
        parameters.reporting.decision,
        CrossValidationOptions(folds=2, seed=0),
        options,
        7,
        str(folder),
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("search")


@pytest.fixture(scope="module")
def found(rows: DataFrame, parameters: Parameters, small: TuningOptions, folder: Path) -> Found:
    rows.count()
    before = kept_frames(rows.sparkSession)
    trials, tuning = search(rows, parameters, small, folder)
    assert kept_frames(rows.sparkSession) == before
    return trials, tuning


def test_trials_are_tried_on_folds_and_ended_early(found: Found) -> None:
    trials, _ = found
    assert [trial.number for trial in trials] == list(range(6))
    assert trials[0].parameters == {"learning_rate": 0.01, "elephas.batch_size": 64}
    assert (trials[0].state, trials[0].epochs) == ("complete", 2)
    for trial in trials:
        failed = trial.parameters["elephas.batch_size"] == 100000
        assert failed == (trial.state == "failed")
        if failed:
            assert "fewer than one batch of 100000" in str(trial.error)
        else:
            assert len(trial.figures) == 2
            means = sum(fold["log_loss"] for fold in trial.figures) / 2
            assert trial.rungs[trial.epochs] == pytest.approx(means)
    states = {trial.state for trial in trials}
    assert {"complete", "pruned"} <= states


def test_the_best_one_is_compared_on_other_folds(found: Found) -> None:
    trials, tuning = found
    best = best_trial(trials, "log_loss")
    assert tuning.objective == "log_loss"
    assert tuning.best.number == best.number
    assert tuning.default.number == 0
    assert sum(tuning.trials.values()) == 6
    assert tuning.default.parameters["elephas.optimizer.learning_rate"] == 0.01
    figures = tuning.best.figures.log_loss, tuning.default.figures.log_loss
    assert tuning.difference.mean == pytest.approx(figures[0].mean - figures[1].mean)
    assert figures[1].mean != pytest.approx(trials[0].rungs[2], abs=1e-9)
    assert tuning.better == (tuning.difference.high < 0)
    if best.number:
        assert (" better: trained again" in tuning.verdict) == tuning.better


def test_the_same_search_is_found_again_without_training(
    found: Found,
    rows: DataFrame,
    parameters: Parameters,
    small: TuningOptions,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(distributed, "train_many", None, raising=False)
    again = search(rows.repartition(3), parameters, small, folder)
    assert again == found


def test_a_killed_search_goes_on_and_more_trials_are_added(
    found: Found, rows: DataFrame, parameters: Parameters, small: TuningOptions, folder: Path
) -> None:
    """What is lost is trained again, to the same figures."""
    files = sorted(folder.rglob("*.json"))
    lost = files[::3]
    before = {file: json.loads(file.read_text()) for file in lost}
    for file in lost:
        file.unlink()
    more = small.model_copy(update={"trials": 8})
    trials, _ = search(rows, parameters, more, folder)
    assert {file: json.loads(file.read_text()) for file in lost} == before
    assert list(trials[:4]) == list(found[0][:4])
    assert [trial.parameters for trial in trials[4:6]] == [
        trial.parameters for trial in found[0][4:6]
    ]
    assert len(trials) == 8


def test_a_time_budget_ends_after_a_batch(
    rows: DataFrame, parameters: Parameters, small: TuningOptions, folder: Path
) -> None:
    short = small.model_copy(update={"minutes": 1e-9})
    trials, _ = search(rows, parameters, short, folder)
    assert len(trials) == 4


def test_a_start_that_fails_is_an_error(
    rows: DataFrame, parameters: Parameters, small: TuningOptions, tmp_path: Path
) -> None:
    with pytest.raises(ParameterError, match=r"on some folds: .*one batch of 9999"):
        search(rows, parameters, small, tmp_path, batch_size=9999)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"objective": "rmse"}, "tuning.objective is rmse, which is no figure of this target"),
        ({"sampler": {"name": "Tree"}}, "tuning.sampler.name is 'Tree'"),
        ({"sampler": {"name": "CmaEsSampler", "popsize": "x"}}, "CmaEsSampler"),
        ({"space": {"elephas.epoch": {"low": 1, "high": 2}}}, "there is no epoch"),
    ],
)
def test_mistakes_are_told_before_anything_is_trained(
    changes: dict[str, Any],
    says: str,
    rows: DataFrame,
    parameters: Parameters,
    small: TuningOptions,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(distributed, "train_many", None, raising=False)
    wrong = TuningOptions.model_validate(small.model_dump() | changes)
    with pytest.raises(ParameterError, match=says):
        search(rows, parameters, wrong, tmp_path)


def test_a_full_disk_is_no_fault_of_the_settings(
    rows: DataFrame,
    parameters: Parameters,
    small: TuningOptions,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def train_many(frame: DataFrame, trainings: Any, on_end: Any) -> None:
        on_end(0, SurroundingsError("The disk is full."))

    monkeypatch.setattr(distributed, "train_many", train_many, raising=False)
    with pytest.raises(SurroundingsError, match="disk is full"):
        search(rows, parameters, small, tmp_path)
    assert list(tmp_path.rglob("*.json")) == []


def test_numbers_are_searched_for_the_least_rmse(
    rows: DataFrame, parameters: Parameters, options: TuningOptions, tmp_path: Path
) -> None:
    columns = parameters.data.columns.model_copy(update={"label": "balance", "positive": None})
    numeric = [name for name in columns.numeric if name != "balance"]
    columns = columns.model_copy(update={"numeric": numeric, "drop": [*columns.drop, "deposit"]})
    data = parameters.data.model_copy(
        update={"columns": columns, "task": "regression", "segments": []}
    )
    few = with_space(options, {"learning_rate": SPACE["learning_rate"]}, trials=2, repeats=1)
    trials, tuning = search_settings(
        rows.drop("deposit").withColumn("balance", F.col("balance").cast("double")),
        data,
        parameters.features.model_copy(update={"unseen_categories": "keep"}),
        ModelOptions(layers=[], output_activation="linear"),
        parameters.elephas.model_copy(
            update={
                "epochs": 1,
                "loss": "mean_squared_error",
                "metrics": ["mae"],
                "calibration": "none",
            }
        ),
        None,
        CrossValidationOptions(folds=2, seed=0),
        few,
        7,
        str(tmp_path),
    )
    assert tuning.objective == "rmse"
    assert set(trials[0].figures[0]) == {"rmse", "mae", "r2"}
    assert set(asdict(tuning.differences)) == {"rmse", "mae", "r2"}


def test_plots_show_all_trials(found: Found, small: TuningOptions) -> None:
    trials, tuning = found
    plots = draw_trials(tuple(trials), tuning, small)
    assert all(isinstance(plot, Figure) for plot in plots)
    history, slices, parallel, importance = plots
    shown = sum(trial.state != "failed" for trial in trials)
    assert len(history.data[0].x) == shown
    assert len(slices.data) == 2
    assert len(parallel.data) >= shown
    assert list(importance.data[0].y) == list(tuning.importance)[::-1]
