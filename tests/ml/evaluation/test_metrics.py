import math
from dataclasses import astuple
from functools import reduce

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyspark.ml.evaluation import BinaryClassificationEvaluator
from pyspark.sql import DataFrame, SparkSession

from bank_spark_dl.ml.evaluation.comparison import compare
from bank_spark_dl.ml.evaluation.curves import reliability, roc_points
from bank_spark_dl.ml.evaluation.metrics import (
    evaluate,
    evaluate_each,
)

ROWS = [(0.0, 0.1), (0.0, 0.6), (0.0, 0.4), (1.0, 0.4), (1.0, 0.9), (1.0, 0.3)]
labelled = st.tuples(st.sampled_from([0.0, 1.0]), st.sampled_from([0.0, 0.2, 0.5, 0.51, 1.0]))


def predictions(spark: SparkSession, rows: list[tuple[float, float]]) -> DataFrame:
    full = [(label, probability, float(probability > 0.5)) for label, probability in rows]
    return spark.createDataFrame(full, "label_index double, probability double, prediction double")


def auc(rows: list[tuple[float, float]]) -> float:
    """The share of pairs in the right order, the definition of Hanley and McNeil (1982)."""
    pairs = [(n, p) for label, n in rows if not label for other, p in rows if other]
    return sum((p > n) + (p == n) / 2 for n, p in pairs) / len(pairs)


def test_figures_of_a_small_table(spark: SparkSession) -> None:
    figures = evaluate(predictions(spark, ROWS))
    assert figures.rows == 6
    assert figures.confusion_matrix == ((2, 1), (2, 1))
    assert figures.accuracy == pytest.approx(3 / 6)
    assert figures.auc == pytest.approx(auc(ROWS))
    losses = [-math.log(p if label else 1 - p) for label, p in ROWS]
    assert figures.log_loss == pytest.approx(sum(losses) / 6)


def test_certain_and_wrong_costs_a_finite_loss(spark: SparkSession) -> None:
    loss = evaluate(predictions(spark, [(1.0, 0.0), (0.0, 0.0)])).log_loss
    assert loss == pytest.approx(-math.log(1e-15) / 2)


@settings(
    max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(rows=st.lists(labelled, min_size=2, max_size=12))
def test_the_area_counts_ties_half(spark: SparkSession, rows: list[tuple[float, float]]) -> None:
    rows = [(0.0, 0.5), (1.0, 0.5), *rows]
    assert evaluate(predictions(spark, rows)).auc == pytest.approx(auc(rows))


def test_the_area_is_exact_for_any_probabilities(spark: SparkSession) -> None:
    """Several rows to a bin, and more rows than bins."""
    drawn = np.random.default_rng(3)
    rows = [(float(drawn.random() < p), float(p)) for p in drawn.random(3000) ** 4]
    figures = evaluate(predictions(spark, rows))
    evaluator = BinaryClassificationEvaluator(
        rawPredictionCol="probability", labelCol="label_index", numBins=0
    )
    assert figures.auc == pytest.approx(evaluator.evaluate(predictions(spark, rows)), abs=1e-12)


def test_one_class_has_no_order(spark: SparkSession) -> None:
    assert evaluate(predictions(spark, [(1.0, 0.2), (1.0, 0.7)])).auc == 0.5


def test_sets_measured_together_are_measured_alike(spark: SparkSession) -> None:
    sets = {("a", 0): ROWS, ("a", 1): ROWS[:4], ("b", 0): ROWS[2:]}
    together = reduce(
        DataFrame.unionByName,
        [
            predictions(spark, rows).selectExpr(f"'{name}' AS model", f"{fold} AS fold", "*")
            for (name, fold), rows in sets.items()
        ],
    )
    found = evaluate_each(together, "model", "fold")
    assert list(found) == sorted(sets)
    for key, rows in sets.items():
        alone = evaluate(predictions(spark, rows))
        assert found[key].confusion_matrix == alone.confusion_matrix
        assert astuple(found[key])[:-1] == pytest.approx(astuple(alone)[:-1], abs=1e-12)


def test_the_curve_passes_through_exact_points(spark: SparkSession) -> None:
    one = predictions(spark, ROWS).selectExpr("'one' AS model", "*")
    false_rates, true_rates = roc_points(one, points=10, by="model")["one"]
    exact = {
        (sum(p >= cut for y, p in ROWS if not y) / 3, sum(p >= cut for y, p in ROWS if y) / 3)
        for cut in (1.0, 0.9, 0.6, 0.4, 0.3, 0.1)
    }
    points = list(zip(false_rates, true_rates, strict=True))
    assert points[0] == (0.0, 0.0)
    assert points[-1] == (1.0, 1.0)
    assert all(any(point == pytest.approx(known) for known in exact) for point in points)


def test_models_are_compared_row_by_row(spark: SparkSession) -> None:
    schema = "row_id int, label_index double, probability double, prediction double"
    ours = [(n, 1.0, 0.8 if n else 0.4, float(n > 0)) for n in range(4)]
    theirs = [(n, 1.0, 0.5, float(n > 1)) for n in range(4)]
    shuffled = spark.createDataFrame(theirs[::-1], schema).selectExpr("'other' AS model", "*")
    answer = compare(spark.createDataFrame(ours, schema), shuffled, "model")["other"]
    differences = [0.0, 1.0, 0.0, 0.0]
    error = 1.959964 * np.std(differences, ddof=1) / 2
    assert astuple(answer.accuracy) == pytest.approx((0.25, 0.25 - error, 0.25 + error))
    expected = np.mean([np.log(0.5 / (0.8 if n else 0.4)) for n in range(4)])
    assert answer.log_loss.mean == pytest.approx(expected)


def test_the_calibration_error_is_the_distance_by_rows(spark: SparkSession) -> None:
    rows = [(1.0, 0.92), (1.0, 0.94), (0.0, 0.96), (0.0, 1.0), (0.0, 0.15)]
    high, low = abs(0.955 - 0.5), 0.15
    error = evaluate(predictions(spark, rows)).calibration_error
    assert error == pytest.approx((4 * high + low) / 5)
    bins = reliability(predictions(spark, rows))
    assert [each.rows for each in bins] == [1, 4]
