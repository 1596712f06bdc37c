"""The range of the statistic of columns that are not standardized."""

from typing import Any

import pytest

from bank_spark_dl.parameters import check_parameters
from parameters.raw import BASE, changed, refusal


def test_bounds_in_disorder_are_refused() -> None:
    assert refusal(changed(("features", "skew", "lower"), 3.0)).endswith(
        ".yml:\n  features.skew: lower (3.0) must not be above upper (2.0)."
    )


def test_a_column_without_bins_of_its_own_has_those_of_all() -> None:
    bins = {"bins": 10, "columns": {"age": 16}}
    encoding = check_parameters(changed(("features", "piecewise_linear"), bins, BASE))
    assert encoding.features.piecewise_linear is not None
    assert encoding.features.piecewise_linear.bins_of("age") == 16
    assert encoding.features.piecewise_linear.bins_of("balance") == 10


def test_missing_numbers_may_be_filled_by_any_float() -> None:
    assert check_parameters(changed(("features", "missing"), -1, BASE)).features.missing == -1
    for wrong in ("mode", True, 1e39):
        assert "features.missing is " in refusal(changed(("features", "missing"), wrong))


@pytest.mark.parametrize("kept", [{"min_count": 2}, {"max_categories": 5}])
def test_rare_categories_need_the_place_of_unseen_ones(kept: dict[str, int]) -> None:
    rare = changed(("features", "categories"), BASE["features"]["categories"] | kept)
    assert "set features.unseen_categories to keep" in refusal(rare)
    assert check_parameters(changed(("features", "unseen_categories"), "keep", rare))


@pytest.mark.parametrize("parts", [[], ["week"], ["month", "month"]])
def test_parts_of_dates_are_known_and_named_once(parts: list[str]) -> None:
    dates = {"parts": parts, "encoding": "number"}
    assert "parts" in refusal(changed(("features", "dates"), dates, BASE))


@pytest.mark.parametrize("bins", [{"bins": 900}, {"bins": 10, "columns": {"age": 900}}])
def test_bins_of_a_column_are_not_too_many_together(bins: dict[str, Any]) -> None:
    place = ("features", "piecewise_linear")
    said = refusal(changed(place, bins | {"distinct_bins": 101}, BASE))
    assert "bins (900) and distinct_bins (101) of a column must not be more than 1000" in said
    check_parameters(changed(place, bins | {"distinct_bins": 100}, BASE))
