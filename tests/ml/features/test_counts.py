"""A count says of a row how many other train rows are like it, in training as in scoring."""

from collections import Counter

import pytest
from pyspark.sql import DataFrame, SparkSession

from bank_spark_dl.ml.models.fold_features import FoldFeatures
from bank_spark_dl.ml.splits.folds import DEALT
from bank_spark_dl.parameters import Parameters
from feature_steps import fit, scored_inputs, settings, transform

GROUPS = ["a", "a", "a", "b", "b", "c", None, "d", "a", "b"]
NEW = ["a", "c", "z", None]
NO_SCALING = {"statistic": "kurtosis", "lower": -1e9, "upper": 1e9}


def table(spark: SparkSession, groups: list[str | None]) -> DataFrame:
    rows = [(n, group, n % 3, "yes" if n % 2 else "no") for n, group in enumerate(groups)]
    return spark.createDataFrame(rows, "row_id long, g string, third int, y string")


@pytest.fixture(scope="module")
def train(spark: SparkSession) -> DataFrame:
    return table(spark, GROUPS).repartition(3).cache()


def test_a_train_row_is_not_counted_itself_and_a_new_one_is_compared_with_all(
    spark: SparkSession, train: DataFrame, parameters: Parameters
) -> None:
    chosen = settings(
        parameters,
        columns={"categorical": [], "numeric": ["alike"]},
        counts={"alike": ["g"]},
        skew=NO_SCALING,
    )
    new = table(spark, NEW)
    in_train, in_test = transform(train, new, chosen)
    counts = Counter(GROUPS)
    assert in_train == [[counts[group] - 1] for group in GROUPS]
    assert in_test == [[counts[group]] for group in NEW]
    model = fit(train, chosen)
    assert scored_inputs(new, model) == in_test
    assert scored_inputs(train, model) == [[counts[group]] for group in GROUPS]


def test_scales_and_bins_are_fitted_to_what_the_network_learns_from(
    train: DataFrame, parameters: Parameters
) -> None:
    columns = {"categorical": [], "numeric": ["alike"]}
    counts = {"alike": ["g"]}
    bins = settings(
        parameters, columns=columns, counts=counts, piecewise_linear={"bins": 2, "columns": {}}
    )
    first, second = zip(*transform(train, train, bins)[0], strict=True)
    assert (min(first), max(second)) == (0.0, 1.0)  # the ends of the bins are values of train rows
    scaled = settings(
        parameters,
        columns=columns,
        counts=counts,
        skew={"statistic": "kurtosis", "lower": 100.0, "upper": 200.0},
        standardize={"with_mean": True, "with_std": True},
    )
    values = [vector[0] for vector in transform(train, train, scaled)[0]]
    assert sum(values) == pytest.approx(0.0, abs=1e-9)


def test_rows_may_be_counted_by_a_derived_column_and_by_a_count(
    spark: SparkSession, train: DataFrame, parameters: Parameters
) -> None:
    chosen = settings(
        parameters,
        columns={"categorical": [], "numeric": ["alike", "alike_too"]},
        derived={"big": "coalesce(g, '') < 'b'"},
        counts={"alike": ["big"], "alike_too": ["alike", "third"]},
        skew=NO_SCALING,
    )
    big = [(group or "") < "b" for group in GROUPS]
    others = [big.count(value) - 1 for value in big]
    keys = [(value, n % 3) for n, value in enumerate(others)]
    in_train, in_test = transform(train, table(spark, ["a"]), chosen)
    assert in_train == [
        [other, keys.count(key) - 1] for other, key in zip(others, keys, strict=True)
    ]
    assert in_test == [[big.count(True), keys.count((big.count(True), 0))]]


def test_the_train_rows_of_a_fold_are_not_counted_themselves(
    train: DataFrame, parameters: Parameters
) -> None:
    chosen = settings(
        parameters,
        columns={"categorical": [], "numeric": ["alike"]},
        counts={"alike": ["third"]},
        skew=NO_SCALING,
    )
    dealt = train.selectExpr("*", f"int(row_id) % 5 AS {DEALT}")
    split = FoldFeatures(0, *chosen, 0.1, 1)(dealt)
    thirds = Counter(n % 3 for n in range(10) if n % 5)
    found = {
        row["row_id"]: row["features"][0] for row in split.train.union(split.held_out).collect()
    }
    assert found == {n: thirds[n % 3] - bool(n % 5) for n in range(10)}
