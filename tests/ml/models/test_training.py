from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bank_spark_dl.distributed.inference.calibration import Calibration
from bank_spark_dl.errors import ParameterError
from bank_spark_dl.ml.models.training import (
    baseline_threshold,
    batch_size,
    checkpoint_folder,
    keras_config,
    steps_per_round,
    with_threshold,
)
from bank_spark_dl.parameters import (
    ElephasOptions,
    OptimizerOptions,
    Parameters,
    ScheduleOptions,
    check_parameters,
)
from bank_spark_dl.tasks import task_named


@pytest.fixture
def options(parameters: Parameters) -> ElephasOptions:
    return parameters.elephas


def test_checkpoints_lie_with_the_results_or_where_the_options_say(options: ElephasOptions) -> None:
    assert checkpoint_folder(options, "data") == "data/06_models/checkpoint"
    named = options.model_copy(update={"checkpoint_dir": "/fast/disk"})
    assert checkpoint_folder(named, "s3a://bucket") == "/fast/disk"


def test_results_elsewhere_have_no_checkpoint_and_cannot_be_resumed(
    options: ElephasOptions,
) -> None:
    assert checkpoint_folder(options, "s3a://bucket/data") is None
    with pytest.raises(ParameterError, match=r"data_root is s3a://bucket.*set elephas.checkpoint"):
        checkpoint_folder(options.model_copy(update={"resume": True}), "s3a://bucket")


def test_keras_describes_its_objects_by_class_and_configuration() -> None:
    sgd = OptimizerOptions(name="sgd", learning_rate=0.1, momentum=0.9, clipnorm=None)
    assert keras_config(sgd, 2.0) == {
        "class_name": "sgd",
        "config": {"learning_rate": 0.2, "momentum": 0.9},
    }
    schedule = ScheduleOptions(name="PiecewiseConstantDecay", boundaries=[5], values=[0.2, 0.1])
    assert keras_config(schedule, 0.5)["config"] == {"boundaries": [5], "values": [0.1, 0.05]}


@pytest.mark.parametrize(
    ("workers", "shared", "rows"), [(1, False, 256), (6, False, 256), (1, True, 256), (6, True, 43)]
)
def test_workers_share_a_batch_if_asked_to(
    options: ElephasOptions, workers: int, shared: bool, rows: int
) -> None:
    update = {"num_workers": workers, "batch_size": 256, "batch_shared": shared}
    assert batch_size(options.model_copy(update=update)) == rows


@pytest.mark.parametrize(
    ("shared", "optimizer", "factor"),
    [(True, "adamw", 2.0), (False, "adamw", 1.0), (True, "sgd", 1.0)],
)
def test_an_adaptive_optimizer_learns_faster_from_a_share_of_a_batch(
    options: ElephasOptions, shared: bool, optimizer: str, factor: float
) -> None:
    changed = options.model_copy(
        update={
            "num_workers": 4,
            "batch_shared": shared,
            "optimizer": OptimizerOptions(name=optimizer, learning_rate=0.1),
            "learning_rate_schedule": ScheduleOptions(
                name="CosineDecay", initial_learning_rate=0.0, warmup_target=0.1, alpha=0.5
            ),
        }
    )
    classifier = task_named("binary").estimator({}, changed, None, seed=1)
    assert classifier.get_optimizer_config()["config"]["learning_rate"] == 0.1 * factor
    assert classifier.getOrDefault("learning_rate_schedule")["config"] == {
        "initial_learning_rate": 0.0,
        "warmup_target": 0.1 * factor,
        "alpha": 0.5,
    }


@pytest.mark.parametrize(
    ("workers", "merge", "steps"), [(2, "average", 6), (1, "average", None), (1, "reset", 6)]
)
def test_one_worker_merges_nothing_in_between(
    options: ElephasOptions, workers: int, merge: str, steps: int | None
) -> None:
    update = {"num_workers": workers, "merge": merge, "steps_per_round": 6}
    assert steps_per_round(options.model_copy(update=update)) == steps


class Trained(SimpleNamespace):
    """What is asked of a trained model."""

    threshold = 0.5

    def calibrated_probability(self, probability: float) -> float:
        return self.calibration.calibrate(probability)

    def copy(self, extra: dict[float, float]) -> "Trained":
        return Trained(**vars(self) | {"threshold": extra[self.threshold]})


def test_a_number_is_left_as_it_is() -> None:
    model = Trained()
    assert with_threshold(model, 0.5, None, None) is model
    assert (baseline_threshold(0.3), baseline_threshold("optimal")) == (0.3, 0.5)


@given(
    st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=8, max_size=8),
    st.sampled_from([Calibration(), Calibration(2.0, 1.0), Calibration(0.0, -0.3)]),
    st.floats(1.0, 99.0),
)
def test_the_optimal_threshold_earns_most(
    raw_parameters: dict[str, Any],
    rows: list[tuple[int, int]],
    calibration: Calibration,
    call_cost: float,
) -> None:
    """Among all ways to call from the highest probability down, on the rows it is chosen on."""
    bins = np.array(rows).T
    if bins.sum() == 0:
        return
    decision = check_parameters(raw_parameters).reporting.decision.model_copy(
        update={"call_cost": call_cost, "deposit_value": 100.0}
    )
    model = Trained(validation_bins=bins, calibration=calibration)
    threshold = with_threshold(model, "optimal", decision, None).threshold

    def profit(called: np.ndarray) -> float:
        calls = bins[:, called].sum()
        return 100.0 * bins[1, called].sum() - call_cost * calls

    lowest = np.arange(8) / 8  # the smallest probability of each bin
    stated = np.array([calibration.calibrate(value) for value in lowest])
    best = max(profit(np.arange(8) >= first) for first in range(9))
    if calibration.slope > 0:
        assert profit(stated > threshold) == pytest.approx(best)
    else:  # all rows look the same: they are called if that is what pays
        assert set(stated > threshold) == {best > 0}
