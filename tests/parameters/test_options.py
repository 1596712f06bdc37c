import copy
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kedro.config import OmegaConfigLoader

from bank_spark_dl.errors import ParameterError
from bank_spark_dl.parameters import Parameters, check_parameters

CONF = Path(__file__).parents[2] / "conf"
LOADER = OmegaConfigLoader(conf_source=str(CONF), base_env="base", default_run_env="base")
# What a developer has in conf/local is nobody else's.
ENVIRONMENTS = sorted({path.parent.name for path in CONF.glob("*/*.yml")} - {"local"})
BASE: dict[str, Any] = LOADER["parameters"]
WITHOUT_STOPPING = BASE["elephas"] | {"early_stopping": None, "calibration": "none"}


def leaves(section: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Paths to all values that are not sections; of a list of sections, only the first."""
    if isinstance(section, dict):
        return [leaf for key in section for leaf in leaves(section[key], (*path, key))]
    if isinstance(section, list) and section and isinstance(section[0], dict):
        return leaves(section[0], (*path, 0))
    return [path]


def sections(section: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    if isinstance(section, list):
        return [
            found
            for position, part in enumerate(section)
            if isinstance(part, dict)
            for found in sections(part, (*path, position))
        ]
    if not isinstance(section, dict):
        return []
    return [path, *(found for key in section for found in sections(section[key], (*path, key)))]


def changed(path: tuple[Any, ...], value: Any, base: dict[str, Any] = BASE) -> dict[str, Any]:
    raw = copy.deepcopy(base)
    section: Any = raw
    for key in path[:-1]:
        section = section[key]
    section[path[-1]] = value
    return raw


def dotted(path: tuple[Any, ...]) -> str:
    return ".".join(map(str, path))


@pytest.mark.parametrize("env", ENVIRONMENTS)
def test_every_environment_is_accepted(env: str) -> None:
    loader = OmegaConfigLoader(
        conf_source=str(CONF),
        env=env,
        base_env="base",
        default_run_env="base",
        merge_strategy={"parameters": "soft"},
    )
    assert check_parameters(loader["parameters"]).seed == 1234


def test_realistic_is_tuned_without_duration() -> None:
    tuned, realistic = (
        OmegaConfigLoader(
            conf_source=str(CONF),
            env=env,
            base_env="base",
            default_run_env="base",
            merge_strategy={"parameters": "soft"},
        )["parameters"]
        for env in ("tuned", "realistic")
    )
    assert tuned["data"].pop("purpose") == "benchmark"
    assert realistic["data"].pop("purpose") == "call_list"
    assert tuned["data"]["columns"].pop("drop") == []
    assert realistic["data"]["columns"].pop("drop") == ["duration"]
    tuned["data"]["columns"]["numeric"].remove("duration")
    assert tuned == realistic


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        pytest.param(
            ("elephas", "bacth_size"),
            64,
            "elephas.bacth_size is not a parameter: did you mean batch_size?",
            id="misspelt",
        ),
        pytest.param(
            ("elephas", "epochs"),
            0,
            "elephas.epochs is 0: it should be greater than or equal to 1.",
            id="out-of-range",
        ),
        pytest.param(
            ("elephas", "num_workers"),
            True,
            "elephas.num_workers is True: it should be a valid integer.",
            id="wrong-type",
        ),
        pytest.param(
            ("elephas", "mode"),
            "hogwild",
            "elephas.mode is 'hogwild': it should be 'synchronous'.",
            id="not-a-choice",
        ),
        pytest.param(
            ("features", "skew", "lower"),
            3.0,
            "features.skew: Value error, lower (3.0) must not be above upper (2.0)",
            id="bounds-swapped",
        ),
        pytest.param(
            ("data", "columns", "drop"),
            ["job"],
            "a column can play one part only, and job plays two",
            id="two-parts",
        ),
        pytest.param(
            ("model", "layers"),
            [{"units": 8, "activation": "relu", "droput": 0.1}],
            "model.layers.0.droput is not a parameter: did you mean dropout?",
            id="inside-a-list",
        ),
        pytest.param(
            ("data", "purpose"),
            "call_list",
            "data: purpose is call_list, but duration is known only after the call: add it to "
            "data.columns.drop",
            id="leak",
        ),
        pytest.param(
            ("elephas",),
            WITHOUT_STOPPING | {"calibration": "platt", "validation_split": 0.0},
            "elephas: calibration is platt, fitted to validation rows, but validation_split is 0",
            id="nothing-to-calibrate-on",
        ),
        pytest.param(
            ("elephas",),
            WITHOUT_STOPPING | {"threshold": "optimal", "validation_split": 0.0},
            "elephas: threshold is optimal, chosen on validation rows, but validation_split is 0",
            id="nothing-to-choose-a-threshold-on",
        ),
        pytest.param(
            ("data", "segments"),
            [{"column": "age", "edges": [40, 30]}],
            "data.segments.0: the edges of age must rise",
            id="bands-in-disorder",
        ),
        pytest.param(
            ("elephas", "threshold"),
            2.0,
            "elephas.threshold is 2.0: it should be less than 1.",
            id="one-of-two-kinds",
        ),
        pytest.param(
            ("data", "segments"),
            [{"colum": "age", "column": "age"}],
            "data.segments.0.colum is not a parameter: did you mean column?",
            id="misspelt-in-a-list",
        ),
        pytest.param(
            ("data", "segments"),
            [{"column": "id"}],
            "data: segments must name no column twice, and neither the id nor the label",
            id="segment-of-the-id",
        ),
        pytest.param(
            ("data", "segments"),
            [{"column": "month"}],
            "data: segments names month, which data.columns.drop drops",
            id="segment-of-a-dropped-column",
        ),
        pytest.param(
            ("elephas", "optimizer", "beta_9"),
            3,
            "elephas.optimizer: adam has no argument beta_9, but amsgrad, beta_1, beta_2, clip",
            id="argument-of-an-optimizer",
        ),
        pytest.param(
            ("elephas", "optimizer", "beta_1"),
            "high",
            "elephas.optimizer: beta_1 is 'high': it should be a number, true or false.",
            id="type-of-an-argument",
        ),
        pytest.param(
            ("elephas", "learning_rate_schedule"),
            {"name": "PiecewiseConstantDecay", "boundaries": 5, "values": [0.1, 0.01]},
            "elephas.learning_rate_schedule: boundaries is 5: it should be a list of numbers.",
            id="type-of-a-list",
        ),
        pytest.param(
            ("elephas", "optimizer"),
            {"name": "muon", "learning_rate": 0.1, "exclude_layers": "dense"},
            "elephas.optimizer: exclude_layers is 'dense': it should be a list of names.",
            id="type-of-a-list-of-names",
        ),
        pytest.param(
            ("elephas", "learning_rate_schedule"),
            {"name": "ExponentialDecay", "decay_rate": None},
            "elephas.learning_rate_schedule: ExponentialDecay needs decay_rate: add what is",
            id="null-for-a-needed-argument",
        ),
        pytest.param(
            ("elephas", "learning_rate_schedule"),
            {"name": "CosineDecay", "alfa": 0.1},
            "elephas.learning_rate_schedule: CosineDecay has no argument alfa, but alpha, decay_",
            id="argument-of-a-schedule",
        ),
        pytest.param(
            ("elephas", "learning_rate_schedule"),
            {"name": "PiecewiseConstantDecay", "values": [0.1, 0.01]},
            "elephas.learning_rate_schedule: PiecewiseConstantDecay needs boundaries: add what is",
            id="missing-argument-of-a-schedule",
        ),
        pytest.param(("sed",), 1, "sed is not a parameter: did you mean seed?", id="top-level"),
    ],
)
def test_a_mistake_names_key_value_and_what_is_allowed(
    path: tuple[Any, ...], value: Any, message: str
) -> None:
    with pytest.raises(ParameterError) as refused:
        check_parameters(changed(path, value))
    assert message.replace("Value error, ", "") in str(refused.value)


@pytest.mark.parametrize("section", list(BASE))
def test_a_missing_section_is_refused(section: str) -> None:
    raw = {key: value for key, value in BASE.items() if key != section}
    with pytest.raises(ParameterError, match=f"{section} is missing: add it"):
        check_parameters(raw)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("prior", "data.prior"),
        ("call_cost", "reporting.decision.call_cost"),
        ("deposit_value", "reporting.decision.deposit_value"),
        ("budget", "reporting.decision.budget"),
        ("bootstrap", "reporting.decision.bootstrap"),
    ],
)
def test_a_key_that_has_moved_is_refused_with_its_place(old: str, new: str) -> None:
    said = f"parameters.yml or --params:\n  reporting.{old} is now {new}: set it there."
    with pytest.raises(ParameterError, match=f"^{re.escape(said)}$"):
        check_parameters(changed(("reporting", old), 0.12))


def test_a_table_that_nobody_is_called_for_needs_no_prices() -> None:
    refused = ""
    try:
        check_parameters(changed(("reporting", "decision"), None))
    except ParameterError as error:
        refused = str(error)
    assert refused == ""


def test_an_optimal_threshold_needs_prices() -> None:
    free = changed(("reporting", "decision"), None)
    assert check_parameters(free).reporting.decision is None
    free["elephas"] = free["elephas"] | {"threshold": "optimal"}
    with pytest.raises(ParameterError) as refused:
        check_parameters(free)
    assert str(refused.value) == (
        "parameters.yml or --params:\n  elephas.threshold is optimal, where a call pays best, but "
        "reporting.decision is null: say there what a call costs and brings, or set the threshold "
        "to a number."
    )


def test_all_mistakes_come_in_one_message() -> None:
    raw = changed(("elephas", "epochs"), -1) | {"seed": "one"}
    with pytest.raises(ParameterError) as refused:
        check_parameters(raw)
    assert "elephas.epochs is -1" in str(refused.value)
    assert "seed is 'one'" in str(refused.value)


# Sections whose keys a user chooses: the names of columns, and the arguments of Keras's objects.
NAMES = [("data", "availability"), ("features", "derived"), ("features", "counts")]
ARGUMENTS = [("elephas", "optimizer"), ("elephas", "learning_rate_schedule")]
FULL = changed(("elephas", "learning_rate_schedule"), {"name": "CosineDecay"})
FIXED = [path for path in sections(BASE) if path not in NAMES + ARGUMENTS]
KEYS = st.from_regex(r"[a-z_]{3,12}_x", fullmatch=True)


@given(st.sampled_from(FIXED), KEYS)
def test_an_unknown_key_is_refused_in_every_section(path: tuple[Any, ...], key: str) -> None:
    with pytest.raises(ParameterError, match=f"{dotted((*path, key))} is not a parameter"):
        check_parameters(changed((*path, key), 1))


@given(st.sampled_from(ARGUMENTS), KEYS)
def test_an_unknown_argument_is_refused(path: tuple[Any, ...], key: str) -> None:
    with pytest.raises(ParameterError, match=rf"{dotted(path)}: \w+ has no argument {key}, but"):
        check_parameters(changed((*path, key), 1, FULL))


@pytest.mark.parametrize(
    ("path", "key"),
    [(("elephas", "optimizer"), "beta_1"), (("elephas", "learning_rate_schedule"), "alpha")],
)
@given(value=st.one_of(st.text(), st.binary(), st.just({"a": 1}), st.just(float("nan"))))
def test_an_argument_of_a_strange_type_is_refused(
    path: tuple[Any, ...], key: str, value: Any
) -> None:
    with pytest.raises(ParameterError, match=rf"{dotted(path)}: {key} is "):
        check_parameters(changed((*path, key), value, FULL))


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("elephas", "optimizer", "weight_decay"), None),
        (("elephas", "optimizer", "amsgrad"), True),
        (("elephas", "learning_rate_schedule", "warmup_target"), None),
        (
            ("elephas", "learning_rate_schedule"),
            {"name": "PiecewiseConstantDecay", "boundaries": [5], "values": [0.1, 1]},
        ),
    ],
)
def test_what_keras_takes_is_accepted(path: tuple[Any, ...], value: Any) -> None:
    check_parameters(changed(path, value, FULL))


@given(st.sampled_from(NAMES), KEYS, st.sampled_from([1, None, {"a": 1}, ["", 2], []]))
def test_a_strange_value_for_a_name_is_refused(path: tuple[Any, ...], key: str, value: Any) -> None:
    with pytest.raises(ParameterError, match=re.escape(dotted((*path, key)))):
        check_parameters(changed((*path, key), value))


@given(st.sampled_from(leaves(BASE)), st.sampled_from([{"a": 1}, object(), b"x", float("nan")]))
def test_a_value_of_a_strange_type_is_refused_everywhere(path: tuple[Any, ...], value: Any) -> None:
    with pytest.raises(ParameterError, match=re.escape(dotted(path))):
        check_parameters(changed(path, value))


def declared(path: tuple[Any, ...]) -> list[dict[str, Any]]:
    """What the models allow at a path: JSON schemas, one for each alternative."""
    whole = Parameters.model_json_schema()
    found: list[dict[str, Any]] = [whole]
    for key in path:
        parts = [part for schema in found for part in alternatives(schema, whole)]
        found = [
            part["items"] if isinstance(key, int) else part.get("properties", {}).get(key)
            for part in parts
            if part.get("items" if isinstance(key, int) else "properties")
        ]
    return [part for schema in found if schema for part in alternatives(schema, whole)]


def alternatives(schema: dict[str, Any], whole: dict[str, Any]) -> list[dict[str, Any]]:
    if "$ref" in schema:
        schema = whole["$defs"][schema["$ref"].rpartition("/")[2]]
    return schema.get("anyOf", [schema])


def numbers(path: tuple[Any, ...]) -> dict[str, Any] | None:
    """The schema of a number at a path, if it is bounded."""
    for schema in declared(path):
        if schema.get("type") in ("integer", "number") and BOUNDS & schema.keys():
            return schema
    return None


BOUNDS = {"minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum"}
BOUNDED = {path: schema for path in leaves(BASE) if (schema := numbers(path))}
# Values in range that another value may forbid.
TOGETHER = {("elephas", "validation_split"), ("reporting", "decision", "budget")}


def edge(schema: dict[str, Any], side: str) -> tuple[float | None, bool]:
    """A bound, and whether it is itself allowed."""
    exclusive = f"exclusive{side.capitalize()}"
    return schema.get(side, schema.get(exclusive)), exclusive not in schema


def outside(schema: dict[str, Any]) -> st.SearchStrategy[float]:
    (low, low_allowed), (high, high_allowed) = edge(schema, "minimum"), edge(schema, "maximum")
    draw = st.integers if schema["type"] == "integer" else st.floats
    kinds = []
    if low is not None:
        most = type(low)(low) if not low_allowed else low - 1
        kinds.append(draw(low - 1000, most))
    if high is not None:
        least = high if not high_allowed else high + 1
        kinds.append(draw(least, high + 1000))
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
    assert {path[0] for path in BOUNDED} >= {"data", "elephas", "model", "baselines", "reporting"}
    assert len(BOUNDED) > 20


@given(st.data())
def test_a_number_out_of_range_is_refused_with_its_key(data: st.DataObject) -> None:
    path = data.draw(st.sampled_from(sorted(BOUNDED, key=str)))
    value = data.draw(outside(BOUNDED[path]))
    with pytest.raises(ParameterError, match=re.escape(f"{dotted(path)} is {value!r}")):
        check_parameters(changed(path, value))


@given(st.data())
def test_a_number_in_range_is_accepted(data: st.DataObject) -> None:
    path = data.draw(st.sampled_from(sorted(BOUNDED.keys() - TOGETHER, key=str)))
    check_parameters(changed(path, data.draw(inside(BOUNDED[path]))))


OPTIONAL = (("elephas", "early_stopping"), ("reporting", "decision"))


@given(st.sampled_from([path for path in sections(BASE) if path]), st.sampled_from([None, 7, "x"]))
def test_a_section_that_is_no_section_is_refused(path: tuple[Any, ...], value: Any) -> None:
    if path in OPTIONAL and value is None:
        return
    with pytest.raises(ParameterError, match=re.escape(dotted(path))):
        check_parameters(changed(path, value))
