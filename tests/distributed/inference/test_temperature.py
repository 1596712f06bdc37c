"""Temperature scaling of more than two classes; thresholds of classes."""

import numpy as np
import pytest
from pyspark.sql import SparkSession
from pyspark.sql import functions as sf
from scipy.optimize import minimize_scalar
from scipy.special import softmax

from bank_spark_dl.distributed.inference.calibration import (
    Calibration,
    fit_temperature,
    temperature_sums,
)
from bank_spark_dl.distributed.inference.probability import tempered
from bank_spark_dl.distributed.inference.scoring import predicted_class


@pytest.mark.parametrize("overconfident", [0.3, 1.0, 2.5])
def test_the_slope_of_the_smallest_log_loss_is_found(overconfident: float) -> None:
    """To a hundredth of it, as a minimizer finds it that sees all rows."""
    draw = np.random.default_rng(0)
    logits = 2 * draw.normal(size=(3_000, 4))
    truth = softmax(logits, axis=1)
    label = (truth.cumsum(axis=1) > draw.uniform(size=(3_000, 1))).argmax(axis=1).astype("f4")
    stated = softmax(overconfident * logits, axis=1)
    sums = sum(
        temperature_sums(stated[rows], label[rows], None) for rows in (slice(900), slice(900, None))
    )
    fitted = fit_temperature(sums, 3_000)

    def loss(slope: float) -> float:
        return float(-np.log(tempered(stated, slope)[np.arange(3_000), label.astype(int)]).sum())

    best = minimize_scalar(loss, bounds=(0.05, 20), method="bounded").x
    assert fitted.slope == pytest.approx(best, rel=0.01)
    assert fitted.slope == pytest.approx(1 / overconfident, rel=0.1)


def test_without_rows_nothing_changes() -> None:
    assert fit_temperature(np.zeros(67), 0) == Calibration()


def test_rows_that_are_all_predicted_correctly_are_no_certainty() -> None:
    """27 of them say that an error is rarer than one in 29, not that there is none."""
    draw = np.random.default_rng(0)
    label = draw.integers(3, size=27).astype(np.float32)
    stated = softmax(6 * np.eye(3)[label.astype(int)] + draw.normal(size=(27, 3)), axis=1)
    slope = fit_temperature(temperature_sums(stated, label, None), 27).slope
    assert 0.01 < 1 - tempered(stated, slope).max(axis=1).mean() < 0.1


def test_a_row_of_weight_two_counts_twice() -> None:
    stated, label = np.array([[0.7, 0.2, 0.1], [0.1, 0.1, 0.8]]), np.float32([0, 1])
    weighted = temperature_sums(stated, label, np.array([2.0, 1.0]))
    twice = temperature_sums(stated[[0, 0, 1]], label[[0, 0, 1]], None)
    np.testing.assert_allclose(weighted, twice)


@pytest.mark.parametrize(
    ("thresholds", "predicted"),
    [
        (None, [0, 2]),
        ([0.9, 0.1, 0.9], [1, 2]),
        ([0.5, 0.5, 0.0], [2, 2]),
        ([0.5, 0.0, 0.5], [1, 2]),
    ],
    ids=["none", "one is favoured", "a zero", "a zero of probability 0"],
)
def test_thresholds_divide_probabilities(
    spark: SparkSession, thresholds: list[float] | None, predicted: list[int]
) -> None:
    rows = spark.createDataFrame([(0, [0.5, 0.3, 0.2]), (1, [0.2, 0.0, 0.8])], ["n", "p"])
    found = rows.select("n", predicted_class(sf.col("p"), thresholds).alias("c")).orderBy("n")
    assert [row["c"] for row in found.collect()] == predicted
