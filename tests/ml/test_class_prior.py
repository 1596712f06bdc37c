import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F
from tests.ml.evaluation.test_permutation_importance import MODEL

from bank_spark_dl.ml.class_prior import ClassWeights, class_weights, odds_factor, with_odds
from bank_spark_dl.ml.evaluation.binary_evaluation import BinaryEvaluation
from bank_spark_dl.ml.evaluation.comparison import compare
from bank_spark_dl.ml.evaluation.curves import reliability
from bank_spark_dl.ml.evaluation.metrics import evaluate, evaluate_each
from bank_spark_dl.ml.evaluation.subgroups import measure_subgroups

PRIOR = 0.1
SCHEMA = "row_id int, label_index double, probability double, prediction double"


@pytest.fixture(scope="module")
def predictions(spark: SparkSession) -> DataFrame:
    """4,000 rows, half of them positive, whose probabilities are right."""
    generator = np.random.default_rng(3)
    probability = generator.random(4000)
    label = (generator.random(4000) < probability).astype(float)
    rows = [(n, float(label[n]), float(p), float(p > 0.5)) for n, p in enumerate(probability)]
    return spark.createDataFrame(rows, SCHEMA).cache()


def rare(predictions: DataFrame) -> DataFrame:
    """The same rows with the probabilities that hold for a population of the prior."""
    stated = with_odds(F.col("probability"), odds_factor(predictions, PRIOR))
    return predictions.withColumn("probability", stated)


@given(st.floats(0.01, 0.99), st.integers(1, 99))
def test_weighed_rows_have_the_share_of_the_prior(prior: float, positives: int) -> None:
    weights = class_weights(100, positives, prior)
    weight = weights.total(100, positives)
    assert weight == pytest.approx(100)
    assert weights.total(positives, positives) / weight == pytest.approx(prior)


def test_without_a_prior_or_a_class_rows_count_once() -> None:
    for weights in (class_weights(9, 4, None), class_weights(9, 0, 0.3), class_weights(9, 9, 0.3)):
        assert weights == ClassWeights()
        assert weights.total(0.1 + 0.2, 0.1) == 0.1 + 0.2


def test_odds_move_by_bayes_rule(spark: SparkSession) -> None:
    """Thinning the positives to another share leaves the probabilities right."""
    frame = spark.createDataFrame([(0.5,), (0.8,), (0.0,), (1.0,)], "p double")
    half = spark.createDataFrame([(0.0,), (1.0,)], "label_index double")
    factor = odds_factor(half, 0.1)
    moved = [row[0] for row in frame.select(with_odds(F.col("p"), factor)).collect()]
    assert moved == pytest.approx([0.1, 0.8 * 0.2 / (0.8 * 0.2 + 0.2 * 1.8), 0.0, 1.0])
    assert odds_factor(half, None) == 1.0


def test_rows_count_by_the_weight_that_a_model_was_trained_with(spark: SparkSession) -> None:
    """Three quarters of the weight are positive, as if each row stood there so often."""
    weighed = spark.createDataFrame(
        [(0.0, 0.5), (1.0, 1.0), (1.0, 0.5)], "label_index double, weight double"
    )
    rows = spark.createDataFrame([(0.0,), (1.0,), (1.0,), (1.0,)], "label_index double")
    assert odds_factor(weighed, 0.1) == pytest.approx(odds_factor(rows, 0.1))
    assert odds_factor(weighed, 0.1) != pytest.approx(odds_factor(weighed.drop("weight"), 0.1))


