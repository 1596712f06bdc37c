"""Figures of many classes, against Spark's evaluators and the definitions.

The definitions are those of scikit-learn: `roc_auc_score(multi_class="ovr")`, `log_loss`,
`top_k_accuracy_score`, `precision_recall_fscore_support`.
"""

from collections import Counter

import numpy as np
import pytest
from pyspark.ml.evaluation import MulticlassClassificationEvaluator
from pyspark.ml.functions import array_to_vector
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from bank_spark_dl.ml.evaluation.class_areas import ROWS
from bank_spark_dl.ml.evaluation.figures import MulticlassFigures
from bank_spark_dl.ml.evaluation.multiclass import evaluate_each
from bank_spark_dl.ml.evaluation.row_comparison import compare_multiclass

SCHEMA = (
    "row_id int, model string, label_index double, probability array<double>, prediction double"
)
CLASSES = ("ant", "bee", "cat", "dog")


def drawn(rows: int, seed: int, classes: int = 4) -> tuple[np.ndarray, np.ndarray]:
    """Labels, and probabilities with many ties that know something of them."""
    generator = np.random.default_rng(seed)
    labels = generator.integers(0, classes, rows)
    scores = generator.normal(size=(rows, classes)) + 1.5 * np.eye(classes)[labels]
    odds = np.exp(scores.round(0 if seed % 2 else 2))
    return labels, odds / odds.sum(axis=1, keepdims=True)


def frame(spark: SparkSession, model: str, labels: np.ndarray, stated: np.ndarray) -> DataFrame:
    rows = [
        (n, model, float(label), list(map(float, row)), float(row.argmax()))
        for n, (label, row) in enumerate(zip(labels, stated, strict=True))
    ]
    return spark.createDataFrame(rows, SCHEMA)


SETS = {"even": drawn(400, 2), "odd": drawn(300, 3)}


@pytest.fixture(scope="module")
def predictions(spark: SparkSession) -> DataFrame:
    parts = [frame(spark, name, *given) for name, given in SETS.items()]
    return parts[0].unionByName(parts[1]).cache()


@pytest.fixture(scope="module")
def figures(predictions: DataFrame) -> dict[tuple[str, ...], MulticlassFigures]:
    return evaluate_each(predictions, "model", classes=CLASSES)


def area(positive: np.ndarray, scores: np.ndarray) -> float:
    """The share of pairs in the right order; ties count half."""
    above = scores[positive][:, None] - scores[~positive][None, :]
    return float(((above > 0) + (above == 0) / 2).mean())


@pytest.mark.parametrize("name", SETS)
def test_areas_are_one_against_the_rest(
    figures: dict[tuple[str, ...], MulticlassFigures], name: str
) -> None:
    labels, stated = SETS[name]
    expected = [area(labels == n, stated[:, n]) for n in range(4)]
    assert [each.auc for each in figures[name,].classes] == pytest.approx(expected, abs=1e-12)
    assert figures[name,].auc == pytest.approx(np.mean(expected))
    rows = np.bincount(labels)
    assert figures[name,].auc_weighted == pytest.approx(np.average(expected, weights=rows))


@pytest.mark.parametrize("name", SETS)
def test_classes_are_counted(figures: dict[tuple[str, ...], MulticlassFigures], name: str) -> None:
    labels, stated = SETS[name]
    matrix = np.zeros((4, 4), dtype=int)
    np.add.at(matrix, (labels, stated.argmax(axis=1)), 1)
    found = figures[name,]
    assert np.array_equal(found.confusion_matrix, matrix)
    assert found.accuracy == pytest.approx(np.trace(matrix) / len(labels))
    for n, each in enumerate(found.classes):
        assert (each.name, each.rows, each.predicted) == (
            CLASSES[n],
            matrix[n].sum(),
            matrix[:, n].sum(),
        )


METRICS = {
    "logLoss": lambda found: found.log_loss,
    "accuracy": lambda found: found.accuracy,
    "precisionByLabel": lambda found: found.classes[1].precision.mean,
    "recallByLabel": lambda found: found.classes[1].recall.mean,
    "fMeasureByLabel": lambda found: found.classes[1].f1,
}


@pytest.mark.parametrize("name", METRICS)
def test_figures_are_those_of_sparks_evaluator(
    predictions: DataFrame, figures: dict[tuple[str, ...], MulticlassFigures], name: str
) -> None:
    vectors = predictions.where("model = 'even'").withColumn(
        "probability", array_to_vector(F.col("probability"))
    )
    evaluator = MulticlassClassificationEvaluator(
        labelCol="label_index", metricName=name, metricLabel=1.0
    )
    assert METRICS[name](figures["even",]) == pytest.approx(evaluator.evaluate(vectors))


def test_the_top_three_hold_ties(figures: dict[tuple[str, ...], MulticlassFigures]) -> None:
    labels, stated = SETS["odd"]
    own = stated[np.arange(len(labels)), labels][:, None]
    assert figures["odd",].top_3 == pytest.approx(((stated > own).sum(axis=1) < 3).mean())


