import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyspark.sql import SparkSession
from pyspark.sql import functions as sf
from scipy.special import expit, logit

from bank_spark_dl.distributed.inference.calibration import Calibration, fit_calibration
from bank_spark_dl.distributed.training.metrics import score_rows

BINS = 16_384
OLD_CLIP = 0.5 / BINS


def draw(slope: float, intercept: float, rows: int = 40_000, seed: int = 0) -> np.ndarray:
    """Rows whose stated log odds are to be multiplied by slope and shifted by intercept."""
    generator = np.random.default_rng(seed)
    odds = generator.normal(scale=2, size=rows)
    stated = 1 / (1 + np.exp(-odds))
    true = 1 / (1 + np.exp(-(slope * odds + intercept)))
    label = generator.random(rows) < true
    places = np.minimum((stated * BINS).astype(int), BINS - 1)
    return np.stack([np.bincount(places[label == n], minlength=BINS) for n in (False, True)])


@settings(max_examples=10, deadline=None)
@given(st.floats(0.3, 2.0), st.floats(-1.0, 1.0))
def test_platt_finds_slope_and_intercept(slope: float, intercept: float) -> None:
    found = fit_calibration(draw(slope, intercept), "platt")
    assert found.slope == pytest.approx(slope, abs=0.06)
    assert found.intercept == pytest.approx(intercept, abs=0.06)


def test_temperature_has_a_slope_only() -> None:
    found = fit_calibration(draw(0.5, 0.0), "temperature")
    assert found.slope == pytest.approx(0.5, abs=0.03)
    assert found.intercept == 0.0


def test_a_network_that_is_too_sure_is_believed_as_often_as_it_is_right(
    spark: SparkSession,
) -> None:
    """Stated log odds of 20, right in 9 of 10 cases: beyond what the bins tell apart."""
    stated = np.repeat(expit([-20.0, 20.0]), 10_000)
    label = np.concatenate([np.arange(10_000) < 1000, np.arange(10_000) >= 1000]).astype("f4")
    scores = score_rows(0.0, stated, label, 0.5)
    line = fit_calibration(scores.bins, "temperature", scores.end_odds)
    frame = spark.createDataFrame([(float(p),) for p in np.unique(stated)], "p double")
    found = [row[0] for row in frame.select(line.apply(sf.col("p"))).collect()]
    assert sorted(found) == pytest.approx([0.1, 0.9], abs=0.01)


def test_the_order_of_rows_is_never_turned_round() -> None:
    assert fit_calibration(draw(-0.5, 0.0), "platt").slope >= 0


PROBABILITIES = expit(np.linspace(-27.6, 27.6, 2001))
"""From 1e-12 to 1 - 1e-12; the ends of a double's range below."""
ENDS = np.array([0.0, 1e-30, 1e-20, 1e-15, *PROBABILITIES, 1 - 1e-14, 1 - 2.0**-53, 1.0])


@pytest.mark.parametrize("line", [Calibration(0.4, 0.3), Calibration(1.0, -5.0), Calibration(2, 1)])
def test_the_order_of_rows_is_kept_from_end_to_end(line: Calibration, spark: SparkSession) -> None:
    frame = spark.createDataFrame(pd.DataFrame({"p": ENDS})).coalesce(1)
    stated = np.array([row[0] for row in frame.select(line.apply(sf.col("p"))).collect()])
    steps = np.diff(stated)
    assert (steps >= 0).all()
    assert (steps[ENDS[:-1] < 0.5] > 0).all(), "rows that differ are tied"
    told_apart = stated[1:] < 1 - 1e-12
    assert (steps[told_apart] > 0).all()
    np.testing.assert_allclose([line.calibrate(p) for p in ENDS], stated, rtol=1e-12)
    true = expit(line.slope * logit(PROBABILITIES) + line.intercept)
    np.testing.assert_allclose(stated[4:-3], true, rtol=1e-9)


@settings(max_examples=200, deadline=None)
@given(st.floats(-27.6, 27.6), st.floats(1e-3, 20), st.floats(0.05, 3), st.floats(-8, 8))
def test_the_smaller_of_two_stays_the_smaller(
    odds: float, step: float, slope: float, intercept: float
) -> None:
    low, high = (float(p) for p in expit([odds, odds + step]))
    stated = [Calibration(slope, intercept).calibrate(p) for p in (low, high)]
    assert stated[0] <= stated[1]
    if high < 0.5 or stated[0] < 0.5:
        assert stated[0] < stated[1]


def test_a_line_of_old_is_applied_as_it_was(spark: SparkSession) -> None:
    """Saved models of commit 5de053f clip; their scores keep their bits."""
    frame = spark.createDataFrame(pd.DataFrame({"p": ENDS})).coalesce(1)
    known = sf.least(sf.greatest(sf.col("p"), sf.lit(OLD_CLIP)), sf.lit(1 - OLD_CLIP))
    odds = sf.log(known) - sf.log(1 - known)
    old = 1 / (1 + sf.exp(-(odds * 1.387 + -0.02)))
    line = Calibration(1.387, -0.02, OLD_CLIP)
    for row in frame.select(old.alias("old"), line.apply(sf.col("p")).alias("new")).collect():
        assert row["old"] == row["new"]


def test_none_and_rows_of_one_label_change_nothing() -> None:
    assert fit_calibration(draw(0.5, 0.5), "none").is_identity
    one = draw(0.5, 0.5)
    one[0] = 0
    assert fit_calibration(one, "platt").is_identity


def test_separable_rows_give_finite_odds() -> None:
    bins = np.zeros((2, BINS), np.int64)
    bins[0, 100], bins[1, -100] = 20, 20
    found = fit_calibration(bins, "platt")
    assert np.isfinite([found.slope, found.intercept]).all()
    assert 0 < found.slope < 10


def test_columns_are_calibrated_at_the_ends_too(spark: SparkSession) -> None:
    frame = spark.createDataFrame([(0.0,), (0.2,), (1.0,)], "p double")
    line = Calibration(0.5, 0.3)
    found = [row[0] for row in frame.select(line.apply(sf.col("p"))).collect()]
    assert found[1] == pytest.approx(1 / (1 + np.exp(-(0.5 * np.log(0.25) + 0.3))))
    assert 0 < found[0] < found[1] < found[2] < 1
