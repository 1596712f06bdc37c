"""Folds by time and by group."""

import random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from bank_spark_dl.errors import InputDataError
from bank_spark_dl.ml.models.fold_features import FoldFeatures
from bank_spark_dl.ml.splits.ordered_folds import deal_rows, trains
from bank_spark_dl.parameters import CrossValidationOptions, DataOptions, Parameters

NAME = "when.`it`"


def by(parameters: Parameters, split: str, name: str = NAME, label: str = "y") -> DataOptions:
    data = parameters.data
    columns = data.columns.model_copy(update={"label": label, split: name})
    return data.model_copy(update={"split": split, "columns": columns})


def table(spark: SparkSession, values: list[int]) -> DataFrame:
    """Rows of both classes for each value."""
    rows = [(n, value, y) for n, value in enumerate(values) for y in ("yes", "no")]
    return spark.createDataFrame(rows, "row_id long, value int, y string").withColumnRenamed(
        "value", NAME
    )


def folds(rows: DataFrame, data: DataOptions, number: int, seed: int = 0) -> dict[int, list[int]]:
    dealt = deal_rows(rows, data, CrossValidationOptions(folds=number, seed=seed))
    found: dict[int, list[int]] = {}
    for row in dealt.collect():
        found.setdefault(row["__fold__"], []).append(row[NAME])
    return {fold: sorted(found[fold]) for fold in sorted(found)}


@settings(
    max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    sizes=st.lists(st.integers(1, 3), min_size=16, max_size=30),
    split=st.sampled_from(["time", "group"]),
    number=st.integers(2, 4),
    partitions=st.integers(1, 4),
    shuffling=st.randoms(use_true_random=False),
)
def test_folds_of_nearly_equal_rows_that_divide_nothing(
    spark: SparkSession,
    parameters: Parameters,
    sizes: list[int],
    split: str,
    number: int,
    partitions: int,
    shuffling: random.Random,
) -> None:
    values = [value for value, size in enumerate(sizes) for _ in range(size)]
    data = by(parameters, split)
    found = folds(table(spark, values).coalesce(1), data, number)
    shuffling.shuffle(values)
    assert folds(table(spark, values).repartition(partitions), data, number) == found
    assert list(found) == list(range(-1 if split == "time" else 0, number))
    assert sorted(value for part in found.values() for value in part) == sorted(values * 2)
    assert sum(len(set(part)) for part in found.values()) == len(sizes)
    for part in found.values():
        assert abs(len(part) / 2 - len(values) / len(found)) <= max(sizes)
    if split == "time":
        assert [value for part in found.values() for value in part] == sorted(values * 2)


def test_models_of_a_fold_are_trained_on_all_older_rows(
    spark: SparkSession, parameters: Parameters
) -> None:
    data = by(parameters, "time")
    options = CrossValidationOptions(folds=2, seed=0)
    dealt = deal_rows(table(spark, list(range(9))), data, options)
    windows = [
        sorted({row[NAME] for row in dealt.where(trains(fold, data)).collect()})
        for fold in range(2)
    ]
    assert windows == [[0, 1, 2], [0, 1, 2, 3, 4, 5]]
    assert folds(table(spark, list(range(9))), data, 2)[1] == [6, 6, 7, 7, 8, 8]


def test_another_seed_makes_other_folds_of_groups(
    spark: SparkSession, parameters: Parameters
) -> None:
    rows, data = table(spark, list(range(20))), by(parameters, "group")
    assert folds(rows, data, 2, seed=1) != folds(rows, data, 2, seed=2)


def test_the_validation_rows_of_a_fold_are_the_newest_before_it(
    rows: DataFrame, parameters: Parameters
) -> None:
    data = by(parameters, "time", "called", "deposit")
    options = CrossValidationOptions(folds=2, seed=0)
    dealt = deal_rows(rows.withColumn("called", F.col("row_id")), data, options)
    split = FoldFeatures(0, data, parameters.features, 0.2, 1)(dealt)
    ids: list[Any] = sorted(row["row_id"] for row in rows.collect())
    assert sorted(row["row_id"] for row in split.held_out.collect()) == ids[200:400]
    validating = split.train.where("validation").collect()
    assert sorted(row["row_id"] for row in validating) == ids[160:200]
    assert split.train.count() == 200


@pytest.mark.parametrize("split", ["time", "group"])
def test_too_few_values_for_the_folds(
    spark: SparkSession, parameters: Parameters, split: str
) -> None:
    with pytest.raises(InputDataError) as refused:
        folds(table(spark, [1, 2, 2]), by(parameters, split), 3)
    assert str(refused.value) == (
        f"The column '{NAME}' (data.columns.{split}) has too few different values, or too many "
        "rows with one of them, for 3 folds of nearly the same size: lower cross_validation.folds, "
        "or set data.split to random."
    )


def test_two_folds_are_not_to_be_lowered(spark: SparkSession, parameters: Parameters) -> None:
    with pytest.raises(InputDataError, match="same size: set data"):
        folds(table(spark, [1, 2]), by(parameters, "time"), 2)


@pytest.mark.parametrize(
    ("yes", "part"),
    [("> 3", "the oldest rows, which all folds train on"), ("NOT BETWEEN 3 AND 5", "fold 0")],
)
def test_a_fold_without_a_class_is_named(
    spark: SparkSession, parameters: Parameters, yes: str, part: str
) -> None:
    quoted = NAME.replace("`", "``")
    label = F.expr(f"IF(`{quoted}` {yes}, 'yes', 'no')")
    rows = table(spark, list(range(9))).withColumn("y", label)
    rows = rows.union(rows.withColumn("y", F.lit("no")))
    with pytest.raises(InputDataError) as refused:
        folds(rows, by(parameters, "time"), 2)
    assert str(refused.value) == (
        f"The label 'y' is 'yes' in no row of {part}, but all classes are needed there: set "
        "data.split to random."
    )
