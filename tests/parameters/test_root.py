"""What a person reads who has set a parameter wrongly."""

import inspect
from typing import Any, get_type_hints

import pytest
from kedro.framework.project import configure_project, pipelines

from bank_spark_dl.parameters import check_parameters
from bank_spark_dl.parameters.fields import Section
from parameters.raw import BASE, Key, changed, dotted, refusal, sections

WHOLE = "conf/base/parameters.yml"
REPORTING = "conf/base/parameters_reporting.yml"


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        pytest.param(
            ("elephas", "epochs"), 0, "is 0: it should be greater than 0.", id="out-of-range"
        ),
        pytest.param(
            ("elephas", "num_workers"),
            True,
            "is True: it should be a valid integer.",
            id="wrong-type",
        ),
        pytest.param(
            ("elephas", "mode"),
            "hogwild",
            "is 'hogwild': it should be 'synchronous'.",
            id="not-a-choice",
        ),
        pytest.param(
            ("elephas", "threshold"), 2.0, "is 2.0: it should be less than 1.", id="of-two-kinds"
        ),
        pytest.param(
            ("elephas", "bacth_size"),
            64,
            "is not a parameter: did you mean batch_size?",
            id="misspelt",
        ),
        pytest.param(("sed",), 1, "is not a parameter: did you mean seed?", id="misspelt-at-top"),
        pytest.param(
            ("elephas", "early_stopping", "patiense"),
            3,
            "is not a parameter: did you mean patience?",
            id="misspelt-in-an-optional-section",
        ),
        pytest.param(
            ("data", "segments", 0, "colum"),
            "age",
            "is not a parameter: did you mean column?",
            id="misspelt-in-a-list",
        ),
        pytest.param(
            ("scoring", "drift", "colour"),
            "red",
            "is not a parameter: known here are psi, unseen, out_of_range, action.",
            id="like-none",
        ),
    ],
)
def test_a_mistake_names_key_value_and_what_is_allowed(key: Key, value: Any, message: str) -> None:
    assert f":\n  {dotted(key)} {message}" in refusal(changed(key, value))


def test_all_mistakes_come_in_one_message_with_the_files_that_explain_them() -> None:
    raw = changed(("elephas", "epochs"), -1) | {"seed": "one"}
    assert refusal(changed(("reporting", "curve_points"), 1, raw)) == (
        f"Wrong parameters, explained in {WHOLE}, {REPORTING}:\n"
        "  seed is 'one': it should be a valid integer.\n"
        "  elephas.epochs is -1: it should be greater than 0.\n"
        "  reporting.curve_points is 1: it should be greater than or equal to 10."
    )


@pytest.mark.parametrize("section", list(BASE))
def test_a_missing_section_is_refused(section: str) -> None:
    raw = {key: value for key, value in BASE.items() if key != section}
    assert refusal(raw).endswith(f".yml:\n  {section} is missing: add it.")


OPTIONAL = (
    ("elephas", "early_stopping"),
    ("reporting", "decision"),
    ("tuning", "halving"),
    *(("tuning", "space", name) for name in BASE["tuning"]["space"]),
)


@pytest.mark.parametrize("value", [None, 7, "x"])
def test_a_section_that_is_no_section_is_refused(value: Any) -> None:
    for key in sections(BASE)[1:]:
        if value is not None or key not in OPTIONAL:
            assert dotted(key) in refusal(changed(key, value))


@pytest.mark.parametrize("key", OPTIONAL)
def test_an_optional_section_may_be_null(key: Key) -> None:
    check_parameters(changed(key, None))


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
    said = f":\n  reporting.{old} is now {new}: set it there."
    assert refusal(changed(("reporting", old), 0.12)).endswith(said)


def test_an_optimal_threshold_needs_prices() -> None:
    free = changed(("reporting", "decision"), None)
    assert check_parameters(free).reporting.decision is None
    assert refusal(changed(("elephas", "threshold"), "optimal", free)) == (
        f"Wrong parameters, explained in {WHOLE}:\n"
        "  elephas.threshold is optimal, the most profitable one, but reporting.decision is null: "
        "give there what a call costs and brings, or set the threshold to a number."
    )


def test_nodes_declare_the_sections_that_they_take() -> None:
    """Kedro validates a parameter by its type hint, and does nothing where it finds none."""
    configure_project("bank_spark_dl")
    nodes = {node for pipeline in pipelines.values() for node in pipeline.nodes}
    taken = 0
    for node in nodes:
        given = node._inputs if isinstance(node._inputs, dict) else {}
        positional = () if given else node.inputs
        names = inspect.signature(node.func).bind(*positional, **given).arguments
        hints = get_type_hints(node.func)
        for name, source in names.items():
            section = str(source).removeprefix("params:")
            if section != source and isinstance(BASE.get(section), dict):
                assert issubclass(hints[name], Section), (node.name, name)
                taken += 1
    assert taken > 20


def test_a_password_is_refused() -> None:
    assert refusal(BASE | {"data_root": "s3a://me:secret@bucket"}).startswith("data_root holds a p")
