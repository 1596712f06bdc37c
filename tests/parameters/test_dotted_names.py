import copy
from typing import Any

import pytest

from bank_spark_dl.errors import ParameterError
from bank_spark_dl.parameters.dotted_names import flattened, get_value, set_value

SECTIONS = {
    "model": {"layers": [{"units": 8, "dropout": 0.1}, {"units": 4, "dropout": 0.1}]},
    "elephas": {"optimizer": {"name": "adam"}, "schedule": None},
}


@pytest.fixture
def sections() -> dict[str, Any]:
    return copy.deepcopy(SECTIONS)


def test_values_are_read_by_name() -> None:
    assert get_value(SECTIONS, "elephas.optimizer.name") == "adam"
    assert get_value(SECTIONS, "model.layers.1.units") == 4
    assert get_value(SECTIONS, "elephas.schedule") is None


def test_a_star_stands_for_all_places() -> None:
    assert get_value(SECTIONS, "model.layers.*.dropout") == 0.1
    assert get_value(SECTIONS, "model.layers.*.units") == [8, 4]


def test_values_are_set(sections: dict[str, Any]) -> None:
    set_value(sections, "model.layers.*.units", 2)
    set_value(sections, "model.layers.0.dropout", 0.5)
    set_value(sections, "elephas.optimizer.beta_1", 0.8)
    assert sections["model"]["layers"] == [
        {"units": 2, "dropout": 0.5},
        {"units": 2, "dropout": 0.1},
    ]
    assert sections["elephas"]["optimizer"] == {"name": "adam", "beta_1": 0.8}


@pytest.mark.parametrize("change", [get_value, lambda where, name: set_value(where, name, 1)])
@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("elefas.epochs", "elefas.epochs is not a parameter: there is no elefas"),
        ("model.layers.2.units", "there is no 2"),
        ("model.layers.first.units", "there is no first"),
        ("elephas.schedule.alpha", "what should hold alpha is None"),
    ],
)
def test_what_is_not_there_is_named(
    name: str, says: str, change: Any, sections: dict[str, Any]
) -> None:
    with pytest.raises(ParameterError, match=says):
        change(sections, name)


def test_an_empty_list_has_no_value() -> None:
    with pytest.raises(ParameterError, match=r"layers\.\*\.units names an empty list"):
        get_value({"layers": []}, "layers.*.units")
    with pytest.raises(ParameterError, match="there is no momentum"):
        get_value(SECTIONS, "elephas.optimizer.momentum")


def test_nested_mappings_are_flattened() -> None:
    assert flattened({"a": {"b": 1, "c": {"d": [2]}}, "e": None}) == {
        "a.b": 1,
        "a.c.d": [2],
        "e": None,
    }
