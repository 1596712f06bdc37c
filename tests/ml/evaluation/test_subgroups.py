from itertools import product

import numpy as np
import pytest
from pyspark.sql import DataFrame, SparkSession

from bank_spark_dl.errors import ParameterError
from bank_spark_dl.ml.evaluation.binary_evaluation import BinaryEvaluation
from bank_spark_dl.ml.evaluation.metrics import evaluate
from bank_spark_dl.ml.evaluation.subgroups import measure_subgroups

BINARY = BinaryEvaluation(prior=None)
SCHEMA = "row_id int, label_index double, probability double, prediction double"


@pytest.fixture(scope="module")
def predictions(spark: SparkSession) -> DataFrame:
    generator = np.random.default_rng(2)
    drawn = [(n, float(generator.random() < 0.4), round(generator.random(), 1)) for n in range(300)]
    return spark.createDataFrame([(*row, float(row[2] > 0.5)) for row in drawn], SCHEMA).cache()


@pytest.fixture(scope="module")
def rows(spark: SparkSession) -> DataFrame:
    table = [(n, "few" if n < 40 else "many", None if n == 7 else n % 50) for n in range(300)]
    return spark.createDataFrame(table, "row_id int, `the kind` string, age int").cache()


def test_each_subgroup_has_the_figures_of_its_rows(predictions: DataFrame, rows: DataFrame) -> None:
    found = measure_subgroups(predictions, rows, {"the kind": None}, BINARY)
    assert [(group.value, group.rows) for group in found] == [("many", 260), ("few", 40)]
    table = predictions.toPandas()
    few = table[table.row_id < 40]
    assert found[1].positives == few.label_index.mean()
    right = (few.prediction == few.label_index).mean()
    assert found[1].accuracy.low < found[1].accuracy.mean == right
    assert found[1].accuracy.high > right
    yes, no = (few[few.label_index == label].probability for label in (1, 0))
    pairs = [(a > b) + (a == b) / 2 for a, b in product(yes, no)]
    assert found[1].auc == pytest.approx(np.mean(pairs))


def test_bands_hold_their_lower_edge(predictions: DataFrame, rows: DataFrame) -> None:
    found = measure_subgroups(predictions, rows, {"age": [10, 20.5]}, BINARY)
    assert {group.value: group.rows for group in found} == {
        "below 10": 59,
        "10 to below 20.5": 66,
        "20.5 and above": 174,
        "missing": 1,
    }
    assert [group.value for group in found][:2] == ["below 10", "10 to below 20.5"]
    assert found[-1].auc is None


def test_bands_that_look_alike_stay_apart(spark: SparkSession, predictions: DataFrame) -> None:
    table = [(n, 10**17 + 16 * (n // 10)) for n in range(300)]  # doubles tell 16 apart there
    rows = spark.createDataFrame(table, "row_id int, age long")
    found = measure_subgroups(
        predictions, rows, {"age": [1e17 + 80, 1e17 + 160, 1e17 + 240]}, BINARY
    )
    assert [group.rows for group in found] == [50, 50, 50, 150]
    assert found[1].value == found[2].value
    third = predictions.where("row_id between 100 and 149")
    assert found[2].auc == pytest.approx(evaluate(third).auc)


def test_a_value_called_missing_is_no_null(predictions: DataFrame, spark: SparkSession) -> None:
    table = [(n, "missing" if n % 3 else None) for n in range(300)]
    rows = spark.createDataFrame(table, "row_id int, kind string")
    found = measure_subgroups(predictions, rows, {"kind": None}, BINARY)
    assert [group.rows for group in found] == [200, 100]


def test_columns_keep_their_order(predictions: DataFrame, rows: DataFrame) -> None:
    found = measure_subgroups(predictions, rows, {"the kind": None, "age": [25]}, BINARY)
    assert [group.column for group in found] == ["the kind"] * 2 + ["age"] * 3
    assert measure_subgroups(predictions, rows, {}, BINARY) == ()


def test_a_subgroup_goes_by_its_raw_name(predictions: DataFrame, spark: SparkSession) -> None:
    """Such a column is carried under another name, see ml.column_names."""
    table = [(n, n % 2) for n in range(300)]
    rows = spark.createDataFrame(table, "row_id int, raw_prediction int")
    found = measure_subgroups(predictions, rows, {"prediction": None}, BINARY)
    assert [(group.column, group.value) for group in found] == [
        ("prediction", "0"),
        ("prediction", "1"),
    ]


def test_a_missing_column_is_named(predictions: DataFrame, rows: DataFrame) -> None:
    said = "data.segments names kind, but the columns of the clean table are the kind, age: name"
    with pytest.raises(ParameterError, match=said):
        measure_subgroups(predictions, rows, {"kind": None}, BINARY)


def test_edges_are_for_numbers(predictions: DataFrame, rows: DataFrame) -> None:
    with pytest.raises(ParameterError, match="edges for the kind, which holds no numbers but stri"):
        measure_subgroups(predictions, rows, {"the kind": [1.0]}, BINARY)
