"""Figures of numbers, against Spark's evaluator and the definitions."""

import numpy as np
import pytest
from pyspark.ml.evaluation import RegressionEvaluator
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from bank_spark_dl.ml.evaluation.figures import RegressionFigures
from bank_spark_dl.ml.evaluation.regression import evaluate_each
from bank_spark_dl.ml.evaluation.row_comparison import compare_regression

SCHEMA = "row_id int, model string, label_index double, prediction double"


def drawn(rows: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """True values, and predictions that know something of them."""
    generator = np.random.default_rng(seed)
    true = generator.lognormal(3, 1, rows)
    return true, 0.8 * true + generator.normal(0, 5, rows)


def frame(spark: SparkSession, model: str, true: np.ndarray, predicted: np.ndarray) -> DataFrame:
    rows = [
        (n, model, float(a), float(b)) for n, (a, b) in enumerate(zip(true, predicted, strict=True))
    ]
    return spark.createDataFrame(rows, SCHEMA)


SETS = {"a": drawn(500, 1), "b": drawn(200, 2)}


@pytest.fixture(scope="module")
def predictions(spark: SparkSession) -> DataFrame:
    parts = [frame(spark, name, *given) for name, given in SETS.items()]
    return parts[0].unionByName(parts[1]).cache()


@pytest.fixture(scope="module")
def figures(predictions: DataFrame) -> dict[tuple[str, ...], RegressionFigures]:
    return evaluate_each(predictions, "model")


def test_residuals_are_true_minus_predicted(
    figures: dict[tuple[str, ...], RegressionFigures],
) -> None:
    true, predicted = SETS["a"]
    found = figures["a",].residuals
    assert found.mean == pytest.approx((true - predicted).mean())
    assert found.std == pytest.approx((true - predicted).std())
    expected = np.quantile(true - predicted, (0.05, 0.25, 0.5, 0.75, 0.95), method="inverted_cdf")
    assert found.quantiles == pytest.approx(expected)


@pytest.mark.parametrize("name", ["rmse", "mae", "r2"])
def test_figures_are_those_of_sparks_evaluator(
    predictions: DataFrame, figures: dict[tuple[str, ...], RegressionFigures], name: str
) -> None:
    evaluator = RegressionEvaluator(labelCol="label_index", metricName=name)
    expected = evaluator.evaluate(predictions.where("model = 'b'"))
    assert getattr(figures["b",], name) == pytest.approx(expected)


def test_the_label_is_described(figures: dict[tuple[str, ...], RegressionFigures]) -> None:
    true, _ = SETS["a"]
    found = figures["a",]
    assert (found.rows, found.mean, found.std) == pytest.approx((500, true.mean(), true.std()))


@pytest.mark.parametrize(("predicted", "r2"), [(5.0, 1.0), (6.0, 0.0)])
def test_a_label_that_does_not_vary_has_an_r2(
    spark: SparkSession, predicted: float, r2: float
) -> None:
    rows = frame(spark, "same", np.full(3, 5.0), np.full(3, predicted))
    assert evaluate_each(rows, "model")["same",].r2 == r2  # as in scikit-learn


def bootstrapped(true: np.ndarray, ours: np.ndarray, theirs: np.ndarray) -> np.ndarray:
    """Differences of RMSE of rows drawn with replacement."""
    rows = np.random.default_rng(0).integers(0, len(true), (4000, len(true)))
    squares = [((true - each) ** 2)[rows].mean(axis=1) ** 0.5 for each in (ours, theirs)]
    return squares[0] - squares[1]


def test_models_are_compared_row_by_row(spark: SparkSession) -> None:
    generator = np.random.default_rng(4)
    true = generator.normal(size=400)
    shared = generator.normal(0, 0.5, 400)  # models err alike
    ours, theirs = true + shared, true + 1.1 * shared + generator.normal(0, 0.2, 400)
    other = frame(spark, "other", true, theirs).orderBy(F.desc("row_id"))
    found = compare_regression(frame(spark, "network", true, ours), other, "model")["other"]
    errors = np.abs(true - ours) - np.abs(true - theirs)
    reach = 1.959964 * errors.std(ddof=1) / 20
    assert found.mae.mean == pytest.approx(errors.mean())
    assert found.mae.high - found.mae.mean == pytest.approx(reach)
    resampled = bootstrapped(true, ours, theirs)
    assert found.rmse.high - found.rmse.low == pytest.approx(2 * 1.96 * resampled.std(), rel=0.05)
    expected = [((true - each) ** 2).mean() ** 0.5 for each in (ours, theirs)]
    assert found.rmse.mean == pytest.approx(expected[0] - expected[1])


def test_a_model_without_an_error_is_compared_too(spark: SparkSession) -> None:
    true = np.arange(4.0)
    found = compare_regression(
        frame(spark, "network", true, true), frame(spark, "other", true, true + 1), "model"
    )
    assert found["other"].rmse.mean == -1.0
