"""Arguments of a training that depend on its rows."""

from typing import Any

import pytest
from pyspark.ml.linalg import Vectors
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from bank_spark_dl.errors import InputDataError, ParameterError
from bank_spark_dl.ml.models.row_arguments import row_arguments
from bank_spark_dl.ml.target import Target
from bank_spark_dl.parameters import ElephasOptions, Parameters

TWO = Target("y", "binary", ("no", "yes"))
THREE = Target("species", "multiclass", ("ant", "bee", "cat"))
NUMBER = Target("calls", "regression")


@pytest.fixture(scope="module")
def rows(spark: SparkSession) -> DataFrame:
    """Six, three and one row of the classes 0, 1 and 2."""
    labels = [0.0] * 6 + [1.0] * 3 + [2.0]
    vectors = [(n, label, Vectors.dense([n])) for n, label in enumerate(labels)]
    return spark.createDataFrame(vectors, ["row_id", "label_index", "features"]).cache()


@pytest.fixture
def weighing(parameters: Parameters) -> Any:
    """Return a function that puts class weights into the options."""

    def options(weights: Any) -> ElephasOptions:
        raw = parameters.elephas.model_dump() | {"class_weights": weights}
        return ElephasOptions.model_validate(raw)

    return options


EQUAL = {"negative": 1.0, "positive": 1.0}


@pytest.mark.parametrize(
    ("target", "weights", "expected"),
    [
        (TWO, EQUAL, None),
        (TWO, EQUAL | {"positive": 3.0}, {0: 1.0, 1: 3.0}),
        (THREE, EQUAL, None),
        (THREE, EQUAL | {"cat": 3.0, "ant": 0.5}, {0: 0.5, 1: 1.0, 2: 3.0}),
        (THREE, "balanced", {0: 10 / 18, 1: 10 / 9, 2: 10 / 3}),
    ],
)
def test_classes_weigh_what_the_parameters_say(
    rows: DataFrame, weighing: Any, target: Target, weights: Any, expected: Any
) -> None:
    assert row_arguments(rows, target, weighing(weights)).get("class_weights") == (
        expected and pytest.approx(expected)
    )


def test_balanced_classes_count_rows_by_their_weight(rows: DataFrame, weighing: Any) -> None:
    heavy = rows.withColumn("weight", F.when(F.col("label_index") == 2, 6.0).otherwise(1.0))
    found = row_arguments(heavy, THREE, weighing("balanced"))
    assert found["weightCol"] == "weight"
    assert found["class_weights"] == pytest.approx({0: 5 / 6, 1: 5 / 3, 2: 5 / 6})


@pytest.mark.parametrize("name", ["dog", "negative"])
def test_a_weight_of_no_class_is_refused(rows: DataFrame, weighing: Any, name: str) -> None:
    with pytest.raises(ParameterError) as refused:
        row_arguments(rows, THREE, weighing(EQUAL | {name: 2.0}))
    assert str(refused.value) == (
        f"elephas.class_weights names {name}, but the classes of the label 'species' are ant, bee, "
        "cat: name some of them."
    )


def test_counts_are_not_below_0(rows: DataFrame, parameters: Parameters) -> None:
    options = parameters.elephas.model_copy(update={"loss": "poisson"})
    assert row_arguments(rows, NUMBER, options) == {}
    negative = rows.withColumn("label_index", F.expr("IF(row_id = 4, -2, label_index)"))
    with pytest.raises(InputDataError) as refused:
        row_arguments(negative, NUMBER, options)
    assert str(refused.value) == (
        "elephas.loss is poisson, of counts, but the label 'calls' is -2 in the row 4: correct it, "
        "or set elephas.loss to mean_squared_error and model.output_activation to linear."
    )
