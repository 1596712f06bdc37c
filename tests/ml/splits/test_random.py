"""The split is stratified, and a function of ids, label and seed alone."""

import random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from bank_spark_dl.errors import InputDataError
from bank_spark_dl.parameters import DataOptions, Parameters
from bank_spark_dl.pipelines.data_processing.nodes import split_rows


def options_with(options: DataOptions, fraction: float, **columns: Any) -> DataOptions:
    return options.model_copy(
        update={
            "test_fraction": fraction,
            "columns": options.columns.model_copy(update=columns),
        }
    )


def ids(frame: DataFrame) -> list[Any]:
    return sorted(row["row_id"] for row in frame.select("row_id").collect())


def split(rows: DataFrame, options: DataOptions, seed: int) -> tuple[list[Any], list[Any]]:
    train, test = split_rows(rows, options, seed)
    return ids(train), ids(test)


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    sizes=st.tuples(st.integers(2, 40), st.integers(2, 400)),
    fraction=st.floats(0.001, 0.999),
    seed=st.integers(0, 2**31 - 1),
    partitions=st.integers(1, 5),
    shuffling=st.randoms(use_true_random=False),
)
def test_each_class_gives_its_rows_with_the_lowest_hashes(
    spark: SparkSession,
    parameters: Parameters,
    sizes: tuple[int, int],
    fraction: float,
    seed: int,
    partitions: int,
    shuffling: random.Random,
) -> None:
    rows = [(number, "yes" if number < sizes[0] else "no") for number in range(sum(sizes))]
    shuffling.shuffle(rows)
    frame = spark.createDataFrame(rows, "row_id long, deposit string").repartition(partitions)
    hashes = frame.select("deposit", F.xxhash64(F.lit(seed), "row_id"), "row_id").collect()
    expected = []
    for value, size in zip(("yes", "no"), sizes, strict=True):
        in_order = sorted((drawn % 2**53, row_id) for y, drawn, row_id in hashes if y == value)
        wanted = min(max(round(fraction * size), 1), size - 1)
        expected += [row_id for _, row_id in in_order[:wanted]]
    train, test = split(frame, options_with(parameters.data, fraction), seed)
    assert test == sorted(expected)
    assert train == sorted({number for number, _ in rows} - {*expected})


@pytest.mark.parametrize("seed", range(6))
def test_six_rows_of_a_class_can_be_split(
    spark: SparkSession, parameters: Parameters, seed: int
) -> None:
    rows = spark.range(3000).select(
        F.col("id").alias("row_id"), F.when(F.col("id") < 6, "yes").otherwise("no").alias("deposit")
    )
    train, test = split(rows, parameters.data, seed)
    assert [sum(number < 6 for number in part) for part in (train, test)] == [5, 1]
    assert [len(train), len(test)] == [5 + 2395, 1 + 599]


@pytest.mark.parametrize("kind", ["string", "decimal(10,2)", "timestamp", "binary"])
def test_ids_of_any_type(spark: SparkSession, parameters: Parameters, kind: str) -> None:
    rows = spark.range(40).select(
        (F.col("id").cast("string") if kind == "binary" else F.col("id"))
        .cast(kind)
        .alias("row_id"),
        (F.col("id") % 2).cast("string").alias("deposit"),
    )
    train, test = split(rows, parameters.data, seed=1)
    assert (len(train), len(test)) == (32, 8)
    assert ids(rows) == sorted([*train, *test])


@pytest.mark.parametrize(
    ("label", "kind"),
    [
        ("deposit", "boolean"),
        ("deposit", "double"),
        ("deposit", "int"),
        ("the.label", "string"),
        ("a`b", "string"),
        ("*", "boolean"),
    ],
)
def test_labels_of_any_type_and_name(
    spark: SparkSession, parameters: Parameters, label: str, kind: str
) -> None:
    rows = spark.range(50).select(
        F.col("id").alias("row_id"), (F.col("id") < 10).cast(kind).alias(label)
    )
    train, test = split(rows, options_with(parameters.data, 0.3, label=label), seed=1)
    assert [sum(number < 10 for number in part) for part in (train, test)] == [7, 3]
    assert (len(train), len(test)) == (35, 15)


@pytest.mark.parametrize("label", ["features", "__class__", "row_id", "raw_features"])
def test_a_label_that_is_carried_under_another_name(
    spark: SparkSession, parameters: Parameters, label: str
) -> None:
    rows = spark.range(50).select(
        F.col("id").alias("row_id"), (F.col("id") < 10).cast("string").alias(f"raw_{label}")
    )
    train, test = split(rows, options_with(parameters.data, 0.3, label=label), seed=1)
    assert [sum(number < 10 for number in part) for part in (train, test)] == [7, 3]


def test_a_class_with_one_row_is_named(spark: SparkSession, parameters: Parameters) -> None:
    rows = spark.range(9).select(
        F.col("id").alias("row_id"), F.when(F.col("id") < 1, "yes").otherwise("no").alias("deposit")
    )
    with pytest.raises(InputDataError) as refused:
        split_rows(rows, parameters.data, seed=1)
    assert str(refused.value) == (
        "The label 'deposit' is 'yes' in one row only, and a split needs two rows of each class, "
        "one to train on and one to test on. Give more rows of it, or correct the label."
    )


def test_what_the_split_costs(spark: SparkSession, parameters: Parameters) -> None:
    """No task sorts: a histogram by class, then the rows of the runs where the cuts lie."""
    rows = spark.range(5000).select(
        F.col("id").alias("row_id"), (F.col("id") % 3 == 0).cast("string").alias("deposit")
    )
    context = spark.sparkContext
    context.setJobGroup("split", "split")
    try:
        parts = split_rows(rows, parameters.data, seed=1)
    finally:
        context.setLocalProperty("spark.jobGroup.id", None)
    assert len(context.statusTracker().getJobIdsForGroup("split")) == 2
    for part in parts:
        plan = part._jdf.queryExecution().executedPlan().toString()
        assert not any(word in plan for word in ("Sort", "Exchange", "Window"))


def test_many_classes_give_the_same_fraction_each(
    spark: SparkSession, parameters: Parameters
) -> None:
    sizes = {0: 2, 1: 10, 2: 40, 3: 200}
    rows = spark.createDataFrame(
        [
            (1000 * name + number, f"c{name}")
            for name, size in sizes.items()
            for number in range(size)
        ],
        "row_id long, deposit string",
    )
    _, test = split(rows, parameters.data, seed=1)
    assert [sum(row_id // 1000 == name for row_id in test) for name in sizes] == [1, 2, 8, 40]


def test_numbers_are_split_by_a_hash_alone(spark: SparkSession, parameters: Parameters) -> None:
    rows = spark.range(500).select(F.col("id").alias("row_id"), (F.col("id") / 3).alias("deposit"))
    data = parameters.data.model_copy(update={"task": "regression"})
    train, test = split(rows, data, seed=1)
    assert (len(train), len(test)) == (400, 100)
    assert split(rows.withColumn("deposit", F.lit("same")), parameters.data, 1)[1] == test


def test_a_table_of_one_number_cannot_be_split(spark: SparkSession, parameters: Parameters) -> None:
    data = parameters.data.model_copy(update={"task": "regression"})
    rows = spark.createDataFrame([(1, 0.5)], "row_id long, deposit double")
    with pytest.raises(InputDataError) as refused:
        split_rows(rows, data, seed=1)
    assert str(refused.value) == (
        "The table has one row only, and a split needs two: one to train on and one to test on."
    )
