"""The second training of a table that has a time, on a table whose pattern turns at its end."""

import logging
from typing import Any

import pytest
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from bank_spark_dl.ml.evaluation.results import OtherSplits
from bank_spark_dl.ml.models.record import TrainingRecord
from bank_spark_dl.parameters import ModelOptions, Parameters
from bank_spark_dl.pipelines.modeling.other_split import train_on_other_split

LINEAR = ModelOptions(layers=[], output_activation="sigmoid")
LOW = TrainingRecord(
    1, 1, 1, 1, 1, 1, inputs=1, parameters=1, threshold=1e-6, baseline_threshold=0.5
)
"""A history of a network that predicts the positive class for every row."""


@pytest.fixture(scope="module")
def turning(spark: SparkSession) -> DataFrame:
    """400 rows: until the last fifth x is positive with yes, from then on with no."""
    x = (F.xxhash64("row_id") % 100).cast("double") / 100
    yes = (F.col("x") > 0) == (F.col("row_id") < 320)
    rows = spark.range(400).withColumnRenamed("id", "row_id")
    labelled = rows.withColumn("x", x).withColumn("y", F.when(yes, "yes").otherwise("no"))
    return labelled.withColumn("when", F.col("row_id") * 10).cache()


def other_splits(
    rows: DataFrame, parameters: Parameters, batch_size: int = 64, **data: Any
) -> OtherSplits:
    columns = {"id": None, "label": "y", "drop": [], "categorical": [], "numeric": ["x"]} | {
        "time": data.pop("time", "when")
    }
    options = parameters.data.model_copy(
        update={"columns": parameters.data.columns.model_copy(update=columns), **data}
    )
    elephas = parameters.elephas.model_copy(update={"epochs": 3, "batch_size": batch_size})
    return train_on_other_split(
        rows, LOW, options, parameters.features, LINEAR, elephas, parameters.seed
    )


def test_the_split_by_time_shows_what_a_random_one_hides(
    turning: DataFrame, parameters: Parameters
) -> None:
    (newest,) = other_splits(turning, parameters, split="random")
    (random,) = other_splits(turning, parameters, split="time")
    assert (newest.split, random.split) == ("time", "random")
    assert newest.test.rows == random.test.rows == 80
    assert newest.test.auc < 0.2
    assert random.test.auc > 0.7
    for figures in (newest.test, random.test):
        assert [predicted for predicted, _ in figures.confusion_matrix] == [0, 0]


def test_a_table_without_a_time_is_trained_once(turning: DataFrame, parameters: Parameters) -> None:
    assert other_splits(turning, parameters, time=None) == ()


def test_another_split_that_is_not_possible_ends_no_run(
    turning: DataFrame, parameters: Parameters, caplog: pytest.LogCaptureFixture
) -> None:
    one_class = turning.withColumn("y", F.expr("if(row_id < 320, y, 'no')"))
    with caplog.at_level(logging.WARNING):
        assert other_splits(one_class, parameters, split="random") == ()
    assert "goes without data.split: time. The label 'y' is 'yes' in no test row" in caplog.text


def test_too_few_rows_on_the_other_split_end_no_run(
    turning: DataFrame, parameters: Parameters, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        assert other_splits(turning, parameters, batch_size=300, split="random") == ()
    assert "fewer than one batch of 300" in caplog.text
