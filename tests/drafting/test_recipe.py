from typing import Any

import pytest

from bank_spark_dl.drafting.recipe import recipe_for
from bank_spark_dl.ml.target import TaskName


def test_small_tables_have_small_batches_and_more_epochs() -> None:
    found = {rows: recipe_for("binary", rows) for rows in (1, 20, 178, 344, 1_000, 3_000)}
    sizes = {rows: (recipe.batch_size, recipe.epochs) for rows, recipe in found.items()}
    assert sizes == {
        1: (1, 25),
        20: (2, 25),
        178: (16, 25),
        344: (32, 25),
        1_000: (32, 24),
        3_000: (64, 12),
    }


@pytest.mark.parametrize(
    ("task", "rows", "sizes"),
    [
        ("binary", 7_043, {"bins": 10, "distinct_bins": 0, "units": 96, "dropout": 0.2}),
        ("binary", 32_561, {"bins": 26, "distinct_bins": 128, "units": 128, "dropout": 0.2}),
        ("binary", 1_000_000, {"bins": 32, "distinct_bins": 128, "units": 128}),
        ("multiclass", 344, {"bins": 5, "distinct_bins": 0, "units": 256, "dropout": 0.2}),
        ("multiclass", 20_000, {"bins": 16, "units": 256, "dropout": 0.1, "epochs": 15}),
        ("regression", 53_940, {"bins": 32, "units": 128, "dropout": 0.0, "epochs": 15}),
    ],
)
def test_sizes_follow_from_task_and_rows(task: TaskName, rows: int, sizes: dict[str, Any]) -> None:
    found = vars(recipe_for(task, rows))
    assert {key: found[key] for key in sizes} == sizes
