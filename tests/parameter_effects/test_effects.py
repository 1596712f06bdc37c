"""Every value of parameters.yml, changed once: something that comes out of the project changes."""

import copy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import DataFrame

from bank_spark_dl.parameters import Parameters, check_parameters
from tests.parameter_effects import evaluation, paths, rows, scoring, training, tuning
from tests.parameter_effects.effect import Effect, alike
from tests.parameter_effects.table import Table

EFFECTS: dict[str, Effect] = (
    paths.EFFECTS
    | rows.EFFECTS
    | training.EFFECTS
    | tuning.EFFECTS
    | evaluation.EFFECTS
    | scoring.EFFECTS
)
WITHOUT_CHOICE = {"elephas.mode"}  # all other values are refused
FREE_NAMES = {"data.availability", "tuning.space"}


def leaves(section: Any, path: str = "") -> Iterator[str]:
    """Names of all parameters; the layers of the network count as one, and so do free names."""
    if isinstance(section, list) and section and isinstance(section[0], dict):
        section = section[0]
    if isinstance(section, dict) and section and path not in FREE_NAMES:
        for key, part in section.items():
            yield from leaves(part, f"{path}.{key}" if path else key)
    else:
        yield path


def with_values(raw: dict[str, Any], values: dict[str, Any]) -> Parameters:
    changed = copy.deepcopy(raw)
    for path, value in values.items():
        *sections, key = path.split(".")
        section: Any = changed
        for name in sections:
            section = section[name]
            section = section[0] if isinstance(section, list) else section
        section[key] = value
    return check_parameters(changed)


@pytest.fixture(scope="module")
def small_parameters(raw_parameters: dict[str, Any]) -> dict[str, Any]:
    """The base parameters with a network and a training that take no time."""
    raw = copy.deepcopy(raw_parameters)
    raw["model"]["layers"] = [raw["model"]["layers"][0] | {"units": 8, "dropout": 0.0}]
    raw["baselines"]["gradient_boosting"]["max_iter"] = 3
    raw["baselines"]["logistic_regression"]["max_iter"] = 10
    raw["elephas"] |= {"epochs": 2, "batch_size": 64}
    raw["reporting"] |= {"importance_rows": 400, "importance_repeats": 2}
    raw["worker_sweep"] = {"num_workers": [1], "seeds": 2}
    return raw


@pytest.fixture(scope="module")
def kept() -> dict[str, Any]:
    """What observations share because no parameter that they observe changes it."""
    return {}


@pytest.fixture(scope="module")
def seen() -> dict[str, Any]:
    """What was observed with unchanged parameters, by observation."""
    return {}


@pytest.fixture
def table(
    raw_rows: DataFrame,
    kept: dict[str, Any],
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> Table:
    return Table(raw_rows, capsys, tmp_path, kept)


def test_no_parameter_is_left_out(raw_parameters: dict[str, Any]) -> None:
    assert set(leaves(raw_parameters)) == set(EFFECTS) | WITHOUT_CHOICE


@pytest.mark.parametrize("name", EFFECTS)
def test_it_changes_something(
    name: str, table: Table, small_parameters: dict[str, Any], seen: dict[str, Any]
) -> None:
    effect = EFFECTS[name]
    if effect.observation not in seen:
        unchanged = with_values(small_parameters, dict(effect.others))
        seen[effect.observation] = effect.observe(table, unchanged)
    values = {**effect.others, name: effect.value}
    after = effect.observe(table, with_values(small_parameters, values))
    assert not alike(seen[effect.observation], after)


# One parameter for each observation.
OBSERVATIONS = {effect.observation: name for name, effect in EFFECTS.items()}


@pytest.mark.parametrize("name", OBSERVATIONS.values())
def test_the_same_parameters_change_nothing(
    name: str, table: Table, small_parameters: dict[str, Any], seen: dict[str, Any]
) -> None:
    effect = EFFECTS[name]
    parameters = with_values(small_parameters, dict(effect.others))
    if effect.observation not in seen:
        seen[effect.observation] = effect.observe(table, parameters)
    assert alike(seen[effect.observation], effect.observe(table, parameters))


def test_the_last_digits_of_sums_are_no_effect() -> None:
    assert alike({"a": [0.1 + 0.2, (1, "x")]}, {"a": [0.3, (1, "x")]})
    assert not alike([0.3], [0.3001])
    assert not alike([0.3], [0.3, 0.3])
    assert not alike({"a": 1}, {"b": 1})
