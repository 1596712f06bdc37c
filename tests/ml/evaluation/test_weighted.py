"""Headline figures by weight, against NumPy."""

import numpy as np
import pytest
from pyspark.sql import SparkSession

from bank_spark_dl.ml.evaluation.figures import WeightedClassFigures, WeightedRegressionFigures
from bank_spark_dl.ml.target import Target
from bank_spark_dl.tasks import task_named

ROWS = 200
GENERATOR = np.random.default_rng(5)
WEIGHTS = GENERATOR.integers(0, 4, ROWS) / 2


def test_two_classes(spark: SparkSession) -> None:
    labels = GENERATOR.integers(0, 2, ROWS)
    stated = (GENERATOR.uniform(0.1, 0.6, ROWS) + 0.3 * labels * (WEIGHTS > 0.5)).round(2)
    called = stated > 0.5
    rows = zip(labels * 1.0, stated, called * 1.0, WEIGHTS, strict=True)
    names = ["label_index", "probability", "prediction", "weight"]
    frame = spark.createDataFrame([tuple(map(float, row)) for row in rows], names)
    evaluation = task_named("binary").evaluation(Target("y", "binary", ("no", "yes")), None)
    yes = labels == 1
    above = stated[yes][:, None] - stated[~yes][None, :]
    pairs = WEIGHTS[yes][:, None] * WEIGHTS[~yes][None, :]
    expected = WeightedClassFigures(
        accuracy=np.average(called == yes, weights=WEIGHTS),
        log_loss=np.average(-np.log(np.where(yes, stated, 1 - stated)), weights=WEIGHTS),
        auc=np.average((above > 0) + (above == 0) / 2, weights=pairs),
    )
    found = evaluation.weighted(frame)
    assert vars(found) == pytest.approx(vars(expected))
    unweighted = evaluation.evaluate(frame)
    for name in vars(expected):
        assert getattr(unweighted, name) != pytest.approx(getattr(found, name), abs=0.01)


def test_more_classes(spark: SparkSession) -> None:
    labels = GENERATOR.integers(0, 3, ROWS)
    stated = GENERATOR.dirichlet([1.0] * 3, ROWS)
    stated[WEIGHTS > 0.5] = np.eye(3)[labels][WEIGHTS > 0.5] * 0.6 + 0.4 / 3
    predicted = stated.argmax(axis=1)
    rows = [
        (float(label), row.tolist(), float(row.argmax()), float(weight))
        for label, row, weight in zip(labels, stated, WEIGHTS, strict=True)
    ]
    names = "label_index double, probability array<double>, prediction double, weight double"
    target = Target("y", "multiclass", ("a", "b", "c"))
    found = (
        task_named("multiclass")
        .evaluation(target, None)
        .weighted(spark.createDataFrame(rows, names))
    )
    losses = -np.log(stated[np.arange(ROWS), labels])
    assert found.accuracy == pytest.approx(np.average(predicted == labels, weights=WEIGHTS))
    assert found.log_loss == pytest.approx(np.average(losses, weights=WEIGHTS))
    assert found.auc is None
    assert found.log_loss < losses.mean() - 0.1


def test_numbers(spark: SparkSession) -> None:
    true = GENERATOR.normal(size=ROWS)
    predicted = true + GENERATOR.normal(size=ROWS) * (WEIGHTS < 1)
    rows = [tuple(map(float, row)) for row in zip(true, predicted, WEIGHTS, strict=True)]
    frame = spark.createDataFrame(rows, ["label_index", "prediction", "weight"])
    evaluation = task_named("regression").evaluation(Target("y", "regression"), None)
    errors, mean = true - predicted, np.average(true, weights=WEIGHTS)
    total = np.average((true - mean) ** 2, weights=WEIGHTS)
    expected = WeightedRegressionFigures(
        rmse=np.average(errors**2, weights=WEIGHTS) ** 0.5,
        mae=np.average(np.abs(errors), weights=WEIGHTS),
        r2=1 - np.average(errors**2, weights=WEIGHTS) / total,
    )
    found = evaluation.weighted(frame)
    assert vars(found) == pytest.approx(vars(expected))
    unweighted = evaluation.evaluate(frame)
    for name in vars(expected):
        assert getattr(unweighted, name) != pytest.approx(getattr(found, name), abs=0.01)
