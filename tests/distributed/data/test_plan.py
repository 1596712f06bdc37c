import warnings
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bank_spark_dl.distributed.config import NetworkConfig, TrainingConfig
from bank_spark_dl.distributed.data.plan import (
    make_plan,
    require_worker_rows,
    warn_of_waiting_workers,
)
from bank_spark_dl.distributed.data.sampler import rows_in_round
from bank_spark_dl.errors import ParameterError

CONFIG = TrainingConfig(
    network=NetworkConfig("{}", "mse", (), {"class_name": "sgd", "config": {}}),
    num_workers=2,
    epochs=3,
    batch_size=10,
    validation_split=0.1,
    seed=1,
    merge="reset",
    steps_per_round=None,
    early_stopping=None,
    threshold=0.5,
    calibration="none",
    prior=None,
    max_shard_mb=1.0,
)


def test_summary_says_what_each_worker_does() -> None:
    plan = make_plan([95, 96], [10, 11], (150, 62), CONFIG)
    assert plan.summary(CONFIG) == (
        "Training on 191 rows, validating on 21: 2 workers with 95 to 96 rows, "
        "10 steps of 10 rows a round, 3 rounds (3 epochs)."
    )


def test_steps_per_round_divides_epochs() -> None:
    plan = make_plan([95, 101], [1, 1], (100, 98), replace(CONFIG, steps_per_round=4))
    assert (plan.steps_per_round, plan.rounds_per_epoch, plan.rounds) == (4, 2, 6)
    assert plan.class_rows == (100, 98)


def test_a_few_rows_over_are_no_round_of_their_own() -> None:
    """Six steps of 256 rows are 1,536: the fourth worker's four rows go with its first round."""
    rows = [1536, 1537, 1540, 1536]
    plan = make_plan(
        rows, [9] * 4, (3000, 3149), replace(CONFIG, batch_size=256, steps_per_round=6)
    )
    assert plan.rounds_per_epoch == 1


@given(
    smallest=st.integers(1, 3000),
    more=st.lists(st.integers(0, 5), min_size=1, max_size=6),
    batch_size=st.integers(1, 80),
    steps_per_round=st.integers(1, 40) | st.none(),
)
def test_every_round_holds_half_of_a_full_one_or_more(
    smallest: int, more: list[int], batch_size: int, steps_per_round: int | None
) -> None:
    rows = [max(smallest, batch_size) + extra for extra in more]
    changes = {"batch_size": batch_size, "steps_per_round": steps_per_round, "epochs": 1}
    training = replace(CONFIG, num_workers=len(rows), **changes)
    plan = make_plan(rows, [1] * len(rows), (1, 1), training)
    full = plan.steps_per_round * batch_size
    for worker in rows:
        rounds = [rows_in_round(worker, number, plan, batch_size) for number in range(plan.rounds)]
        assert [row for held in rounds for row in held] == list(range(worker))
        assert all(len(held) >= min(full / 2, min(rows)) for held in rounds)


@pytest.mark.parametrize(
    ("training_rows", "message"),
    [
        (
            [9, 11],
            "With num_workers=2 a worker gets 9 of 20 training rows, fewer than one batch of 10: "
            "use num_workers=1 or batch_size=9 or less.",
        ),
        (
            [0, 5],
            "With num_workers=2 a worker gets 0 of 5 training rows, fewer than one batch of 10: "
            "use batch_size=2 or less.",
        ),
    ],
    ids=["less than a batch", "a worker without rows"],
)
def test_workers_without_a_batch_are_refused(training_rows: list[int], message: str) -> None:
    with pytest.raises(ParameterError) as caught:
        make_plan(training_rows, [1, 1], (9, 9), CONFIG)
    assert str(caught.value) == message


def test_no_rows_are_refused() -> None:
    with pytest.raises(ParameterError, match="There are no rows to train on"):
        require_worker_rows(0, CONFIG)


def test_no_validation_rows_are_refused() -> None:
    with pytest.raises(ParameterError, match="leaves no row to validate on"):
        make_plan([20, 20], [0, 0], (20, 20), CONFIG)


def test_more_workers_than_cores_cost_turns() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warn_of_waiting_workers(2, 2)
    with pytest.warns(UserWarning, match="takes 3 turns"):
        warn_of_waiting_workers(6, 2)
