"""Draws from a distribution, as expressions."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from pyspark.sql import SparkSession
from pyspark.sql import functions as sf

from bank_spark_dl.parameters import SyntheticOptions
from bank_spark_dl.pipelines.synthetic_data.figures import Categories, Histogram
from bank_spark_dl.pipelines.synthetic_data.sampling import alias_table, band_number, uniform


@given(st.lists(st.integers(0, 1000), min_size=1, max_size=40).filter(any))
def test_an_alias_table_holds_its_shares(weights: list[int]) -> None:
    shares = [weight / sum(weights) for weight in weights]
    keep, other = alias_table(shares)
    held = [0.0] * len(shares)
    for slot, (part, second) in enumerate(zip(keep, other, strict=True)):
        held[slot] += part / len(shares)
        held[second] += (1 - part) / len(shares)
    assert held == pytest.approx(shares, abs=1e-12)


def test_uniform_draws_are_even_and_unrelated(spark: SparkSession) -> None:
    draws = spark.range(1, 20_001).select(
        uniform(1, "a").alias("a"), uniform(1, "b").alias("b"), uniform(2, "a").alias("c")
    )
    seen = draws.agg(
        *(sf.avg("a"), sf.stddev("a"), sf.min("a"), sf.max("a")),
        *(sf.corr("a", "b"), sf.corr("a", "c")),
    ).first()
    assert seen is not None
    mean, deviation, lowest, highest, across_names, across_seeds = seen
    assert (mean, deviation) == pytest.approx((0.5, 12**-0.5), abs=0.01)
    assert 0 <= lowest < 0.001 < 0.999 < highest < 1
    assert (across_names, across_seeds) == pytest.approx((0, 0), abs=0.03)


def test_a_lower_bound_belongs_to_its_band(spark: SparkSession) -> None:
    numbers = spark.range(9, 13).select(band_number(sf.col("id"), (0, 10, 12))).collect()
    assert [row[0] for row in numbers] == [0, 1, 1, 2]


@pytest.mark.parametrize("shares", [(0.5, 0.4), (1.5, -0.5), (1.0,)])
def test_shares_must_be_shares_of_one(shares: tuple[float, ...]) -> None:
    with pytest.raises(ValidationError, match="shares of 'all' are not 2 shares of 1"):
        Categories(values=("a", "b"), given=(), shares={"all": shares})
    with pytest.raises(ValidationError, match="shares of 'all' are not 2 shares of 1"):
        Histogram(edges=(0, 1, 2), given=(), shares={"all": shares})


@pytest.mark.parametrize(
    "wrong", [{"rows": 0}, {"rows": 2**31}, {"seed": -1}, {"path": ""}, {"row": 1}]
)
def test_options_out_of_range_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        SyntheticOptions(**({"rows": 1, "seed": 1, "path": "x"} | wrong))  # type: ignore[arg-type]
