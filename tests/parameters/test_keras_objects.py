"""Optimizers and schedules by name and arguments, checked without TensorFlow."""

import subprocess
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bank_spark_dl.errors import ParameterError
from bank_spark_dl.parameters import check_parameters
from parameters.raw import BASE, FEW, Key, changed, dotted

OPTIMIZER, SCHEDULE = ("elephas", "optimizer"), ("elephas", "learning_rate_schedule")
BOTH = changed(SCHEDULE, {"name": "CosineDecay"})
KEYS = st.from_regex(r"[a-z_]{3,12}_x", fullmatch=True)


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        pytest.param(
            (*OPTIMIZER, "name"),
            "adm",
            "elephas.optimizer: name is 'adm': it should be one of adadelta, adafactor, adagrad, ",
            id="name",
        ),
        pytest.param(
            SCHEDULE,
            {"name": "cosinedecay"},
            "elephas.learning_rate_schedule: name is 'cosinedecay': it should be one of CosineDec",
            id="name-of-a-schedule",
        ),
        pytest.param(
            (*OPTIMIZER, "beta_9"),
            3,
            "elephas.optimizer: adam has no argument beta_9: it has amsgrad, beta_1, beta_2, clip",
            id="argument",
        ),
        pytest.param(
            SCHEDULE,
            {"name": "CosineDecay", "alfa": 0.1},
            "elephas.learning_rate_schedule: CosineDecay has no argument alfa: it has alpha, deca",
            id="argument-of-a-schedule",
        ),
        pytest.param(
            (*OPTIMIZER, "beta_1"),
            "high",
            "elephas.optimizer: beta_1 is 'high': it should be a number, true or false.",
            id="number",
        ),
        pytest.param(
            SCHEDULE,
            {"name": "PiecewiseConstantDecay", "boundaries": 5, "values": [0.1, 0.01]},
            "elephas.learning_rate_schedule: boundaries is 5: it should be a list of numbers.",
            id="list",
        ),
        pytest.param(
            OPTIMIZER,
            {"name": "muon", "learning_rate": 0.1, "exclude_layers": "dense"},
            "elephas.optimizer: exclude_layers is 'dense': it should be a list of names.",
            id="list-of-names",
        ),
        pytest.param(
            SCHEDULE,
            {"name": "ExponentialDecay", "decay_rate": None},
            "elephas.learning_rate_schedule: ExponentialDecay needs decay_rate: add what is",
            id="null-for-a-required-argument",
        ),
        pytest.param(
            SCHEDULE,
            {"name": "PiecewiseConstantDecay", "values": [0.1, 0.01]},
            "elephas.learning_rate_schedule: PiecewiseConstantDecay needs boundaries: add what is",
            id="no-required-argument",
        ),
    ],
)
def test_a_mistake_is_named(key: Key, value: Any, message: str) -> None:
    with pytest.raises(ParameterError) as refused:
        check_parameters(changed(key, value))
    assert message in str(refused.value)


@FEW
@given(st.sampled_from([OPTIMIZER, SCHEDULE]), KEYS)
def test_an_unknown_argument_is_refused(section: Key, name: str) -> None:
    with pytest.raises(ParameterError, match=rf"{dotted(section)}: \w+ has no argument {name}: it"):
        check_parameters(changed((*section, name), 1, BOTH))


@pytest.mark.parametrize(("section", "name"), [(OPTIMIZER, "beta_1"), (SCHEDULE, "alpha")])
@FEW
@given(value=st.one_of(st.text(), st.binary(), st.just({"a": 1}), st.just(float("nan"))))
def test_an_argument_of_a_strange_type_is_refused(section: Key, name: str, value: Any) -> None:
    with pytest.raises(ParameterError, match=rf"{dotted(section)}: {name} is "):
        check_parameters(changed((*section, name), value, BOTH))


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ((*OPTIMIZER, "weight_decay"), None),
        ((*OPTIMIZER, "amsgrad"), True),
        ((*OPTIMIZER, "clipnorm"), 10**400),
        ((*SCHEDULE, "warmup_target"), None),
        (SCHEDULE, {"name": "PiecewiseConstantDecay", "boundaries": [5], "values": [0.1, 1]}),
    ],
)
def test_what_keras_takes_is_accepted(key: Key, value: Any) -> None:
    check_parameters(changed(key, value, BOTH))


def test_a_check_imports_no_tensorflow() -> None:
    script = (
        "import sys; from bank_spark_dl.parameters import check_parameters; "
        f"check_parameters({BASE!r}); "
        "print(sys.modules.keys() & {'tensorflow', 'keras', 'pyspark', 'kedro'})"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.stdout == "set()\n", done.stderr
