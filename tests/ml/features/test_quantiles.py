from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyspark.sql import DataFrame, SparkSession

from bank_spark_dl.ml.features.quantiles import column_edges, normal_scores
from bank_spark_dl.parameters import PiecewiseLinearOptions


@pytest.fixture(scope="module")
def table(spark: SparkSession) -> DataFrame:
    rows = [(float(n**2), float(n % 2), 7.0, None, max(n - 90.0, 0.0)) for n in range(101)]
    columns = ("square", "bit", "constant", "empty", "tail")
    return spark.createDataFrame(rows, ", ".join(f"__value_{name} double" for name in columns))


def test_edges_are_exact_quantiles(table: DataFrame) -> None:
    wanted = PiecewiseLinearOptions(bins=4, columns={"square": 5})
    edges = column_edges(table, ["square", "bit", "constant", "empty"], wanted)
    values = np.arange(101.0) ** 2
    assert edges["square"] == pytest.approx(np.quantile(values, np.linspace(0, 1, 6)))
    assert edges["bit"] == [0.0, 1.0]
    assert edges["constant"] == [7.0]
    assert edges["empty"] == []


def test_distinct_values_have_edges_of_their_own(table: DataFrame) -> None:
    # Nine of ten rows are 0: quantiles of the rows do not see where the others lie.
    rows = column_edges(table, ["tail"], PiecewiseLinearOptions(bins=4))
    options = PiecewiseLinearOptions(bins=4, distinct_bins=5, tied_fraction=0.9)
    both = column_edges(table, ["tail", "square"], options)
    assert rows == {"tail": [0.0, 10.0]}
    assert both["tail"] == [0.0, 2.0, 4.0, 6.0, 8.0, 10.0]
    all_values = column_edges(table, ["tail"], PiecewiseLinearOptions(bins=4, distinct_bins=10))
    assert all_values["tail"] == list(map(float, range(11)))
    more = column_edges(table, ["tail"], PiecewiseLinearOptions(bins=4, distinct_bins=996))
    assert more == all_values
    assert len(both["square"]) == 5  # no value of it is frequent
    none = column_edges(table, ["tail"], options.model_copy(update={"tied_fraction": 0.91}))
    assert none == rows


def test_no_column_needs_no_rows() -> None:
    assert column_edges(None, [], PiecewiseLinearOptions(bins=2)) == {}  # type: ignore[arg-type]
    assert normal_scores(None, {"constant": [7.0]}) == {}  # type: ignore[arg-type]


@settings(max_examples=10, deadline=None)
@given(
    values=st.lists(st.one_of(st.integers(-3, 3).map(float), st.none()), min_size=2, max_size=20),
    edges=st.lists(st.sampled_from([-3.0, -2.5, -1.0, 0.0, 0.5, 3.0]), min_size=2, unique=True),
)
def test_scores_are_those_of_the_middle_of_ties(
    spark: SparkSession, values: list[float | None], edges: list[float]
) -> None:
    values, ends = [*values, *edges], sorted(edges)  # each edge is a value, as its quantiles are
    frame = spark.createDataFrame([(value,) for value in values], "__value_x double")
    found = normal_scores(frame, {"x": ends})["x"]
    there = np.array([value for value in values if value is not None])
    middle = [((there < end).sum() + (there == end).sum() / 2) / len(there) for end in ends]
    assert found == pytest.approx([NormalDist().inv_cdf(share) for share in middle])
