from typing import Any

import pytest
from pyspark.sql import DataFrame, SparkSession

from bank_spark_dl.ml.evaluation.figures import Comparison
from bank_spark_dl.ml.evaluation.intervals import Interval
from bank_spark_dl.ml.features.scaled_columns import ScaledColumn, ScaledColumns
from bank_spark_dl.ml.models.record import TrainingRecord
from bank_spark_dl.ml.monitoring.profile import DataProfile
from bank_spark_dl.ml.target import Target
from bank_spark_dl.pipelines.reporting.by_task.binary import BinaryReport
from bank_spark_dl.pipelines.reporting.nodes import measure_results
from bank_spark_dl.pipelines.reporting.verdict import verdict_sentences

BETTER = {"log_loss": (-0.05, -0.07, -0.03), "auc": (0.03, 0.02, 0.04)}
WORSE = {name: tuple(-end for end in (ends[0], ends[2], ends[1])) for name, ends in BETTER.items()}
ALIKE = {"log_loss": (-0.01, -0.03, 0.01), "auc": (0.01, -0.01, 0.03)}


def said(log_loss: Any, auc: Any, accuracy: Any = (0.0, -0.01, 0.01)) -> str:
    return verdict({"decision_tree": (log_loss, auc, accuracy)})[-1]


def verdict(by_baseline: dict[str, Any]) -> list[str]:
    differences = {
        name: BinaryReport().differences(
            Comparison(Interval(*accuracy), Interval(*log_loss), auc and Interval(*auc))
        )
        for name, (log_loss, auc, accuracy) in by_baseline.items()
    }
    return verdict_sentences(differences, 2243)


@pytest.mark.parametrize(
    ("log_loss", "auc", "words"),
    [
        pytest.param(*BETTER.values(), "The network beats the decision tree (", id="beats"),
        pytest.param(*WORSE.values(), "is worse than the decision tree (", id="worse"),
        pytest.param(
            *ALIKE.values(),
            "The network and the decision tree cannot be told apart by 2,243 test rows (",
            id="alike",
        ),
        pytest.param(
            BETTER["log_loss"], ALIKE["auc"], "beats the decision tree in log loss, but", id="half"
        ),
        pytest.param(
            ALIKE["log_loss"], WORSE["auc"], "worse than the decision tree in AUC, but", id="half-"
        ),
        pytest.param(
            BETTER["log_loss"],
            WORSE["auc"],
            "is better than the decision tree in log loss and worse in AUC (",
            id="mixed",
        ),
        pytest.param(
            BETTER["log_loss"], None, "too few rows of a class to compare the AUC", id="one-class"
        ),
    ],
)
def test_log_loss_and_auc_say_who_wins(log_loss: Any, auc: Any, words: str) -> None:
    assert words in said(log_loss, auc)


def test_accuracy_at_a_threshold_decides_nothing() -> None:
    """A threshold chosen for profit may cost accuracy."""
    sentence = said(*BETTER.values(), accuracy=(-0.1, -0.12, -0.08))
    assert sentence.startswith("The network beats the decision tree (log loss -0.050, 95%")
    assert "accuracy -10.0 points, -12.0 to -8.0" in sentence


def test_baselines_that_are_ahead_come_first_with_a_remedy() -> None:
    def figures(which: dict[str, Any]) -> Any:
        return (*which.values(), (0.0, -0.01, 0.01))

    won = {"decision_tree": figures(BETTER), "class_shares": figures(ALIKE)}
    assert len(verdict(won)) == 2
    first, *rest = verdict(won | {"random_forest": figures(WORSE), "linear": figures(WORSE)})
    assert first.startswith("The network is behind the random forest and the linear. What helped ")
    assert "kedro draft" in first
    assert "kedro run --pipelines=tuning" in first
    assert len(rest) == 4


SCHEMA = "row_id int, label_index double, probability double, prediction double"
COUNTS = ("num_workers", "epochs", "seed", "batch_size", "training_rows", "validation_rows")
HISTORY = TrainingRecord(
    **dict.fromkeys((*COUNTS, "inputs", "parameters"), 1), threshold=0.5, baseline_threshold=0.5
)
UNSCALED = {"age": ScaledColumn(0.1, standardized=False)}


def warned(
    spark: SparkSession, probabilities: list[float], columns: dict[str, ScaledColumn]
) -> str:
    """200 rows, every second positive; the probabilities in turn."""
    rows = [
        (n, float(n % 2), probabilities[n % len(probabilities)], float(n % 2)) for n in range(200)
    ]
    predictions: DataFrame = spark.createDataFrame(rows, SCHEMA)
    metrics = measure_results(
        train_features=predictions,
        train_predictions=predictions,
        test_predictions=predictions,
        baseline_predictions=predictions.selectExpr("'tree' as model", "*"),
        leak_free_predictions=predictions.limit(0),
        leakage_columns=[],
        training_history=HISTORY,
        data_profile=DataProfile("x.csv", "0", synthetic=False, rows=200, columns={}),
        scaled_columns=ScaledColumns("kurtosis", -2.0, 2.0, columns),
        other_splits=(),
        target=Target("y", "binary", ("no", "yes")),
        split="random",
        prior=None,
        weight=None,
    )
    return metrics.warning or ""


@pytest.mark.parametrize(
    ("probabilities", "reason"),
    [
        pytest.param([0.5], "states nearly the same probability for every test row", id="constant"),
        pytest.param([0.501, 0.499], "states nearly the same probability", id="nearly"),
        pytest.param(
            [0.9, 0.8],
            "log loss on the test rows is 1.263, while 50.0% for every row gives 0.693",
            id="bad",
        ),
    ],
)
def test_a_network_that_knows_nothing_is_warned_of(
    spark: SparkSession, probabilities: list[float], reason: str, caplog: pytest.LogCaptureFixture
) -> None:
    warning = warned(spark, probabilities, UNSCALED)
    assert reason in warning
    assert "age is not standardized" in warning
    assert "features.skew.lower: 0" in warning
    assert caplog.messages == [warning]


def test_a_remedy_is_one_that_is_left(spark: SparkSession) -> None:
    warning = warned(spark, [0.5], {"age": ScaledColumn(9.0, standardized=True)})
    assert "learning_rate" in warning
    assert "features.skew" not in warning


def test_a_network_that_knows_something_is_not_warned_of(spark: SparkSession) -> None:
    assert warned(spark, [0.4, 0.6], UNSCALED) == ""