def test_calibration_is_of_the_most_probable_class(
    figures: dict[tuple[str, ...], MulticlassFigures],
) -> None:
    labels, stated = SETS["even"]
    top, hit = stated.max(axis=1), stated.argmax(axis=1) == labels
    tenths = np.minimum((top * 10).astype(int), 9)
    gaps = [abs((top - hit)[tenths == n].sum()) for n in range(10)]
    assert figures["even",].calibration_error == pytest.approx(sum(gaps) / len(labels))


def test_confused_pairs_are_listed_by_their_rows(
    figures: dict[tuple[str, ...], MulticlassFigures],
) -> None:
    found = figures["even",]
    assert len(found.confused) == 12
    assert [each.rows for each in found.confused] == sorted(
        (each.rows for each in found.confused), reverse=True
    )
    most = found.confused[0]
    place = CLASSES.index(most.true), CLASSES.index(most.predicted)
    assert most.rows == found.confusion_matrix[place[0]][place[1]]


def test_a_class_without_rows_has_no_figures(spark: SparkSession) -> None:
    stated = np.array([[0.6, 0.3, 0.1], [0.2, 0.7, 0.1]])
    rows = frame(spark, "one", np.array([0, 1]), stated)
    found = evaluate_each(rows, "model", classes=CLASSES[:3])["one",]
    absent = found.classes[2]
    assert (absent.precision, absent.recall, absent.f1, absent.auc) == (None,) * 4
    assert (found.auc, found.auc_weighted) == (1.0, 1.0)
    alone = evaluate_each(rows.limit(1), "model", classes=CLASSES[:3])["one",]
    assert (alone.auc, alone.auc_weighted) == (0.5, 0.5)


def test_many_classes_have_no_matrix_but_their_pairs(spark: SparkSession) -> None:
    labels, stated = drawn(300, 4, classes=150)
    predicted, names = stated.argmax(axis=1), tuple(map(str, range(150)))
    found = evaluate_each(frame(spark, "many", labels, stated), "model", classes=names)["many",]
    assert found.confusion_matrix is None
    wrong = labels != predicted
    pairs = Counter(zip(labels[wrong].tolist(), predicted[wrong].tolist(), strict=True))
    expected = sorted(pairs, key=lambda pair: (-pairs[pair], *pair))[:20]
    assert [(int(each.true), int(each.predicted)) for each in found.confused] == expected
    assert [each.rows for each in found.confused] == [pairs[pair] for pair in expected]
    assert [each.rows for each in found.classes] == np.bincount(labels, minlength=150).tolist()
    assert [each.predicted for each in found.classes] == np.bincount(
        predicted, minlength=150
    ).tolist()
    assert found.accuracy == pytest.approx((labels == predicted).mean())
    assert found.log_loss == pytest.approx(-np.log(stated[np.arange(300), labels]).mean())


def test_areas_are_exact_over_several_blocks_of_rows(spark: SparkSession) -> None:
    labels, stated = drawn(ROWS * 2 + 100, 3, classes=3)
    rows = frame(spark, "long", labels, stated).coalesce(1)
    found = evaluate_each(rows, "model", classes=CLASSES[:3])["long",]
    expected = [area(labels == n, stated[:, n]) for n in range(3)]
    assert [each.auc for each in found.classes] == pytest.approx(expected, abs=1e-12)


def test_certain_and_wrong_costs_a_finite_loss(spark: SparkSession) -> None:
    rows = frame(spark, "sure", np.array([2]), np.array([[1.0, 0.0, 0.0]]))
    found = evaluate_each(rows, "model", classes=CLASSES[:3])["sure",]
    assert found.log_loss == pytest.approx(-np.log(1e-15))


def test_all_sets_are_measured_in_one_job(predictions: DataFrame, spark: SparkSession) -> None:
    predictions.count()
    context = spark.sparkContext
    context.setJobGroup("multiclass", "two sets")
    evaluate_each(predictions, "model", classes=CLASSES)
    jobs = context.statusTracker().getJobIdsForGroup("multiclass")
    context.setJobGroup("", "")
    assert len(jobs) == 1


def test_models_are_compared_row_by_row(spark: SparkSession) -> None:
    labels, ours = drawn(200, 2)
    theirs = np.full_like(ours, 0.25)
    other = frame(spark, "other", labels, theirs).orderBy(F.desc("row_id"))
    found = compare_multiclass(frame(spark, "network", labels, ours), other, "model")["other"]
    losses = np.log(0.25) - np.log(ours[np.arange(200), labels])
    reach = 1.959964 * losses.std(ddof=1) / np.sqrt(200)
    assert found.log_loss.mean == pytest.approx(losses.mean())
    assert found.log_loss.high - found.log_loss.mean == pytest.approx(reach)
    hits = (ours.argmax(axis=1) == labels).mean() - (labels == 0).mean()
    assert found.accuracy.mean == pytest.approx(hits)
    assert found.auc is None
