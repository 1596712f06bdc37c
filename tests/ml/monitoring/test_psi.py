import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bank_spark_dl.ml.monitoring.psi import population_stability_index, psi_by_chance

COUNTS = st.lists(st.integers(0, 10_000), min_size=2, max_size=20).filter(any)
PAIRS = st.integers(2, 20).flatmap(
    lambda bins: st.tuples(
        *(st.lists(st.integers(0, 10_000), min_size=bins, max_size=bins).filter(any),) * 2
    )
)


def test_it_is_the_sum_that_the_formula_says() -> None:
    expected = (0.5 - 0.25) * math.log(0.5 / 0.25) + (0.5 - 0.75) * math.log(0.5 / 0.75)
    assert population_stability_index([1, 3], [20, 20]) == pytest.approx(expected)


@given(counts=COUNTS, times=st.integers(1, 50))
def test_it_is_zero_for_the_same_distribution(counts: list[int], times: int) -> None:
    assert population_stability_index(counts, [times * count for count in counts]) == pytest.approx(
        0.0
    )


@given(pair=PAIRS)
def test_it_is_finite_never_negative_and_symmetric(pair: tuple[list[int], list[int]]) -> None:
    index = population_stability_index(*pair)
    assert 0.0 <= index < math.inf
    assert population_stability_index(*reversed(pair)) == pytest.approx(index)


@given(pair=PAIRS, shares=st.tuples(st.floats(0, 1), st.floats(0, 1)).map(sorted))
def test_it_grows_with_the_share_of_strange_rows(
    pair: tuple[list[int], list[int]], shares: list[float]
) -> None:
    usual, strange = (1e6 * np.array(counts) / sum(counts) for counts in pair)
    less, more = (
        population_stability_index(usual, (1 - share) * usual + share * strange) for share in shares
    )
    assert less <= more + 1e-9


@pytest.mark.parametrize("rows", [1, 10, 20, 50, 100, 1000])
def test_few_rows_hardly_exceed_their_bound(rows: int) -> None:
    """An index by itself is above 0.25 in nearly every draw of ten rows."""
    shares, draws = np.full(10, 0.1), np.random.default_rng(2)
    trained = draws.multinomial(9000, shares).tolist()
    scored = draws.multinomial(rows, shares, size=2000).tolist()
    above = [
        population_stability_index(trained, drawn) > max(0.25, psi_by_chance(trained, drawn))
        for drawn in scored
    ]
    assert sum(above) < 20


def test_chance_alone_exceeds_its_bound_once_in_a_thousand_times() -> None:
    shares, draws = np.array([0.1, 0.2, 0.3, 0.4]), np.random.default_rng(1)
    trained = draws.multinomial(5000, shares, size=4000).tolist()
    scored = draws.multinomial(800, shares, size=4000).tolist()
    above = [
        population_stability_index(*pair) > psi_by_chance(*pair)
        for pair in zip(trained, scored, strict=True)
    ]
    assert 0 < sum(above) < 15


def test_one_bin_leaves_nothing_to_chance() -> None:
    assert psi_by_chance([5, 0], [3, 0]) == 0.0
