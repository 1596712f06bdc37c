"""Rows that no network can take are refused by name, in `transform` and in `score`."""

from collections.abc import Iterator
from typing import Any

import keras
import numpy as np
import pytest
from pyspark.ml.feature import VectorAssembler
from pyspark.ml.linalg import Vectors, VectorUDT
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.types import ArrayType, DoubleType, LongType, StructField, StructType
from tests.distributed.conftest import N_FEATURES
from tests.distributed.test_model import HISTORY, make_model

from bank_spark_dl.distributed import ElephasClassificationModel

GOOD = [0.1, -0.2, 0.3, -0.4, 0.5]
NULL, NAN = "is null", "holds null or NaN in place "
LARGE = "holds infinity, or more than the 3.4e38 that float32 holds, in place "
nan, inf = float("nan"), float("inf")

VECTORS: dict[str, tuple[Any, str]] = {
    "null": (None, NULL),
    "one_number_more": (Vectors.dense([*GOOD, 1.0]), "is of width 6, and the network takes 5"),
    "not_a_number": (Vectors.dense([1, 2, nan, 4, 5]), NAN + "3"),
    "infinity_in_a_sparse_one": (Vectors.sparse(5, {3: -inf}), LARGE + "4"),
    "beyond_float32": (Vectors.dense([0, 1e39, 0, 0, 0]), LARGE + "2"),
}
ARRAYS: dict[str, tuple[Any, str]] = {
    "null": (None, NULL),
    "null_inside": ([0.0, None, 0.0, 0.0, 0.0], NAN + "2"),
    "one_number_less": (GOOD[1:], "is of width 4, and the network takes 5"),
    "beyond_float32": ([*GOOD[1:], 4e38], LARGE + "5"),
}


@pytest.fixture(scope="module")
def model(network: str) -> ElephasClassificationModel:
    return make_model(network)


def rows(spark: SparkSession, kind: Any, *features: Any) -> DataFrame:
    schema = StructType([StructField("row_id", LongType()), StructField("features", kind)])
    # One task: Spark 4.0 may kill the Python worker that the next job has got (SPARK-54217).
    return spark.createDataFrame(list(enumerate(features, start=41)), schema).coalesce(1)


def refusals(model: ElephasClassificationModel, frame: DataFrame) -> Iterator[str]:
    """Score each way and return what is said."""
    kept = [name for name in frame.columns if name == "row_id"]
    for scored in (model.transform(frame), model.score(frame, *kept)):
        with pytest.raises(Exception) as caught:  # noqa: PT011  Spark's own, the text counts
            scored.collect()
        yield str(caught.value)


@pytest.mark.parametrize(
    ("kind", "features", "says"),
    [
        *(pytest.param(VectorUDT(), *case, id=f"vector-{id}") for id, case in VECTORS.items()),
        *(
            pytest.param(ArrayType(DoubleType()), *case, id=f"array-{id}")
            for id, case in ARRAYS.items()
        ),
    ],
)
def test_a_sentence_names_row_column_and_place(
    kind: Any,
    features: Any,
    says: str,
    spark: SparkSession,
    model: ElephasClassificationModel,
) -> None:
    good = Vectors.dense(GOOD) if isinstance(kind, VectorUDT) else GOOD
    frame = rows(spark, kind, good, good, features, good)
    for said in refusals(model, frame):
        assert f"In the row with row_id 43 the column 'features' {says}" in said


def test_networks_that_keras_scores_refuse_rows_too(
    spark: SparkSession, functional_network: str
) -> None:
    """One output."""
    model = make_model(functional_network)
    frame = rows(spark, VectorUDT(), Vectors.dense(GOOD), Vectors.dense([0, 1e39, 0, 0, 0]))
    with pytest.raises(Exception, match=f"In the row with row_id 42 the .*{LARGE}2"):
        model.transform(frame).collect()


def test_what_float32_just_holds_is_scored(
    spark: SparkSession, model: ElephasClassificationModel
) -> None:
    frame = rows(spark, VectorUDT(), Vectors.dense([1e38, -1e38, 1e-320, 0, 0]))
    (row,) = model.score(frame, "row_id").collect()
    assert 0 <= row["probability"] <= 1


def test_rows_without_an_id_are_refused_too(
    spark: SparkSession, model: ElephasClassificationModel
) -> None:
    frame = rows(spark, VectorUDT(), Vectors.dense([inf, 0, 0, 0, 0])).drop("row_id")
    for said in refusals(model, frame):
        assert f"no column 'row_id' names it: set rowIdCol) the column 'features' {LARGE}1" in said


def test_what_an_assembler_has_put_together_is_named(
    spark: SparkSession, model: ElephasClassificationModel
) -> None:
    names = ["a", "b|c", "d", "%s", "f"]
    raw = spark.createDataFrame([("x-1", 1.0, 2.0, 3.0, inf, 4.0)], ["row_id", *names])
    assembled = VectorAssembler(inputCols=names, outputCol="features").transform(raw.coalesce(1))
    for said in refusals(model, assembled):
        assert f"In the row with row_id x-1 the column 'features' {LARGE}4 (%s)." in said
    short = VectorAssembler(inputCols=["a", "f"], outputCol="features").transform(raw)
    with pytest.raises(
        Exception, match="'features' holds 2 numbers in each row, but the network takes 5"
    ):
        model.transform(short)


@pytest.mark.parametrize("outputs", [1, 2])
def test_a_network_without_an_answer_gives_no_probability(
    outputs: int, spark: SparkSession
) -> None:
    """Weights that are not finite; a saved network may have them."""
    layer = keras.layers.Dense(outputs, activation="sigmoid")
    network = keras.Sequential([keras.Input((N_FEATURES,)), layer]).to_json()
    weights = [np.full((N_FEATURES, outputs), nan, "f4"), np.zeros(outputs, "f4")]
    model = ElephasClassificationModel(network, weights, HISTORY, N_FEATURES)
    for said in refusals(model, rows(spark, VectorUDT(), Vectors.dense(GOOD))):
        assert "In the row with row_id 41 the column 'features' holds numbers for which" in said


def test_outputs_that_are_no_probabilities_are_not_passed_on(spark: SparkSession) -> None:
    layer = keras.layers.Dense(1)
    network = keras.Sequential([keras.Input((N_FEATURES,)), layer]).to_json()
    weights = [np.zeros((N_FEATURES, 1), "f4"), np.full(1, -0.8, "f4")]
    model = ElephasClassificationModel(network, weights, HISTORY, N_FEATURES)
    for said in refusals(model, rows(spark, VectorUDT(), Vectors.dense(GOOD))):
        assert "for which the network gives no probability" in said
