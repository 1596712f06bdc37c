from typing import Any

import pytest
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from bank_spark_dl.ml.features.scaled_columns import ScaledColumn, choose_scaled_columns
from bank_spark_dl.parameters import SkewOptions


@pytest.mark.parametrize(
    ("statistic", "lower", "upper", "skewed"),
    [
        ("kurtosis", -2.0, 2.0, {"balance": True, "age": False}),
        ("kurtosis", -100.0, 100_000.0, {"balance": False, "age": False}),
        ("kurtosis", -100.0, -50.0, {"balance": True, "age": True}),
        ("skewness", -2.0, 2.0, {"balance": True, "age": False}),
    ],
)
def test_columns_outside_the_bounds_are_skewed(
    rows: DataFrame, statistic: Any, lower: float, upper: float, skewed: dict[str, bool]
) -> None:
    options = SkewOptions(statistic=statistic, lower=lower, upper=upper)
    answer = choose_scaled_columns(rows, ["balance", "age"], options)
    assert {name: entry.standardized for name, entry in answer.columns.items()} == skewed
    assert (answer.statistic, answer.lower, answer.upper) == (statistic, lower, upper)
    expected = rows.agg(getattr(F, statistic)("balance")).head()[0]
    assert answer.columns["balance"].value == pytest.approx(expected)


def test_a_constant_column_is_not_skewed(rows: DataFrame) -> None:
    options = SkewOptions(statistic="kurtosis", lower=-2.0, upper=2.0)
    answer = choose_scaled_columns(rows.withColumn("same", F.lit(7)), ["same"], options)
    assert answer.columns["same"] == ScaledColumn(None, standardized=False)
