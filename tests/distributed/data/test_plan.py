import pytest
from hypothesis import given
from hypothesis import strategies as st

from bank_spark_dl.distributed.config import (
    EarlyStopping,
    TrainingSettings,
    early_stopping_from,
)
from bank_spark_dl.distributed.data.plan import make_plan, too_many_workers
from bank_spark_dl.distributed.data.sampler import RoundPlan, rows_in_round
from bank_spark_dl.errors import ParameterError


def make_settings(**changes: object) -> TrainingSettings:
    values: dict[str, object] = {
        "num_workers": 2,
        "epochs": 3,
        "batch_size": 10,
        "validation_split": 0.1,
        "seed": 1,
        "merge": "reset",
        "steps_per_round": None,
        "early_stopping": None,
        "threshold": 0.5,
        "calibration": "none",
    }
    return TrainingSettings(**(values | changes))  # type: ignore[arg-type]


def test_sentence_says_what_each_worker_does() -> None:
    plan = make_plan([95, 96], [10, 11], (150, 62), make_settings())
    assert plan.sentence() == (
        "Training on 191 rows, validating on 21: 2 workers with 95 to 96 rows, "
        "10 steps of 10 rows a round, 3 rounds (3 epochs)."
    )


def test_steps_per_round_divides_epochs() -> None:
    plan = make_plan([95, 101], [1, 1], (100, 98), make_settings(steps_per_round=4))
    assert (plan.steps_per_round, plan.rounds_per_epoch, plan.rounds) == (4, 2, 6)
    assert plan.class_rows == (100, 98)


def test_a_few_rows_over_are_no_round_of_their_own() -> None:
    """Six steps of 256 rows are 1,536: the fourth worker's four rows go with its first round."""
    rows = [1536, 1537, 1540, 1536]
    plan = make_plan(rows, [9] * 4, (3000, 3149), make_settings(batch_size=256, steps_per_round=6))
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
    training = make_settings(num_workers=len(rows), **changes)
    plan = make_plan(rows, [1] * len(rows), (1, 1), training)
    steps = RoundPlan(batch_size, plan.steps_per_round, plan.rounds_per_epoch, 1, 0.5, False)
    full = plan.steps_per_round * batch_size
    for worker in rows:
        rounds = [rows_in_round(worker, number, steps) for number in range(plan.rounds)]
        assert [row for held in rounds for row in held] == list(range(worker))
        assert all(len(held) >= min(full / 2, min(rows)) for held in rounds)


@pytest.mark.parametrize(
    ("training_rows", "message"),
    [
        ([0, 0], "There are no rows to train on."),
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
    ids=["no rows", "less than a batch", "a worker without rows"],
)
def test_workers_without_a_batch_are_refused(training_rows: list[int], message: str) -> None:
    with pytest.raises(ParameterError) as caught:
        make_plan(training_rows, [1, 1], (9, 9), make_settings())
    assert str(caught.value) == message


def test_no_validation_rows_are_refused() -> None:
    with pytest.raises(ParameterError, match="leaves no row to validate on"):
        make_plan([20, 20], [0, 0], (20, 20), make_settings())


def test_more_workers_than_cores_cost_turns() -> None:
    assert too_many_workers(2, 2) is None
    assert "takes 3 turns" in str(too_many_workers(6, 2))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"threshold": 1.5}, "threshold must be at least 0 and at most 1, but is 1.5."),
        ({"epochs": 0}, "epochs must be 1 or more, but is 0."),
        ({"merge": "sum"}, "merge must be one of reset, average, keep, but is 'sum'."),
        ({"validation_split": 1.0}, "validation_split must be at least 0 and below 1"),
        (
            {"validation_split": 0.0, "early_stopping": early_stopping_from({})},
            "with validation_split=0 there are no validation rows",
        ),
    ],
)
def test_settings_out_of_range_are_refused(changes: dict[str, object], message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        make_settings(**changes)


def test_unknown_option_of_early_stopping_is_refused() -> None:
    with pytest.raises(ParameterError, match="knows no patiense"):
        early_stopping_from({"patiense": 3})


@pytest.mark.parametrize("figure", [float("nan"), float("inf")])
def test_what_is_no_number_is_never_the_best(figure: float) -> None:
    watch = EarlyStopping("val_loss")
    assert not watch.improves(figure, None)
    assert not watch.improves(figure, 0.3)
    assert watch.improves(0.2, 0.3)
