"""Prediction intervals hold as many rows as they say."""

import math

import numpy as np
import pytest
from pyspark.sql import DataFrame, SparkSession

from bank_spark_dl.ml.evaluation.conformal import prediction_intervals

SCHEMA = "row_id int, label_index double, prediction double, validation boolean"


def rows(spark: SparkSession, number: int, seed: int) -> DataFrame:
    """Predictions that are off by less than those of rows trained on, which are marked false."""
    generator = np.random.default_rng(seed)
    error = generator.exponential(size=number)
    drawn = [
        (n, 5.0, 5.0 + float(error[n]) * (1.0 if n % 2 else 0.1), bool(n % 2))
        for n in range(number)
    ]
    return spark.createDataFrame(drawn, SCHEMA)


def test_they_reach_as_far_as_validation_rows_are_off(spark: SparkSession) -> None:
    train = rows(spark, 398, seed=1)
    test = rows(spark, 400, seed=2)
    found = prediction_intervals(train.drop("validation"), train, test)
    assert found is not None
    table = train.toPandas()
    errors = sorted((table.prediction - 5.0)[table.validation])
    assert found.validation_rows == 199
    assert found.reach == pytest.approx(errors[math.ceil(200 * 0.9) - 1])
    tested = (test.toPandas().prediction - 5.0).abs() <= found.reach
    assert found.coverage.mean == tested.mean()
    assert found.coverage.low < 0.95 < found.coverage.high  # half of them are off by a tenth


def test_without_enough_validation_rows_there_are_none(spark: SparkSession) -> None:
    few = rows(spark, 16, seed=1)
    assert prediction_intervals(few, few, few) is None
    assert prediction_intervals(few, few.drop("validation"), few) is None
    enough = rows(spark, 18, seed=1)
    assert prediction_intervals(enough, enough, enough) is not None
