"""Areas under ROC curves of two models on the same rows."""

from dataclasses import astuple
from itertools import product

import numpy as np
import pytest
from pyspark.sql import DataFrame, SparkSession

from bank_spark_dl.ml.evaluation.comparison import auc_difference, compare
from bank_spark_dl.ml.evaluation.metrics import evaluate

SCHEMA = "row_id int, label_index double, probability double, prediction double"


def made(rows: int, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Labels, and the scores of two models of which the first knows more."""
    generator = np.random.default_rng(seed)
    label = (generator.random(rows) < 0.4).astype(int)
    signal = generator.normal(size=rows) + 1.5 * label
    return label, signal, signal + generator.normal(size=rows)


def areas_and_variance(
    label: np.ndarray, ours: np.ndarray, theirs: np.ndarray
) -> tuple[float, float]:
    """By the definition, pair by pair (DeLong et al., 1988, section 3)."""

    def kernel(scores: np.ndarray) -> np.ndarray:
        pairs = product(scores[label == 1], scores[label == 0])
        wins = [(a > b) + (a == b) / 2 for a, b in pairs]
        return np.array(wins).reshape((label == 1).sum(), (label == 0).sum())

    difference = kernel(ours) - kernel(theirs)
    m, n = difference.shape
    variance = difference.mean(1).var(ddof=1) / m + difference.mean(0).var(ddof=1) / n
    return difference.mean(), variance


@pytest.mark.parametrize("digits", [9, 0])  # with and without ties
def test_it_is_the_interval_of_delong(digits: int) -> None:
    label, ours, theirs = made(80, seed=1)
    ours, theirs = ours.round(digits), theirs.round(digits)
    found = auc_difference(ours, theirs, np.array([label == 0, label == 1], float))
    mean, variance = areas_and_variance(label, ours, theirs)
    reach = 1.959964 * variance**0.5
    assert astuple(found) == pytest.approx((mean, mean - reach, mean + reach))


def test_intervals_hold_the_true_difference_as_often_as_they_say() -> None:
    """Two models that know equally much: the interval excludes 0 once in twenty times."""
    generator, excluded = np.random.default_rng(5), 0
    for _ in range(400):
        label = (generator.random(300) < 0.3).astype(int)
        shared = generator.normal(size=300) + label
        ours, theirs = (shared + generator.normal(size=300) for _ in range(2))
        found = auc_difference(ours, theirs, np.array([label == 0, label == 1], float))
        excluded += found.sign != 0
    assert 8 <= excluded <= 36


def test_a_class_of_one_row_has_no_interval() -> None:
    rows = np.array([[1.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
    assert auc_difference(np.arange(3.0), np.arange(3.0), rows) is None


@pytest.fixture(scope="module")
def models(spark: SparkSession) -> tuple[DataFrame, DataFrame]:
    label, ours, theirs = made(2000, seed=2)

    def frame(scores: np.ndarray) -> DataFrame:
        p = 1 / (1 + np.exp(-2 * scores))
        rows = [(n, float(label[n]), float(p[n]), float(p[n] > 0.5)) for n in range(2000)]
        return spark.createDataFrame(rows, SCHEMA).cache()

    return frame(ours), frame(theirs)


def test_rows_are_paired_where_they_lie(models: tuple[DataFrame, DataFrame]) -> None:
    ours, theirs = models
    found = compare(ours, theirs.selectExpr("'other' AS model", "*"), "model")["other"]
    label, *scores = made(2000, seed=2)
    exact = auc_difference(*scores, np.array([label == 0, label == 1], float))
    # Scores are told apart in bins.
    assert astuple(found.auc) == pytest.approx(astuple(exact), abs=5e-4)
    assert found.auc.mean == pytest.approx(evaluate(ours).auc - evaluate(theirs).auc, abs=5e-4)
    assert (found.auc.sign, found.log_loss.sign) == (1, -1)


def test_certain_rows_have_a_place(spark: SparkSession) -> None:
    rows = [(n, float(n % 2), float(n % 2), float(n % 2)) for n in range(10)]
    sure = spark.createDataFrame(rows, SCHEMA)
    even = sure.selectExpr(
        "'even' as model", "row_id", "label_index", "0.5D probability", "0D prediction"
    )
    assert compare(sure, even, "model")["even"].auc.mean == pytest.approx(0.5)


def test_it_is_one_job(models: tuple[DataFrame, DataFrame], spark: SparkSession) -> None:
    ours, theirs = models
    context = spark.sparkContext
    context.setJobGroup("compare", "two models")
    compare(ours, theirs.selectExpr("'other' AS model", "*"), "model", 0.1)
    jobs = context.statusTracker().getJobIdsForGroup("compare")
    context.setJobGroup("", "")
    assert len(jobs) == 1
