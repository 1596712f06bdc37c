"""Splits by time and by group keep together what belongs together, and both classes apart."""

import random
from collections import Counter
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from bank_spark_dl.errors import InputDataError, ParameterError
from bank_spark_dl.ml.splits.held_out import TEST, VALIDATION, is_held_out
from bank_spark_dl.parameters import DataOptions, Parameters

LABELS = ("yes", "no")
NAMES = ["a.b", "a`b", ":order", "features"]


def by(parameters: Parameters, split: str, column: str) -> DataOptions:
    data = parameters.data
    columns = data.columns.model_copy(update={"label": "y", split: column})
    return data.model_copy(update={"split": split, "columns": columns})


def table(spark: SparkSession, values: list[Any], kind: str, name: str = "c") -> DataFrame:
    """Rows of both classes for each value."""
    rows = [(n, value, LABELS[n % 2]) for n, value in enumerate(v for v in values for _ in LABELS)]
    frame = spark.createDataFrame(rows, f"row_id long, c {kind}, y string")
    return frame.withColumnRenamed("c", name)


def held_out(rows: DataFrame, data: DataOptions, fraction: float, seed: int = 1) -> list[Any]:
    name = next(column for column in rows.columns if column not in ("row_id", "y"))
    condition = is_held_out(rows, data, fraction, seed, TEST)
    return sorted(row[name] for row in rows.where(condition).collect())


@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    moments=st.lists(st.integers(-20, 20), min_size=2, max_size=40).filter(lambda m: len({*m}) > 1),
    fraction=st.floats(0.01, 0.99),
    partitions=st.integers(1, 4),
    shuffling=st.randoms(use_true_random=False),
)
def test_the_newest_rows_are_held_out(
    spark: SparkSession,
    parameters: Parameters,
    moments: list[int],
    fraction: float,
    partitions: int,
    shuffling: random.Random,
) -> None:
    shuffling.shuffle(moments)
    rows = table(spark, moments, "int").repartition(partitions)
    newest = held_out(rows, by(parameters, "time", "c"), fraction)
    older = list((Counter(moments * 2) - Counter(newest)).elements())
    assert older
    assert max(older) < min(newest)
    nearest = min(
        abs(sum(moment > cut for moment in moments) / len(moments) - fraction)
        for cut in set(moments) - {max(moments)}
    )
    assert abs(len(newest) / 2 / len(moments) - fraction) == pytest.approx(nearest)


@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    groups=st.lists(st.sampled_from("abcdefghijklmn"), min_size=2, max_size=40).filter(
        lambda g: len({*g}) > 1
    ),
    fraction=st.floats(0.01, 0.99),
    seed=st.integers(0, 2**31 - 1),
    partitions=st.integers(1, 4),
    shuffling=st.randoms(use_true_random=False),
)
def test_whole_groups_are_held_out(
    spark: SparkSession,
    parameters: Parameters,
    groups: list[str],
    fraction: float,
    seed: int,
    partitions: int,
    shuffling: random.Random,
) -> None:
    data = by(parameters, "group", "c")
    chosen = held_out(table(spark, groups, "string").coalesce(1), data, fraction, seed)
    shuffling.shuffle(groups)
    rows = table(spark, groups, "string").repartition(partitions)
    assert held_out(rows, data, fraction, seed) == chosen
    number = Counter(groups)
    assert Counter(chosen) == {group: 2 * number[group] for group in set(chosen)}
    assert 0 < len(set(chosen)) < len(number)
    assert abs(len(chosen) / 2 / len(groups) - fraction) <= max(number.values()) / len(groups)


def test_another_seed_holds_out_other_groups(spark: SparkSession, parameters: Parameters) -> None:
    rows, data = table(spark, list(range(40)), "int"), by(parameters, "group", "c")
    assert held_out(rows, data, 0.2, seed=1) != held_out(rows, data, 0.2, seed=2)
    assert len(held_out(rows, data, 0.2, seed=3)) == 16


