from typing import Any

import pytest

from bank_spark_dl.errors import ParameterError
from bank_spark_dl.parameters import Parameters, ScheduleOptions, TuningOptions
from bank_spark_dl.pipelines.tuning.settings import Settings, check_space, rung_epochs

from .conftest import with_space


def test_values_are_read_and_set_by_name(settings: Settings) -> None:
    changed = settings.with_values(
        {"model.layers.*.units": 8, "elephas.batch_size": 32, "features.missing": "mean"}
    )
    assert [layer.units for layer in changed.model.layers] == [8, 8]
    assert (changed.elephas.batch_size, changed.features.missing) == (32, "mean")
    assert changed.value("model.layers.*.units") == 8
    assert settings.value("model.layers.*.units") == 256
    assert changed.model.layers[0].dropout == settings.model.layers[0].dropout


def test_the_learning_rate_is_the_highest_one(settings: Settings) -> None:
    assert settings.real_name("learning_rate") == "elephas.optimizer.learning_rate"
    schedule = ScheduleOptions(name="CosineDecay", warmup_target=0.02, warmup_steps=3)
    elephas = settings.elephas.model_copy(update={"learning_rate_schedule": schedule})
    warm = Settings(settings.features, settings.model, elephas)
    assert warm.value("learning_rate") == 0.02
    changed = warm.with_values({"learning_rate": 0.1})
    assert changed.value("elephas.learning_rate_schedule.warmup_target") == 0.1
    assert changed.value("elephas.optimizer.learning_rate") == 0.01


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"elephas.batch_size": 0}, r"greater than 0 \(batch_size\)"),
        ({"elephas.batches": 1}, "not permitted|forbidden"),
        ({"model.layers.7.units": 1}, "there is no 7"),
        ({"features.categories.min_count": 5}, "set features.unseen_categories to keep"),
    ],
)
def test_values_that_are_not_allowed_are_refused(
    values: dict[str, Any], says: str, settings: Settings
) -> None:
    with pytest.raises(ParameterError, match=says):
        settings.with_values(values)


@pytest.mark.parametrize(
    ("space", "says"),
    [
        ({"model.layers.*.units": {"choices": [8, "many"]}}, "units cannot be 'many': Input"),
        ({"model.layers.*.dropout": {"low": 0.0, "high": 1.0}}, "dropout cannot be 1.0: Input"),
        ({"elephas.optimizer.momentum": {"low": 0.1, "high": 0.9}}, "there is no momentum"),
    ],
)
def test_a_space_is_checked_before_anything_is_trained(
    space: dict[str, Any], says: str, settings: Settings, options: TuningOptions
) -> None:
    with pytest.raises(ParameterError, match=rf"tuning\.space: .*{says}"):
        check_space(settings, with_space(options, space))


def test_the_space_of_base_fits_every_network(settings: Settings, parameters: Parameters) -> None:
    check_space(settings, parameters.tuning)


def test_a_condition_may_name_what_is_not_there_yet(
    settings: Settings, options: TuningOptions
) -> None:
    bins = {"bins": 8, "columns": {}}
    space = {
        "features.piecewise_linear": {"choices": [None, bins]},
        "features.piecewise_linear.bins": {
            "low": 2,
            "high": 32,
            "when": {"features.piecewise_linear": [bins]},
        },
    }
    check_space(settings, with_space(options, space))
    assert settings.searched_values(with_space(options, space)) == {
        "features.piecewise_linear": None
    }


def test_a_condition_is_checked_too(settings: Settings, options: TuningOptions) -> None:
    merge = {"elephas.merge": ["average"]}
    steps = {"low": 1, "high": 9, "when": merge}
    for space, says in (
        ({"elephas.steps": steps}, "there is no steps"),
        ({"elephas.batch_size": steps | {"when": {"elephas.merg": ["keep"]}}}, "no merg"),
        (
            {
                "elephas.merge": {"choices": ["keep", "reset"]},
                "elephas.steps_per_round": steps,
            },
            r"no choice of elephas.merge is one of \['average'\]",
        ),
    ):
        with pytest.raises(ParameterError, match=says):
            check_space(settings, with_space(options, space))


def test_a_choice_is_the_present_value_if_defaults_make_it_so(
    settings: Settings, options: TuningOptions
) -> None:
    bins = settings.with_values({"features.piecewise_linear": {"bins": 10}})
    space = {
        "features.piecewise_linear": {"choices": [None, {"bins": 10}]},
        "model.members": {"choices": [1, 2], "when": {"features.piecewise_linear": [{"bins": 10}]}},
    }
    assert bins.searched_values(with_space(options, space)) == {
        "features.piecewise_linear": {"bins": 10},
        "model.members": 1,
    }


def test_whole_sections_are_set_first_and_choices_stay_as_they_are(settings: Settings) -> None:
    """And the learning rate is that of the schedule which the trial itself has."""
    layers = [{"units": 8, "activation": "relu"}, {"units": 8, "activation": "relu"}]
    schedule = {"name": "CosineDecay", "warmup_target": 0.5, "warmup_steps": 2}
    values = {
        "learning_rate": 0.02,
        "model.layers.*.units": 3,
        "model.layers": layers,
        "elephas.learning_rate_schedule": schedule,
    }
    changed = settings.with_values(values)
    assert [layer.units for layer in changed.model.layers] == [3, 3]
    assert changed.value("elephas.learning_rate_schedule.warmup_target") == 0.02
    assert (layers[0]["units"], schedule["warmup_target"]) == (8, 0.5)
    plain = settings.with_values({"learning_rate": 0.02, "elephas.learning_rate_schedule": None})
    assert plain.value("elephas.optimizer.learning_rate") == 0.02


def test_rungs_have_ever_more_epochs(settings: Settings, options: TuningOptions) -> None:
    assert rung_epochs(settings, options) == [1, 3, 9]
    longer = settings.with_values({"elephas.epochs": 25})
    assert rung_epochs(longer, options) == [3, 9, 25]
    assert rung_epochs(settings.with_values({"elephas.epochs": 2}), options) == [1, 2]
    assert rung_epochs(settings.with_values({"elephas.epochs": 1}), options) == [1]
    assert rung_epochs(longer, options.model_copy(update={"halving": None})) == [25]
