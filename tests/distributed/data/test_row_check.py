import numpy as np
import pytest

from bank_spark_dl.distributed.data.row_check import (
    NO_FEATURES,
    NO_NUMBER,
    TOO_LARGE,
    WRONG_WIDTH,
    find_row_errors,
)

nan, inf = float("nan"), float("inf")


@pytest.mark.parametrize(
    ("features", "kind", "detail"),
    [
        (None, NO_FEATURES, 0),
        ([], WRONG_WIDTH, 0),
        ([1], WRONG_WIDTH, 1),
        ([1, inf, 3], WRONG_WIDTH, 3),
        ([1, inf], TOO_LARGE, 2),
        ([-inf, nan], TOO_LARGE, 1),
        ([nan, inf], NO_NUMBER, 1),
        ([3.4e38, 0], 0, 0),
    ],
)
@pytest.mark.parametrize("position", range(4))
def test_the_first_problem_of_a_row_is_found_wherever_it_stands(
    features: list[float] | None, kind: int, detail: int, position: int
) -> None:
    rows: list[list[float] | None] = [[1.0, 2.0], None, [3.0, 4.0]]
    rows.insert(position, features)
    widths = np.array([-1 if row is None else len(row) for row in rows])
    values = np.array([value for row in rows for value in row or ()], "f4")
    found = find_row_errors(values, widths, 2)
    assert divmod(int(found[position]), 8) == (detail, kind)
    assert (np.delete(found, position) != 0).tolist() == [
        row is None for row in ([1.0, 2.0], None, [3.0, 4.0])
    ]


def test_no_rows_have_no_problems() -> None:
    assert find_row_errors(np.empty(0, "f4"), np.empty(0, np.int64), 3).size == 0
