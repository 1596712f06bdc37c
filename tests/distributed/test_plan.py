import pytest

from bank_spark_dl.distributed.plan import make_plan, too_many_workers
from bank_spark_dl.distributed.settings import TrainingSettings, early_stopping_from
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
    plan = make_plan([95, 96], [10, 11], make_settings())
    assert plan.sentence() == (
        "Training on 191 rows, validating on 21: 2 workers with 95 to 96 rows, "
        "10 steps of 10 rows a round, 3 rounds (3 epochs)."
    )


def test_steps_per_round_divides_epochs() -> None:
    plan = make_plan([95, 101], [1, 1], make_settings(steps_per_round=4))
    assert (plan.steps_per_round, plan.rounds_per_epoch, plan.rounds) == (4, 3, 9)


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
        make_plan(training_rows, [1, 1], make_settings())
    assert str(caught.value) == message


def test_no_validation_rows_are_refused() -> None:
    with pytest.raises(ParameterError, match="leaves no row to validate on"):
        make_plan([20, 20], [0, 0], make_settings())


def test_more_workers_than_cores_cost_turns() -> None:
    assert too_many_workers(2, 2) is None
    assert "takes 3 turns" in str(too_many_workers(6, 2))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
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
