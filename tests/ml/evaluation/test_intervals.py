from dataclasses import astuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from bank_spark_dl.ml.evaluation.intervals import (
    Interval,
    fold_interval,
    mean_interval,
    share_interval,
)


def test_the_interval_is_students() -> None:
    # Mean 2, standard deviation 1, and 4.303 is the 97.5% point of t with 2 degrees of freedom.
    reach = 4.302653 / np.sqrt(3)
    assert astuple(mean_interval([1.0, 2.0, 3.0])) == pytest.approx((2.0, 2 - reach, 2 + reach))


def test_equal_values_have_no_width() -> None:
    assert astuple(mean_interval([0.7] * 3)) == pytest.approx((0.7, 0.7, 0.7))


def test_it_holds_the_true_mean_as_often_as_it_says() -> None:
    generator = np.random.default_rng(4)
    intervals = [mean_interval(generator.normal(size=6)) for _ in range(2000)]
    held = np.mean([interval.sign == 0 for interval in intervals])
    assert held == pytest.approx(0.95, abs=0.015)


def test_folds_have_a_wider_interval_than_independent_figures() -> None:
    folds, free = fold_interval([1.0, 2.0, 3.0]), mean_interval([1.0, 2.0, 3.0])
    assert folds.mean == free.mean
    # Variance of the mean: 1/3 + 1/2 instead of 1/3.
    ratio = (folds.high - folds.mean) / (free.high - free.mean)
    assert ratio == pytest.approx(np.sqrt((1 / 3 + 1 / 2) / (1 / 3)))


@given(counts=st.tuples(st.integers(0, 10_000), st.integers(1, 10_000)).map(sorted))
def test_the_interval_of_a_share_is_wilsons(counts: list[int]) -> None:
    hits, rows = counts
    rows = max(rows, 1)
    wilson = binomtest(hits, rows).proportion_ci(method="wilson")
    expected = (hits / rows, wilson.low, wilson.high)
    assert astuple(share_interval(hits, rows)) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize(("low", "high", "sign"), [(0.1, 0.3, 1), (-0.3, -0.1, -1), (-0.1, 0.3, 0)])
def test_an_interval_without_zero_has_a_sign(low: float, high: float, sign: int) -> None:
    assert Interval((low + high) / 2, low, high).sign == sign


def test_an_interval_moves_with_its_figure() -> None:
    assert astuple(Interval(0.2, 0.1, 0.4).moved_to(0.5)) == pytest.approx((0.5, 0.4, 0.7))
