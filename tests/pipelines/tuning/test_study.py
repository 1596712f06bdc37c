"""What Optuna is told and what it chooses."""

from collections.abc import Sequence
from typing import Any

import pytest

from bank_spark_dl.errors import ParameterError
from bank_spark_dl.parameters import TuningOptions
from bank_spark_dl.pipelines.tuning.results import Trial
from bank_spark_dl.pipelines.tuning.settings import Settings
from bank_spark_dl.pipelines.tuning.study import (
    Chooser,
    check_sampler,
    parameter_importance,
    study_of,
)

from .conftest import with_space

RATE = {"low": 0.001, "high": 0.1, "log": True}


def trial(number: int, value: float, state: Any = "complete", **parameters: Any) -> Trial:
    rungs = {1: value + 1, 9: value} if state == "complete" else {1: value + 1}
    return Trial(number, parameters, (), max(rungs), rungs, state)


@pytest.fixture(scope="module")
def rate(options: TuningOptions) -> TuningOptions:
    return with_space(options, {"learning_rate": RATE})


def ask(
    settings: Settings,
    options: TuningOptions,
    earlier: Sequence[Trial] = (),
    size: int = 3,
) -> list[dict[str, Any]]:
    """Choose a batch after trials that were asked for before."""
    chooser = Chooser(settings, options, "log_loss")
    for told in earlier:
        chooser.tell(told)
    return [chooser.ask(100 + number) for number in range(size)]


def test_trials_follow_from_the_seed_and_the_trials_before(
    settings: Settings, rate: TuningOptions
) -> None:
    first = ask(settings, rate)
    assert ask(settings, rate) == first
    assert len({values["learning_rate"] for values in first}) == 3
    assert all(0.001 <= values["learning_rate"] <= 0.1 for values in first)
    assert ask(settings, rate.model_copy(update={"seed": 1})) != first
    assert ask(settings, rate, size=5)[:3] == first


def test_trials_before_lead_to_better_values(settings: Settings, rate: TuningOptions) -> None:
    """The sampler goes where trials were good, also those that were ended early."""
    for state in ("complete", "pruned"):
        earlier = [
            trial(n, abs(n - 20) / 10, state, learning_rate=0.001 * 100 ** (n / 29))
            for n in range(30)
        ]
        good = 0.001 * 100 ** (20 / 29)
        found = ask(settings, rate, earlier, size=9)
        near = [values for values in found if good / 2 < values["learning_rate"] < good * 2]
        assert len(near) >= 6


@pytest.mark.parametrize("state", ["complete", "pruned", "failed"])
def test_what_was_asked_for_is_told(settings: Settings, rate: TuningOptions, state: str) -> None:
    chooser = Chooser(settings, rate, "log_loss")
    chooser.tell(trial(5, 0.5, state, **chooser.ask(5)))
    assert chooser.ask(6) != chooser.ask(7)


def test_whole_numbers_steps_and_choices(settings: Settings, options: TuningOptions) -> None:
    bins = {"bins": 4, "columns": {}}
    space = {
        "model.members": {"low": 1, "high": 4},
        "model.layers.*.dropout": {"low": 0.0, "high": 0.5, "step": 0.05},
        "features.piecewise_linear": {"choices": [None, bins]},
    }
    found = ask(settings, with_space(options, space), size=20)
    assert {values["model.members"] for values in found} == {1, 2, 3, 4}
    assert all(isinstance(values["model.members"], int) for values in found)
    dropouts = {values["model.layers.*.dropout"] for values in found}
    assert dropouts <= {round(0.05 * n, 2) for n in range(11)}
    pieces = [values["features.piecewise_linear"] for values in found]
    assert None in pieces
    assert bins in pieces


def test_a_parameter_is_searched_where_its_condition_is_met(
    settings: Settings, options: TuningOptions
) -> None:
    space = {
        "elephas.merge": {"choices": ["reset", "average"]},
        "elephas.steps_per_round": {"low": 1, "high": 9, "when": {"elephas.merge": ["average"]}},
        "model.members": {"choices": [1, 2], "when": {"elephas.loss": ["poisson"]}},
    }
    found = ask(settings, with_space(options, space), size=20)
    for values in found:
        assert ("elephas.steps_per_round" in values) == (values["elephas.merge"] == "average")
        assert "model.members" not in values
    assert len({values["elephas.merge"] for values in found}) == 2


def test_a_trial_outside_of_the_space_is_left_out(settings: Settings, rate: TuningOptions) -> None:
    outside = [trial(0, 0.5, learning_rate=7.0), trial(1, 0.5, "failed", learning_rate=0.01)]
    assert ask(settings, rate, outside[:1]) == ask(settings, rate)


def test_samplers_go_by_name(settings: Settings, options: TuningOptions) -> None:
    space = {
        "model.members": {"choices": [1, 2, 3]},
        "elephas.merge": {"choices": ["keep", "reset"]},
    }

    def using(name: str, **arguments: Any) -> TuningOptions:
        return with_space(options, space, sampler={"name": name, **arguments})

    every = ask(settings, using("BruteForceSampler"), size=6)
    assert len({tuple(values.values()) for values in every}) == 6
    quasi_random = ask(settings, using("QMCSampler"), size=6)
    assert quasi_random != every
    for name, says in (
        ("Tpe", r"'Tpe': it should be one of .*TPESampler"),
        ("PartialFixedSampler", "PartialFixedSampler says: "),
    ):
        with pytest.raises(ParameterError, match=says):
            check_sampler(settings, using(name))
    with pytest.raises(ParameterError, match=r"TPESampler says: .*unexpected keyword.*'trees'"):
        check_sampler(settings, using("TPESampler", trees=3))
    with pytest.raises(ParameterError, match="TPESampler cannot choose values of this space"):
        check_sampler(settings, using("TPESampler", n_startup_trials="x"))
    check_sampler(settings, options)


def test_plots_and_importance_are_of_the_first_rung(options: TuningOptions) -> None:
    searched = with_space(options, {"learning_rate": RATE, "model.members": {"low": 1, "high": 4}})
    trials = [
        trial(
            n,
            float(n),
            "complete" if n % 3 else "pruned",
            **{"learning_rate": 0.001 * 100 ** (n / 29), "model.members": 1 + n * 7 % 4},
        )
        for n in range(30)
    ]
    study = study_of([*trials, trial(30, 0.0, "failed", learning_rate=0.01)], searched, "log_loss")
    assert [each.value for each in study.trials] == [n + 1.0 for n in range(30)]
    rate_share, members_share = parameter_importance(study).values()
    assert list(parameter_importance(study)) == ["learning_rate", "model.members"]
    assert rate_share > 0.7
    assert rate_share + members_share == pytest.approx(1)


def test_one_trial_says_nothing_of_importance(rate: TuningOptions) -> None:
    study = study_of([trial(0, 0.5, learning_rate=0.01)], rate, "log_loss")
    assert parameter_importance(study) == {}
