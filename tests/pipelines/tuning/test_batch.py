"""Successive halving, with figures that follow from a trial's number."""

from collections.abc import Sequence

import pytest

from bank_spark_dl.parameters import TuningOptions
from bank_spark_dl.pipelines.tuning.batch import RunningTrial, run_batch, start_trial
from bank_spark_dl.pipelines.tuning.finished_folds import FoldOutcome
from bank_spark_dl.pipelines.tuning.search import planned_epochs
from bank_spark_dl.pipelines.tuning.settings import Settings

Trained = list[tuple[int, int]]


def train(trained: Trained, failing: Sequence[int] = ()):
    """Return a training of two folds; the trial 7 has the least log loss and the most AUC."""

    def run(stops: Sequence[tuple[RunningTrial, int]]) -> list[list[FoldOutcome]]:
        outcomes: list[list[FoldOutcome]] = []
        for trial, epochs in stops:
            trained.append((trial.number, epochs))
            distance = abs(trial.number - 7)
            figures = {"log_loss": distance / epochs, "auc": 1 - distance / 10}
            failed = trial.number in failing and epochs > 1
            outcomes.append([figures, "it is too much" if failed else figures])
        return outcomes

    return run


def batch(settings: Settings, numbers: range) -> list[RunningTrial]:
    return [start_trial(number, {"elephas.batch_size": 8}, settings) for number in numbers]


@pytest.mark.parametrize("objective", ["log_loss", "auc"])
def test_one_of_three_goes_on_with_three_times_the_epochs(
    objective: str, settings: Settings, options: TuningOptions
) -> None:
    trained: Trained = []
    trials = run_batch(batch(settings, range(1, 10)), train(trained), options, objective)
    assert [number for number, epochs in trained if epochs == 1] == list(range(1, 10))
    assert [number for number, epochs in trained if epochs == 3] == [6, 7, 8]
    assert [number for number, epochs in trained if epochs == 9] == [7]
    assert {trial.number: (trial.state, trial.epochs) for trial in trials} == {
        **dict.fromkeys(range(1, 10), ("pruned", 1)),
        6: ("pruned", 3),
        8: ("pruned", 3),
        7: ("complete", 9),
    }
    best = trials[6]
    assert list(best.rungs) == [1, 3, 9]
    assert best.figures == ({"log_loss": 0.0, "auc": 1.0},) * 2


def test_the_default_is_always_trained_to_the_end(
    settings: Settings, options: TuningOptions
) -> None:
    trained: Trained = []
    default, *others = run_batch(batch(settings, range(9)), train(trained), options, "log_loss")
    assert (default.state, default.epochs) == ("complete", 9)
    assert [trial.number for trial in others if trial.state == "complete"] == [7]


def test_without_halving_all_are(settings: Settings, options: TuningOptions) -> None:
    trained: Trained = []
    all_ = options.model_copy(update={"halving": None})
    trials = run_batch(batch(settings, range(1, 4)), train(trained), all_, "log_loss")
    assert trained == [(1, 9), (2, 9), (3, 9)]
    assert {trial.state for trial in trials} == {"complete"}


def test_a_trial_that_fails_makes_way(settings: Settings, options: TuningOptions) -> None:
    trained: Trained = []
    running = batch(settings, range(1, 10))
    running[0] = start_trial(1, {"elephas.batch_size": -1}, settings)
    trials = run_batch(running, train(trained, failing=[7]), options, "log_loss")
    assert trials[0].state == trials[6].state == "failed"
    assert "greater than 0" in str(trials[0].error)
    assert trials[6].error == "it is too much"
    assert trials[6].rungs == {1: 0.0}
    assert [number for number, epochs in trained if epochs == 9] == [6]
    assert 1 not in [number for number, _ in trained]


def test_the_epochs_of_a_search_are_known_beforehand(
    settings: Settings, options: TuningOptions
) -> None:
    trained: Trained = []
    few = options.model_copy(update={"trials": 20})
    for first, last in ((0, 9), (9, 18), (18, 20)):
        run_batch(batch(settings, range(first, last)), train(trained), few, "log_loss")
    assert planned_epochs(settings, few, folds=2) == 2 * sum(epochs for _, epochs in trained)