@pytest.mark.parametrize(
    "moment",
    [
        "date_add(date'1969-12-27', c)",
        "timestamp_micros(c - 5)",
        "CAST(timestamp_micros(c - 5) AS timestamp_ntz)",
        "CAST(c AS tinyint)",
        "float(c) / 8",
        "CAST(c AS decimal(20, 3)) / 8",
    ],
)
def test_moments_of_any_type(spark: SparkSession, parameters: Parameters, moment: str) -> None:
    rows = table(spark, list(range(10)), "int").withColumn("c", F.expr(moment))
    newest = sorted({row["c"] for row in rows.collect()})[-3:]
    assert sorted(set(held_out(rows, by(parameters, "time", "c"), 0.3))) == newest


@pytest.mark.parametrize("split", ["time", "group"])
@pytest.mark.parametrize("name", NAMES)
def test_columns_of_any_name(
    spark: SparkSession, parameters: Parameters, split: str, name: str
) -> None:
    carried = f"raw_{name}" if name == "features" else name
    rows = table(spark, list(range(10)), "long", carried)
    assert len(held_out(rows, by(parameters, split, name), 0.3)) == 6


def refusal(rows: DataFrame, data: DataOptions, part: Any = TEST) -> str:
    with pytest.raises((InputDataError, ParameterError)) as refused:
        is_held_out(rows, data, 0.2, 1, part)
    return str(refused.value)


@pytest.mark.parametrize(
    ("split", "kind", "values"),
    [("time", "double", [1.0, None, float("nan")]), ("group", "string", ["a", None, None])],
)
def test_missing_values_are_counted(
    spark: SparkSession, parameters: Parameters, split: str, kind: str, values: list[Any]
) -> None:
    assert refusal(table(spark, values, kind), by(parameters, split, "c")) == (
        f"The column 'c' says where the rows belong (data.columns.{split}), but has no value in 4 "
        "rows: fill it, remove these rows, or set data.split to random."
    )


def test_a_text_is_no_time(spark: SparkSession, parameters: Parameters) -> None:
    assert refusal(table(spark, ["2024-01-01"], "string"), by(parameters, "time", "c")) == (
        "data.columns.time names 'c', a column of the type string, and only dates, timestamps and "
        "numbers order rows in time: declare another type in the schema, or name another column."
    )


@pytest.mark.parametrize("split", ["time", "group"])
def test_rows_of_one_moment_or_group_cannot_be_split(
    spark: SparkSession, parameters: Parameters, split: str
) -> None:
    assert refusal(table(spark, [1, 1], "int"), by(parameters, split, "c")) == (
        f"All rows have the same value in the column 'c' (data.columns.{split}), so there can be "
        "no test rows: name another column, or set data.split to random."
    )


@pytest.mark.parametrize(
    ("early", "part", "side", "parameter"),
    [
        (True, TEST, "test", "data.test_fraction"),
        (False, TEST, "training", "data.test_fraction"),
        (True, VALIDATION, "validation", "elephas.validation_split"),
    ],
)
def test_a_side_without_a_class_is_named(
    spark: SparkSession, parameters: Parameters, early: bool, part: Any, side: str, parameter: str
) -> None:
    is_yes = F.col("c") < 5 if early else F.col("c") > 8
    rows = table(spark, list(range(10)), "int").withColumn(
        "y", F.when(is_yes, "yes").otherwise("no")
    )
    assert refusal(rows, by(parameters, "time", "c"), part) == (
        f"The label 'y' is 'yes' in no {side} row, and data.split: time needs one there: change "
        f"{parameter}, or set data.split to random."
    )


def test_of_many_classes_the_training_rows_need_each(
    spark: SparkSession, parameters: Parameters
) -> None:
    rows = spark.range(30).selectExpr("id AS row_id", "id AS c", "string(id % 3) AS y")
    data = by(parameters, "time", "c")
    early = rows.withColumn("y", F.when(F.col("c") < 3, "early").otherwise(F.col("y")))
    assert held_out(early, data, 0.2) == list(range(24, 30))
    late = rows.withColumn("y", F.when(F.col("c") > 27, "late").otherwise(F.col("y")))
    assert refusal(late, data, TEST).startswith("The label 'y' is 'late' in no training row, and ")


def test_numbers_need_no_class_on_either_side(spark: SparkSession, parameters: Parameters) -> None:
    rows = spark.range(30).selectExpr("id AS row_id", "id AS c", "id / 7 AS y")
    assert held_out(rows, by(parameters, "time", "c"), 0.2) == list(range(24, 30))
