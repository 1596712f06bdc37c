from typing import Any

import pytest

from bank_spark_dl.drafting.recipe import TEST_FRACTION, recipe_for
from bank_spark_dl.ml.target import TaskName


def test_small_tables_have_small_batches_and_more_epochs() -> None:
    found = {rows: recipe_for("binary", rows) for rows in (1, 20, 178, 344, 1_000, 3_000, 9_000)}
    sizes = {rows: (recipe.batch_size, recipe.epochs) for rows, recipe in found.items()}
    assert sizes == {
        1: (1, 25),
        20: (2, 25),
        178: (16, 25),
        344: (32, 25),
        1_000: (32, 12),
        3_000: (64, 8),
        9_000: (64, 12),
    }


@pytest.mark.parametrize(
    ("task", "rows", "sizes"),
    [
        ("binary", 569, {"bins": 9, "members": 8, "units": 96, "dropout": 0.2}),
        ("binary", 1_000, {"bins": 10, "units": 96, "dropout": 0.4}),
        ("binary", 7_043, {"bins": 10, "distinct_bins": 0, "units": 96, "dropout": 0.2}),
        (
            "binary",
            32_561,
            {"bins": 26, "distinct_bins": 128, "members": 6, "units": 48, "dropout": 0.0},
        ),
        ("binary", 32_561, {"batch_size": 128, "learning_rate": 0.012, "epochs": 12}),
        ("binary", 1_000_000, {"bins": 32, "distinct_bins": 128, "units": 48}),
        ("multiclass", 344, {"bins": 5, "distinct_bins": 0, "units": 256, "dropout": 0.2}),
        ("multiclass", 3_000, {"bins": 10, "units": 256, "dropout": 0.2, "epochs": 16}),
        ("multiclass", 20_000, {"bins": 16, "units": 256, "dropout": 0.1, "epochs": 15}),
        ("regression", 400, {"bins": 6, "units": 96, "dropout": 0.2, "epochs": 25}),
        ("regression", 800, {"bins": 10, "units": 96, "dropout": 0.2, "epochs": 30}),
        ("regression", 5_000, {"bins": 32, "units": 96, "dropout": 0.1, "epochs": 25}),
        ("regression", 53_940, {"bins": 32, "units": 128, "dropout": 0.0, "epochs": 15}),
    ],
)
def test_sizes_follow_from_task_and_rows(task: TaskName, rows: int, sizes: dict[str, Any]) -> None:
    found = vars(recipe_for(task, rows))
    assert {key: found[key] for key in sizes} == sizes


@pytest.mark.parametrize(
    ("task", "limit", "below", "from_there"),
    [
        ("binary", 500, {"epochs": 25, "dropout": 0.2}, {"epochs": 20, "dropout": 0.4}),
        ("binary", 1_500, {"dropout": 0.4}, {"dropout": 0.2}),
        ("binary", 4_000, {"epochs": 8}, {"epochs": 12}),
        ("binary", 16_000, {"members": 8, "batch_size": 64}, {"members": 6, "batch_size": 128}),
        ("multiclass", 500, {"epochs": 25}, {"epochs": 39}),
        ("multiclass", 16_000, {"dropout": 0.2, "epochs": 12}, {"dropout": 0.1, "epochs": 15}),
        ("regression", 500, {"epochs": 25}, {"epochs": 39}),
        ("regression", 700, {"dropout": 0.2, "bins": 10}, {"dropout": 0.1, "bins": 14}),
        ("regression", 16_000, {"units": 96, "epochs": 25}, {"units": 128, "epochs": 15}),
    ],
)
def test_sizes_change_at_a_number_of_train_rows(
    task: TaskName, limit: int, below: dict[str, Any], from_there: dict[str, Any]
) -> None:
    for trained, sizes in ((limit - 1, below), (limit, from_there)):
        found = vars(recipe_for(task, round(trained / (1 - TEST_FRACTION))))
        assert {key: found[key] for key in sizes} == sizes


def test_tables_of_many_numbers_have_fewer_bins() -> None:
    found = {numbers: recipe_for("binary", 50_000, numbers) for numbers in (0, 12, 60, 1_000)}
    sizes = {numbers: (recipe.bins, recipe.distinct_bins) for numbers, recipe in found.items()}
    assert sizes == {0: (32, 128), 12: (32, 128), 60: (32, 1), 1_000: (3, 0)}


def test_workers_average_more_rarely_where_an_epoch_is_long() -> None:
    found = [recipe_for("regression", rows).steps_per_round for rows in (100, 11_162, 1_000_000)]
    assert found == [6, 6, 500]
