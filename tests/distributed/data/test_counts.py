"""Strata of many classes, and labels that are numbers."""

import numpy as np
import pytest
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as sf

from bank_spark_dl.distributed.data.counts import count_rows, measure_label
from bank_spark_dl.distributed.data.partitioning import (
    MOST_STRATA,
    TrainingColumns,
    cut_buckets,
    hashed_rows,
    part_of,
    strata_of,
)

COLUMNS = TrainingColumns("features", "label", "row_id", weight="weight")
WORKERS = 3


@pytest.fixture(scope="module")
def many(spark: SparkSession) -> DataFrame:
    """Rows of 40 classes."""
    rows = spark.range(4_000).withColumnRenamed("id", "row_id")
    label = (sf.xxhash64("row_id") % 7 + 6 + sf.col("row_id") % 28).cast("double")
    return rows.select(
        "row_id",
        label.alias("label"),
        (sf.col("row_id") % 3).alias("weight"),
        sf.array(sf.lit(1.0)).alias("features"),
    ).cache()


@pytest.mark.parametrize("classes", [2, 3, 26, 64, MOST_STRATA, None], ids=str)
@pytest.mark.parametrize("marked", [False, True], ids=["drawn", "marked"])
def test_counts_take_at_most_32_mib(classes: int | None, marked: bool) -> None:
    """As dense arrays of int64, and as the table (int, long, double) that they are made of."""
    strata = strata_of(classes, marked=marked)
    cells = strata.number * strata.buckets * (2 if marked else 1)
    assert cells * (8 + 20) <= 32 * 2**20
    assert strata.bits == 16 or strata.number > 2


def test_classes_beyond_a_thousand_are_not_stratified() -> None:
    assert strata_of(MOST_STRATA + 1, marked=False).number == 1


def test_each_worker_gets_its_share_of_every_class(many: DataFrame) -> None:
    """Of training rows and of validation rows, but for the rows of a bucket."""
    hashed, strata = hashed_rows(many, COLUMNS, 1), strata_of(40, marked=False)
    counts = count_rows(hashed, strata, 40)
    assert counts is not None
    cuts = {label: cut_buckets(held, WORKERS, 0.2) for label, held in counts.rows.items()}
    parts = hashed.select("label", part_of(hashed, cuts, strata).alias("part")).toPandas()
    table = parts.groupby(["label", "part"]).size().unstack(fill_value=0).to_numpy()
    rows = table.sum(axis=1, keepdims=True)
    expected = np.hstack([rows * 0.2 / WORKERS] * WORKERS + [rows * 0.8 / WORKERS] * WORKERS)
    assert np.abs(table - expected).max() <= 2


def test_weights_are_summed_by_class_the_same_however_rows_lie(many: DataFrame) -> None:
    strata = strata_of(40, marked=False)
    found = [
        count_rows(hashed_rows(rows, COLUMNS, 1), strata, 40).weights
        for rows in (many, many.orderBy(sf.rand(3)).repartition(7))
    ]
    assert found[0] == found[1]
    sums = many.groupBy("label").agg(sf.sum("weight")).collect()
    assert found[0] == tuple({row[0]: float(row[1]) for row in sums}.get(n, 0.0) for n in range(40))


@pytest.mark.parametrize("heaviest", [None, 3e6])
def test_mean_and_deviation_of_numbers(many: DataFrame, heaviest: float | None) -> None:
    """Weighted, to a millionth of their range, and the same bits however rows lie."""
    rows = many.withColumn("label", sf.xxhash64("row_id") / 1e15 + 1e6)
    if heaviest is not None:
        first = sf.col("row_id") == rows.agg(sf.min("row_id")).collect()[0][0]
        rows = rows.withColumn("weight", sf.when(first, heaviest).otherwise(sf.col("weight")))
    strata, found = strata_of(None, marked=False), []
    for each in (rows, rows.orderBy(sf.rand(3)).repartition(7)):
        hashed = hashed_rows(each, COLUMNS, 1)
        found.append(measure_label(hashed, count_rows(hashed, strata, None)))
    assert found[0] == found[1]
    held = rows.select("label", "weight").toPandas()
    mean = np.average(held["label"], weights=held["weight"])
    deviation = np.average((held["label"] - mean) ** 2, weights=held["weight"]) ** 0.5
    span = np.ptp(held["label"]) / 2**20
    assert found[0].mean == pytest.approx(mean, abs=2 * span)
    assert found[0].scale == pytest.approx(deviation, abs=2 * span)