def test_figures_are_those_of_a_population_with_that_share(predictions: DataFrame) -> None:
    """Rows drawn with their weights say the same, counted plainly."""
    found, stated = evaluate(rare(predictions), PRIOR), rare(predictions).toPandas()
    share = stated.label_index.mean()
    weight = np.where(stated.label_index == 1, PRIOR / share, (1 - PRIOR) / (1 - share))
    likely = np.where(stated.label_index == 1, stated.probability, 1 - stated.probability)
    assert found.log_loss == pytest.approx(np.average(-np.log(likely), weights=weight))
    assert found.positives == pytest.approx(PRIOR)
    assert found.calibration_error < 0.02  # the probabilities are right for this population
    as_it_is = evaluate(predictions)
    assert found.accuracy == as_it_is.accuracy == (stated.prediction == stated.label_index).mean()
    assert found.auc == pytest.approx(as_it_is.auc, abs=1e-12)
    bins = reliability(rare(predictions), PRIOR)
    gaps = [each.weight * abs(each.probability - each.positives.mean) for each in bins]
    error = sum(gaps) / sum(each.weight for each in bins)
    assert error == pytest.approx(found.calibration_error)
    shares = [each.positives for each in bins]
    assert all(share.low <= share.mean <= share.high for share in shares)
    held = [each.positives.low < each.probability < each.positives.high for each in bins]
    assert sum(held) >= len(bins) - 1


def test_without_a_prior_nothing_changes(predictions: DataFrame) -> None:
    """To the last digit: the weights are 1."""
    table, found = predictions.toPandas(), evaluate(predictions)
    assert found.positives == table.label_index.mean()
    assert found == evaluate_each(predictions.selectExpr("'a' as part", "*"), "part")[("a",)]
    assert found.spread == pytest.approx(table.probability.std(ddof=0))


def test_subgroups_are_parts_of_one_population(predictions: DataFrame, spark: SparkSession) -> None:
    """A part with a larger share of positives keeps it: the weights are those of all rows."""
    rows = predictions.selectExpr("row_id", "IF(probability > 0.5, 'often', 'seldom') kind")
    kinds, with_prior = {"kind": None}, BinaryEvaluation(PRIOR)
    measured = measure_subgroups(rare(predictions), rows, kinds, with_prior)
    found = {group.value: group for group in measured}
    shares = {kind: group.positives for kind, group in found.items()}
    assert shares["seldom"] < PRIOR < shares["often"]
    assert found["often"].log_loss > found["seldom"].log_loss
    plain = measure_subgroups(predictions, rows, kinds, BinaryEvaluation(None))
    assert [group.accuracy for group in plain] == [group.accuracy for group in found.values()]


def test_differences_are_weighed(predictions: DataFrame) -> None:
    stated = rare(predictions)
    even = stated.withColumn("probability", F.lit(0.5)).selectExpr("'even' as model", "*")
    answer = compare(stated, even, "model", PRIOR)["even"]
    expected = evaluate(stated, PRIOR).log_loss - evaluate(even, PRIOR).log_loss
    assert answer.log_loss.mean == pytest.approx(expected)
    assert answer.log_loss.low < expected < answer.log_loss.high < 0
    plain = compare(stated, even, "model")["even"]
    assert plain.log_loss.mean != pytest.approx(expected, abs=0.05)
    assert plain.accuracy == answer.accuracy


def test_lost_loss_is_weighed(spark: SparkSession) -> None:
    """The model knows positives better than negatives: a shuffle costs the classes differently."""
    labels = [n % 4 == 0 for n in range(200)]
    rows = [(n, int(y or n % 3 == 0), f"b{n % 7}", float(y)) for n, y in enumerate(labels)]
    table = spark.createDataFrame(rows, "row_id int, a int, b string, label_index double")
    plain, weighted = (
        BinaryEvaluation(prior).importance(table, MODEL, [["a"]], 1, 1)[0]
        for prior in (None, PRIOR)
    )
    assert plain.accuracy == weighted.accuracy
    assert plain.log_loss.mean != pytest.approx(weighted.log_loss.mean, abs=1e-3)
    same = BinaryEvaluation(0.25).importance(table, MODEL, [["a"]], 1, 1)[0]
    assert same.log_loss.mean == pytest.approx(plain.log_loss.mean)
