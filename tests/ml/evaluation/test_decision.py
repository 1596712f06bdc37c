from dataclasses import astuple
from typing import Any

import numpy as np
import pytest
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from bank_spark_dl.ml.class_prior import odds_factor, with_odds
from bank_spark_dl.ml.evaluation.call_list import make_call_list
from bank_spark_dl.ml.evaluation.decision import (
    BINS,
    call_curve,
    make_decision,
    resamples,
    score_counts,
)
from bank_spark_dl.parameters import DecisionOptions

SCHEMA = "row_id int, label_index double, probability double"


def options(**changes: Any) -> DecisionOptions:
    values = {
        "call_cost": 1.0,
        "deposit_value": 4.0,
        "budget": None,
        "bootstrap": 200,
    }
    return DecisionOptions(**(values | changes))


@pytest.fixture(scope="module")
def predictions(spark: SparkSession) -> DataFrame:
    """4,000 rows whose probabilities are right."""
    generator = np.random.default_rng(3)
    probability = generator.random(4000)
    label = (generator.random(4000) < probability).astype(float)
    rows = [(n, float(label[n]), float(probability[n])) for n in range(4000)]
    return spark.createDataFrame(rows, SCHEMA).cache()


def test_counts_hold_each_row_once(spark: SparkSession) -> None:
    rows = [(1, 0.0, 0.0), (2, 1.0, 1.0), (3, 1.0, 0.0015)]
    counts = score_counts(spark.createDataFrame(rows, SCHEMA))
    assert counts.shape == (2, BINS)
    assert counts.sum() == 3
    assert counts[0, 0] == counts[1, 1] == counts[1, BINS - 1] == 1


def test_profit_is_what_deposits_bring_minus_what_calls_cost() -> None:
    counts = np.zeros((2, BINS))
    counts[1, 900], counts[0, 900] = 3, 1  # 4 likely people, 3 say yes
    counts[1, 100], counts[0, 100] = 1, 5
    curve = call_curve(counts, options(), None)
    assert curve.cutoffs[curve.best] == pytest.approx(0.9)
    assert curve.calls[curve.best] == pytest.approx(0.4)
    assert curve.deposits[curve.best] == pytest.approx(0.3)
    assert curve.profit[curve.best] == pytest.approx(4 * 0.3 - 0.4)
    assert (curve.calls[0], curve.calls[-1]) == (0, pytest.approx(1))
    assert curve.profit[-1] == pytest.approx(4 * 0.4 - 1)


def test_empty_thresholds_do_not_widen_the_interval() -> None:
    counts = np.zeros((2, BINS))
    counts[1, 900], counts[0, 900], counts[0, 20], counts[1, 20] = 30, 10, 50, 1
    cutoff = make_decision(counts, options(), None, seed=1).cutoff
    assert astuple(cutoff) == pytest.approx((0.9, 0.9, 0.9))


def test_calling_nobody_is_best_when_deposits_bring_less_than_a_call() -> None:
    counts = np.ones((2, BINS))
    curve = call_curve(counts, options(deposit_value=0.5), None)
    assert curve.best == 0
    assert curve.cutoffs[0] > 1  # even a certain yes is left


def test_the_best_threshold_of_right_probabilities_is_cost_by_value(predictions: DataFrame) -> None:
    decision = make_decision(score_counts(predictions), options(), None, seed=1)
    low, high = decision.cutoff.low, decision.cutoff.high
    assert low < 0.25 < high
    assert low <= decision.cutoff.best <= high
    assert high - low < 0.3
    profit = decision.profit_per_1000
    assert profit.low < profit.best < profit.high
    assert len(decision.curve.profit) == BINS + 1


def test_the_interval_is_repeatable(predictions: DataFrame) -> None:
    counts = score_counts(predictions)
    first, again, other = (make_decision(counts, options(), None, seed) for seed in (1, 1, 2))
    assert first == again
    assert first.profit_per_1000.low != other.profit_per_1000.low


def stated(predictions: DataFrame, prior: float | None) -> DataFrame:
    factor = odds_factor(predictions, prior)
    return predictions.withColumn("probability", with_odds(F.col("probability"), factor))


def test_with_a_prior_fewer_calls_pay(predictions: DataFrame) -> None:
    as_is, rare = (
        make_decision(score_counts(stated(predictions, prior)), options(), prior, seed=1)
        for prior in (None, 0.12)
    )
    assert rare.calls.best < as_is.calls.best
    assert rare.prior == 0.12
    assert as_is.prior == pytest.approx(0.5, abs=0.03)


def test_the_call_list_is_ranked_in_tenths(predictions: DataFrame) -> None:
    calls = make_call_list(predictions, 0.75)
    assert calls.columns == ["row_id", "probability", "decile", "decision"]
    table = calls.toPandas()
    assert table.probability.is_monotonic_decreasing
    assert table.decile.is_monotonic_increasing
    assert table.decile.value_counts().tolist() == [400] * 10
    assert set(table.decile) == set(range(1, 11))
    assert ((table.decision == "call") == (table.probability >= 0.75)).all()


def test_the_budget_bounds_the_calls() -> None:
    counts = np.zeros((2, BINS))
    counts[1, 900], counts[1, 500], counts[0, 100] = 1, 1, 8
    free, tight, none = (
        make_decision(counts, options(budget=budget), None, 0) for budget in (None, 150.0, 0.0)
    )
    assert free.calls.best == pytest.approx(0.2)
    assert tight.calls.best == pytest.approx(0.1)  # 1,000 people, 100 calls at 1 each
    assert none.calls.best == none.profit_per_1000.best == 0


def test_deciles_add_up_to_all_deposits(predictions: DataFrame) -> None:
    counts = score_counts(predictions)
    deciles = make_decision(counts, options(), None, seed=0).deciles
    assert sum(decile.yes for decile in deciles) / 10 == pytest.approx(
        counts[1].sum() / counts.sum()
    )
    assert deciles[0].lift > 1.5 > 0.5 > deciles[9].lift


def test_resamples_are_those_of_one_draw() -> None:
    counts = np.arange(2.0 * BINS).reshape(2, BINS)
    generator = np.random.default_rng(7)
    once = generator.multinomial(int(counts.sum()), counts.ravel() / counts.sum(), 250)
    drawn = list(resamples(counts, 250, seed=7))
    np.testing.assert_array_equal(np.stack(drawn), once.reshape(250, 2, BINS))
