"""Every value of every section: keys, types and ranges."""

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bank_spark_dl.errors import ParameterError
from bank_spark_dl.parameters import Parameters, check_parameters
from bank_spark_dl.parameters.fields import Section
from parameters.raw import BASE, FEW, Key, changed, dotted, leaves, sections

SCHEMA = Parameters.model_json_schema()
BOUNDS = {"minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum"}
# Sections whose keys a user chooses: names of columns and classes, arguments of Keras's objects.
NAMES = [
    ("data", "availability"),
    ("data", "suspicious"),
    ("features", "derived"),
    ("features", "counts"),
]
OPEN = [
    *NAMES,
    ("elephas", "optimizer"),
    ("elephas", "class_weights"),
    ("tuning", "sampler"),
    ("tuning", "space"),
]
FIXED = [key for key in sections(BASE) if key not in OPEN]
KEYS = st.from_regex(r"[a-z_]{3,12}_x", fullmatch=True)


def alternatives(schema: dict[str, Any]) -> list[dict[str, Any]]:
    if "$ref" in schema:
        schema = SCHEMA["$defs"][schema["$ref"].rpartition("/")[2]]
    return schema.get("anyOf", [schema])


def declared(key: Key) -> list[dict[str, Any]]:
    """What is allowed at a key: JSON schemas, one for each alternative."""
    found = [SCHEMA]
    for name in key:
        parts = [part for schema in found for part in alternatives(schema)]
        inner = [
            part.get("items") if isinstance(name, int) else part.get("properties", {}).get(name)
            for part in parts
        ]
        found = [schema for schema in inner if schema]
    return [part for schema in found for part in alternatives(schema)]


def bounded(key: Key) -> dict[str, Any] | None:
    """The schema of a number at a key, if there is one with bounds."""
    numbers = (part for part in declared(key) if part.get("type") in ("integer", "number"))
    return next((part for part in numbers if BOUNDS & part.keys()), None)


BOUNDED = {key: schema for key in leaves(BASE) if (schema := bounded(key))}
# Values in range that another value may forbid.
TOGETHER = {
    ("elephas", "validation_split"),
    ("reporting", "decision", "budget"),
    ("features", "categories", "min_count"),
    ("features", "categories", "max_categories"),
}


def edge(schema: dict[str, Any], side: str) -> tuple[float | None, bool]:
    """A bound, and whether it is itself allowed."""
    exclusive = f"exclusive{side.capitalize()}"
    return schema.get(side, schema.get(exclusive)), exclusive not in schema


def outside(schema: dict[str, Any]) -> st.SearchStrategy[float]:
    (low, low_allowed), (high, high_allowed) = edge(schema, "minimum"), edge(schema, "maximum")
    draw = st.integers if schema["type"] == "integer" else st.floats
    kinds = []
    if low is not None:
        kinds.append(draw(low - 1000, low - 1 if low_allowed else low))
    if high is not None:
        kinds.append(draw(high + 1 if high_allowed else high, high + 1000))
    return st.one_of(kinds)


def inside(schema: dict[str, Any]) -> st.SearchStrategy[float]:
    (low, low_allowed), (high, high_allowed) = edge(schema, "minimum"), edge(schema, "maximum")
    if schema["type"] == "integer":
        first = low if low is None or low_allowed else low + 1
        return st.integers(first, high if high is None or high_allowed else high - 1)
    return st.floats(
        low,
        high,
        exclude_min=low is not None and not low_allowed,
        exclude_max=high is not None and not high_allowed,
        allow_nan=False,
        allow_infinity=False,
    )


def test_every_section_has_numbers_that_are_bounded() -> None:
    assert {key[0] for key in BOUNDED} >= {"data", "elephas", "model", "baselines", "reporting"}
    assert len(BOUNDED) > 20


@FEW
@given(st.data(), st.sampled_from(sorted(BOUNDED, key=str)))
def test_a_number_out_of_range_is_refused_with_its_key(data: st.DataObject, key: Key) -> None:
    value = data.draw(outside(BOUNDED[key]))
    with pytest.raises(ParameterError, match=re.escape(f"{dotted(key)} is {value!r}")):
        check_parameters(changed(key, value))


@FEW
@given(st.data(), st.sampled_from(sorted(BOUNDED.keys() - TOGETHER, key=str)))
def test_a_number_in_range_is_accepted(data: st.DataObject, key: Key) -> None:
    check_parameters(changed(key, data.draw(inside(BOUNDED[key]))))


@pytest.mark.parametrize("value", [{"a": 1}, object(), b"x", float("nan")])
def test_a_value_of_a_strange_type_is_refused_everywhere(value: Any) -> None:
    for key in leaves(BASE):
        with pytest.raises(ParameterError, match=re.escape(dotted(key))):
            check_parameters(changed(key, value))


@pytest.mark.parametrize("value", [2, None, {"a": 1}, ["", 2], []])
@pytest.mark.parametrize("section", NAMES, ids=dotted)
def test_a_strange_value_for_a_name_is_refused(section: Key, value: Any) -> None:
    with pytest.raises(ParameterError, match=re.escape(dotted((*section, "a.b")))):
        check_parameters(changed((*section, "a.b"), value))


@FEW
@given(st.sampled_from(FIXED), KEYS)
def test_an_unknown_key_is_refused_in_every_section(section: Key, name: str) -> None:
    with pytest.raises(ParameterError, match=f"{dotted((*section, name))} is not a parameter"):
        check_parameters(changed((*section, name), 1))


def models(base: type[Section] = Section) -> list[type[Section]]:
    return [found for kind in base.__subclasses__() for found in (kind, *models(kind))]


@pytest.mark.parametrize("model", models(), ids=lambda model: model.__name__)
def test_every_value_is_explained_in_its_section(model: type[Section]) -> None:
    own = {name: model.model_fields.get(name) for name in model.__annotations__}
    values = [name for name, field in own.items() if field and not is_section(field.annotation)]
    assert [name for name in values if f"\n        {name}: " not in str(model.__doc__)] == []


def is_section(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, Section)
