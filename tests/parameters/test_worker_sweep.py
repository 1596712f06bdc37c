"""Numbers of workers that can be compared."""

import pytest

from parameters.raw import changed, refusal


@pytest.mark.parametrize("numbers", [[2, 4], [1, 2, 2]])
def test_numbers_without_1_or_twice_the_same_are_refused(numbers: list[int]) -> None:
    assert refusal(changed(("worker_sweep", "num_workers"), numbers)).endswith(
        "_worker_sweep.yml:\n  worker_sweep: num_workers must hold 1, to compare with, and no "
        "number twice."
    )
