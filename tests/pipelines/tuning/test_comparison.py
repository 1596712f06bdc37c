"""What a search has found, from figures that are known."""

from dataclasses import astuple
from typing import Any

import pytest

from bank_spark_dl.ml.evaluation.intervals import Interval, fold_interval
from bank_spark_dl.ml.evaluation.results import FoldMeans
from bank_spark_dl.parameters import Parameters, TuningOptions
from bank_spark_dl.pipelines.tuning.comparison import summarize_search
from bank_spark_dl.pipelines.tuning.results import Trial, Tuning
from bank_spark_dl.pipelines.tuning.settings import Settings
from bank_spark_dl.pipelines.tuning.verdict import describe_difference, describe_tuning

NAMES = ("accuracy", "auc", "log_loss", "calibration_error")
BEFORE = [[0.50, 0.52, 0.51], [0.53, 0.50, 0.52]]
TRIALS = (
    Trial(0, {"elephas.batch_size": 64}, (), 9, {9: 0.5}, "complete"),
    Trial(1, {"elephas.batch_size": 128}, (), 9, {9: 0.4}, "complete"),
    Trial(2, {"elephas.batch_size": 256}, (), 1, {1: 0.3}, "pruned"),
    Trial(3, {"elephas.batch_size": 512}, (), 9, {}, "failed", "it is too much"),
)


def summarize(
    settings: Settings,
    options: TuningOptions,
    parameters: Parameters,
    gains: list[list[float]],
    split: Any = "random",
) -> Tuning:
    after = [
        [b + g for b, g in zip(*pair, strict=True)] for pair in zip(BEFORE, gains, strict=True)
    ]
    figures = [
        [[dict.fromkeys(NAMES, value) for value in repeat] for repeat in each]
        for each in (BEFORE, after)
    ]
    data = parameters.data.model_copy(update={"split": split})
    two = options.model_copy(update={"repeats": 2})
    return summarize_search(TRIALS, *figures, settings, two, data, "log_loss", FoldMeans)


GAINS = [[-0.10, -0.11, -0.10], [-0.10, -0.10, -0.11]]


def test_differences_are_paired_by_repeat_and_fold(
    settings: Settings, options: TuningOptions, parameters: Parameters
) -> None:
    tuning = summarize(settings, options, parameters, GAINS)
    expected = fold_interval([gain for repeat in GAINS for gain in repeat], 2)
    assert astuple(tuning.difference) == pytest.approx(astuple(expected))
    assert tuning.difference == tuning.differences.log_loss
    assert tuning.trials == {"complete": 2, "pruned": 1, "failed": 1}
    assert (tuning.best.number, tuning.best.parameters) == (1, {"elephas.batch_size": 128})
    assert tuning.better
    assert "the best settings are better: trained again, their log_loss" in tuning.verdict
    printed = describe_tuning(tuning)
    assert "elephas.batch_size  64 -> 128" in printed
    assert tuning.verdict in printed


@pytest.mark.parametrize(
    ("objective", "difference", "word"),
    [
        ("log_loss", -1, "better"),
        ("log_loss", 1, "worse"),
        ("auc", -1, "worse"),
        ("auc", 1, "better"),
    ],
)
def test_the_verdict_follows_the_objective(objective: str, difference: int, word: str) -> None:
    interval = Interval(0.1 * difference, 0.1 * difference - 0.05, 0.1 * difference + 0.05)
    said = describe_difference(objective, 1, interval)
    assert f"the best settings are {word}: trained again, their {objective} differs" in said
    assert "No trial was better" in describe_difference(objective, 0, interval)


def test_noise_is_called_so(
    settings: Settings, options: TuningOptions, parameters: Parameters
) -> None:
    tuning = summarize(settings, options, parameters, [[-0.1, 0.1, 0.0], [0.05, -0.1, 0.02]])
    assert not tuning.better
    assert "neither better nor worse" in tuning.verdict


def test_repeats_on_the_same_folds_say_nothing_of_others(
    settings: Settings, options: TuningOptions, parameters: Parameters
) -> None:
    """By time, folds do not depend on a seed."""
    gains = [[-0.1, -0.2, -0.3], [-0.3, -0.2, -0.1]]
    tuning = summarize(settings, options, parameters, gains, "time")
    assert tuning.difference.mean == pytest.approx(-0.2)
    assert tuning.difference.low == pytest.approx(-0.2)
    other = summarize(settings, options, parameters, gains)
    assert other.difference.low < -0.25
