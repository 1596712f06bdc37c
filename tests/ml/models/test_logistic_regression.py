from typing import Any

import numpy as np
import pytest
from pyspark.ml.classification import LogisticRegression
from pyspark.ml.feature import StringIndexer
from pyspark.ml.functions import array_to_vector
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from bank_spark_dl.ml.models import logistic_regression
from bank_spark_dl.ml.models.logistic_regression import (
    LocalLogisticRegression,
    solve_logistic_regression,
)

ROWS, INPUTS = 300, 4
VALUES = ROWS * (INPUTS + 10)  # five numbers for each of two classes


@pytest.fixture(scope="module")
def frame(spark: SparkSession) -> DataFrame:
    """Features of several sizes, one of them constant; two and three classes; weights."""
    draw = np.random.default_rng(0)
    features = draw.normal(size=(ROWS, INPUTS)) * (1, 100, 0.01, 0) + (0, 5, 0, 7)
    score = features @ (1, 0.01, 50, 0) + draw.logistic(size=ROWS)
    rows = [
        (row.tolist(), float(value > 0), float(np.digitize(value, (-1, 1))), weight)
        for row, value, weight in zip(
            features, score, draw.uniform(0.5, 2, ROWS).tolist(), strict=True
        )
    ]
    made = spark.createDataFrame(rows, "values array<double>, two double, three double, w double")
    return made.withColumn("features", array_to_vector("values")).repartition(3).cache()


def both(frame: DataFrame, **options: Any) -> tuple[Any, Any]:
    return (
        LocalLogisticRegression(maxIter=500, **options).fit(frame),
        LogisticRegression(maxIter=500, tol=1e-13, **options).fit(frame),
    )


@pytest.mark.parametrize("label", ["two", "three"])
@pytest.mark.parametrize("more", [{}, {"regParam": 0.1}, {"weightCol": "w"}])
def test_it_has_sparks_coefficients(frame: DataFrame, label: str, more: dict[str, Any]) -> None:
    local, spark_own = both(frame, labelCol=label, **more)
    for mine, other in (
        (local.coefficientMatrix.toArray(), spark_own.coefficientMatrix.toArray()),
        (local.interceptVector.toArray(), spark_own.interceptVector.toArray()),
    ):
        np.testing.assert_allclose(mine, other, rtol=1e-5, atol=1e-6)
    assert local.numClasses == spark_own.numClasses
    probabilities = [
        np.array(
            [row[0].toArray() for row in model.transform(frame).select("probability").collect()]
        )
        for model in (local, spark_own)
    ]
    np.testing.assert_allclose(*probabilities, rtol=0, atol=1e-6)


def jobs(spark: SparkSession, fit: Any) -> int:
    spark.sparkContext.setJobGroup("fit", "")
    fit()
    count = len(spark.sparkContext.statusTracker().getJobIdsForGroup("fit"))
    spark.sparkContext.setLocalProperty("spark.jobGroup.id", None)
    return count


@pytest.mark.parametrize(
    ("options", "most", "in_one_task"),
    [
        pytest.param({}, VALUES, True, id="few"),
        pytest.param({}, VALUES - 1, False, id="many rows"),
        pytest.param({"regParam": 0.1, "elasticNetParam": 0.5}, VALUES, False, id="L1 penalty"),
        pytest.param({"fitIntercept": False}, VALUES, False, id="no intercept"),
        pytest.param({"standardization": False}, VALUES, False, id="not standardized"),
        pytest.param({"family": "multinomial"}, VALUES, False, id="family"),
    ],
)
def test_many_rows_and_other_settings_take_a_job_for_each_iteration(
    spark: SparkSession,
    frame: DataFrame,
    monkeypatch: pytest.MonkeyPatch,
    options: dict[str, Any],
    most: int,
    in_one_task: bool,
) -> None:
    monkeypatch.setattr(logistic_regression, "MOST_VALUES", most)
    estimator = LocalLogisticRegression(labelCol="two", **options)
    count = jobs(spark, lambda: estimator.fit(frame))
    assert count == 1 if in_one_task else count > 5


def test_a_class_without_rows_is_left_to_spark(frame: DataFrame) -> None:
    named = frame.withColumn("name", F.col("three").cast("string"))
    indexed = StringIndexer(inputCol="name", outputCol="label").fit(named).transform(named)
    without = indexed.where("label < 2")
    local, spark_own = both(without)
    assert local.numClasses == spark_own.numClasses == 3
    assert local.transform(without).first().probability[2] < 1e-9


def test_rows_without_weight_are_left_out(frame: DataFrame) -> None:
    """Only they have other values in the last column, which is constant for Spark too."""
    one = F.array_append(F.slice("values", 1, INPUTS - 1), F.lit(-1.0))
    weightless = frame.limit(1).withColumns({"features": array_to_vector(one), "w": F.lit(0.0)})
    local, spark_own = both(frame.union(weightless), labelCol="two", weightCol="w")
    assert local.coefficients[INPUTS - 1] == 0.0
    np.testing.assert_allclose(local.coefficients, spark_own.coefficients, rtol=1e-5, atol=1e-6)


def test_rows_that_spark_refuses_are_refused(frame: DataFrame) -> None:
    for column, value in (("two", 0.5), ("w", -1.0), ("w", float("nan"))):
        wrong = frame.withColumn(column, F.lit(value))
        with pytest.raises(Exception, match=r"(?i)label|weight|illegal"):
            LocalLogisticRegression(labelCol="two", weightCol="w").fit(wrong)


def test_fewer_iterations_end_it_sooner(frame: DataFrame) -> None:
    once, always = (LocalLogisticRegression(labelCol="two", maxIter=n).fit(frame) for n in (1, 100))
    assert once.coefficients != always.coefficients


def test_it_is_at_the_minimum_of_what_it_states() -> None:
    """Nothing near has a smaller loss."""
    draw = np.random.default_rng(1)
    features, classes = draw.normal(size=(200, 2)), draw.integers(0, 2, 200).astype(np.int32)
    coefficients, intercepts = solve_logistic_regression(features, classes, np.ones(200), 0.0, 100)

    def loss(slopes: Any, intercept: Any) -> float:
        logits = features @ slopes + intercept
        return float(np.logaddexp(0, -logits * (2 * classes - 1)).mean())

    least = loss(coefficients[0], intercepts[0])
    for step in draw.normal(size=(20, 3)) * 1e-3:
        assert loss(coefficients[0] + step[:2], intercepts[0] + step[2]) > least
