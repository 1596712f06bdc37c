from typing import Any

import numpy as np
import pytest
from plotly.graph_objects import Figure
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from bank_spark_dl.ml.decision import describe_decision
from bank_spark_dl.params import DataOptions, Parameters, ReportingOptions
from bank_spark_dl.pipelines.reporting.nodes import (
    decide_calls,
    draw_calibration,
    draw_confusion_matrices,
    draw_gains,
    draw_importance,
    draw_learning_curve,
    draw_roc_curves,
    draw_worker_drift,
    measure_results,
    write_report,
)


def worker(number: int, cosine: float) -> dict[str, Any]:
    return {"worker": number, "cosine": cosine, "step_norm": 2.0 * cosine}


HISTORY: dict[str, Any] = {
    "inputs": 30,
    "parameters": 7,
    "threshold": 0.5,
    "num_workers": 1,
    "epochs": 2,
    "training_rows": 8,
    "validation_rows": 1,
    "best_round": None,
    "seed": 5,
    "weights_sha256": "ab",
    "rounds": [
        {"round": 0, "loss": 0.7, "val_loss": 0.8, "workers": [worker(0, 1.0), worker(1, 0.5)]},
        {"round": 1, "loss": 0.6, "val_loss": 0.7, "workers": [worker(0, 0.9), worker(1, 0.4)]},
    ],
}
PLOTS = [Figure() for _ in range(9)]
OPTIONS = ReportingOptions(
    curve_points=10,
    importance_rows=100,
    importance_repeats=2,
    prior=None,
    call_cost=1.0,
    deposit_value=4.0,
    budget=None,
    bootstrap=100,
)
DECISION = describe_decision(np.ones((2, 1000)), OPTIONS, seed=0)
LOST = {"mean": 0.2, "low": 0.1, "high": 0.3}
IMPORTANCE = {
    "rows": 3,
    "repeats": 2,
    "columns": [{"column": "duration", "log_loss": LOST, "accuracy": LOST}],
}


def segment(value: str, accuracy: float) -> dict[str, Any]:
    return {
        "column": "job",
        "value": value,
        "rows": 10,
        "positives": 0.5,
        "accuracy": {"mean": accuracy, "low": accuracy - 0.01, "high": accuracy + 0.01},
        "log_loss": 0.7,
        "auc": None,
    }


SEGMENTS = [segment("<i>maid</i>", 0.9), segment("clown", 0.1)]
PROFILE = {"source": "<b>bank</b>.csv", "sha256": "0", "rows": 9, "synthetic": True, "columns": {}}


@pytest.fixture(scope="module")
def predictions(spark: SparkSession) -> DataFrame:
    rows = [(1, 0.0, 0.2, 0.0), (2, 1.0, 0.9, 1.0), (3, 0.0, 0.7, 1.0), (4, 1.0, 0.6, 1.0)]
    return spark.createDataFrame(
        rows, "row_id int, label_index double, probability double, prediction double"
    ).cache()


@pytest.fixture(scope="module")
def baselines(predictions: DataFrame) -> DataFrame:
    return predictions.selectExpr(
        "explode(array('decision_tree', 'logistic_regression')) as model", "*"
    ).cache()


@pytest.fixture(scope="module")
def metrics(predictions: DataFrame, baselines: DataFrame) -> dict[str, Any]:
    test, nothing = predictions.limit(3), predictions.limit(0)
    return measure_results(predictions, test, baselines, nothing, ["duration"], HISTORY, PROFILE)


def report(metrics: dict[str, Any], data: DataOptions) -> str:
    return write_report(metrics, DECISION, IMPORTANCE, SEGMENTS, data, *PLOTS)[0]


def card(metrics: dict[str, Any], data: DataOptions) -> str:
    return write_report(metrics, DECISION, IMPORTANCE, SEGMENTS, data, *PLOTS)[1]


def test_the_figures_have_the_agreed_layout(metrics: dict[str, Any]) -> None:
    assert metrics["data"] == {"source": "<b>bank</b>.csv", "rows": 9, "synthetic": True}
    assert metrics["model"] == HISTORY | {"rounds": 2}
    assert metrics["train"]["confusion_matrix"] == [[1, 1], [0, 2]]
    assert metrics["train"]["accuracy"] == 0.75
    assert metrics["test"]["rows"] == 3
    assert set(metrics["baselines"]) == {"decision_tree", "logistic_regression"}
    zero = {"mean": 0.0, "low": 0.0, "high": 0.0}
    same = {"accuracy": zero, "log_loss": zero}
    assert metrics["comparisons"] == {"decision_tree": same, "logistic_regression": same}


def test_the_learning_curve_has_both_losses_by_round() -> None:
    train, validation = draw_learning_curve(HISTORY).data
    assert (list(train.x), list(train.y)) == ([1, 2], [0.7, 0.6])
    assert list(validation.y) == [0.8, 0.7]


def test_without_validation_rows_there_is_one_loss() -> None:
    rounds = [{"round": 0, "loss": 0.7}]
    assert len(draw_learning_curve(HISTORY | {"rounds": rounds}).data) == 1


def test_validation_figures_are_drawn_below_the_losses() -> None:
    rounds = [{"round": 0, "loss": 0.7, "val_accuracy": 0.6, "val_auc": 0.9}]
    loss, accuracy, auc = draw_learning_curve(HISTORY | {"rounds": rounds}).data
    assert (list(accuracy.y), list(auc.y)) == ([0.6], [0.9])
    assert accuracy.yaxis == auc.yaxis != loss.yaxis


def test_worker_drift_has_each_workers_agreement_and_step() -> None:
    figure = draw_worker_drift(HISTORY)
    drawn = {(trace.name, trace.yaxis): list(trace.y) for trace in figure.data}
    assert drawn == {
        ("worker 0", "y"): [1.0, 0.9],
        ("worker 0", "y2"): [2.0, 1.8],
        ("worker 1", "y"): [0.5, 0.4],
        ("worker 1", "y2"): [1.0, 0.8],
    }


def test_roc_curves_are_drawn_for_all_models(predictions: DataFrame, baselines: DataFrame) -> None:
    figure = draw_roc_curves(predictions, baselines, OPTIONS)
    assert [trace.name for trace in figure.data] == [
        "network",
        "decision tree",
        "logistic regression",
        "chance",
    ]


def test_the_calibration_plot_shows_the_share_of_positives(predictions: DataFrame) -> None:
    stated, network = draw_calibration(predictions).data
    assert list(stated.x) == list(stated.y) == [0, 1]
    assert list(network.x) == pytest.approx([0.2, 0.6, 0.7, 0.9])
    assert list(network.y) == [0.0, 1.0, 0.0, 1.0]


def test_decision_and_call_list_belong_together(predictions: DataFrame) -> None:
    decision, calls = decide_calls(predictions, OPTIONS, seed=1)
    called = calls.where("decision = 'call'").count()
    assert decision["calls"]["best"] == called / 4


def test_gains_and_profit_are_drawn_by_share_of_people_called() -> None:
    gains, profit = draw_gains(DECISION)
    assert list(gains.data[0].y)[-1] == pytest.approx(1.0)
    assert "lift 1.00" in gains.data[0].text
    assert max(profit.data[0].y) == pytest.approx(DECISION["profit_per_1000"]["best"])
    assert list(profit.data[1].x) == [DECISION["calls"]["best"]]


def test_the_report_says_whom_to_call(metrics: dict[str, Any], data: DataOptions) -> None:
    page = report(metrics, data)
    assert "If a call costs 1, a deposit brings\n4 and 50% of the people" in page


def test_confusion_matrices_show_counts_and_shares(
    metrics: dict[str, Any], parameters: Parameters
) -> None:
    train, _ = draw_confusion_matrices(metrics, parameters.data)
    assert list(train.data[0].text[1]) == ["0<br>0.0%", "2<br>100.0%"]


@pytest.fixture(scope="module")
def data(parameters: Parameters) -> DataOptions:
    return parameters.data


def test_the_report_says_synthetic_and_escapes_what_it_shows(
    metrics: dict[str, Any], data: DataOptions
) -> None:
    page = report(metrics, data)
    assert "synthetic" in page
    assert "&lt;b&gt;bank&lt;/b&gt;.csv" in page
    assert "<b>bank</b>" not in page
    assert page.count("plotly-graph-div") == 8
    real = metrics | {"data": metrics["data"] | {"synthetic": False}}
    assert "synthetic" not in report(real, data).split("<script")[0]


def test_the_report_begins_with_the_verdict(metrics: dict[str, Any], data: DataOptions) -> None:
    page = report(metrics, data).split("<script")[0]
    assert page.index("neither beats nor loses to the decision tree") < page.index("<table")


def test_a_leak_makes_the_report_a_benchmark(metrics: dict[str, Any], data: DataOptions) -> None:
    page = report(metrics, data)
    assert "A benchmark only.</b> duration\nis known only" in page
    in_time = metrics | {"late_columns": []}
    assert "A benchmark only" not in report(in_time, data)
    assert "A benchmark only" not in card(in_time, data)


def test_the_price_of_the_leak_stands_beside_it(
    predictions: DataFrame, baselines: DataFrame, metrics: dict[str, Any], data: DataOptions
) -> None:
    assert metrics["without_leak"] is None
    worse = predictions.withColumn("prediction", F.lit(0.0))
    priced = measure_results(
        predictions, predictions, baselines, worse, ["duration"], HISTORY, PROFILE
    )
    assert priced["without_leak"]["accuracy"] == 0.5
    assert "0.500 instead of 0.750" in " ".join(report(priced, data).split())
    assert "| logistic regression without duration | 0.500 |" in card(priced, data)


def test_weak_segments_show_and_are_escaped(metrics: dict[str, Any], data: DataOptions) -> None:
    page = report(metrics, data)
    assert '<tr class="weak"><td>clown</td>' in page
    assert "<tr><td>&lt;i&gt;maid&lt;/i&gt;</td>" in page
    assert "- job clown: accuracy 0.100 (0.090 to 0.110) on 10 rows." in card(metrics, data)
    assert "maid" not in card(metrics, data)


def test_the_card_has_the_figures_and_the_limits(
    metrics: dict[str, Any], data: DataOptions
) -> None:
    text = card(metrics, data)
    test = metrics["test"]
    assert f"| network | {test['accuracy']:.3f} | {test['auc']:.3f} |" in text
    assert "**A benchmark only**: duration is known only after the call." in text
    assert "**Synthetic rows**" in text
    assert "&lt;b&gt;bank&lt;/b&gt;.csv" in text
    assert "relies most on duration" in text


def test_what_was_trained_is_said_as_it_was(metrics: dict[str, Any], data: DataOptions) -> None:
    assert "was trained for 2 rounds by 1 worker on 8 rows, watched on 1 others" in report(
        metrics, data
    )
    best = metrics | {"model": metrics["model"] | {"best_round": 0, "validation_rows": 0}}
    assert "for 2 rounds, of which round 1 was kept, by 1 worker on 8 rows\n" in card(best, data)


def test_without_importance_the_report_says_nothing_of_it(
    metrics: dict[str, Any], data: DataOptions
) -> None:
    none = IMPORTANCE | {"columns": []}
    page, text = write_report(metrics, DECISION, none, SEGMENTS, data, *PLOTS)
    assert "relies on" not in page.split("<script")[0] + text
    assert page.count("plotly-graph-div") == 7


def test_a_budget_for_nobody_is_said_in_words(metrics: dict[str, Any], data: DataOptions) -> None:
    decision = describe_decision(
        np.ones((2, 1000)), OPTIONS.model_copy(update={"budget": 0.0}), seed=0
    )
    page, _ = write_report(metrics, decision, IMPORTANCE, SEGMENTS, data, *PLOTS)
    assert "it pays best to call\nnobody, for" in page


def test_importance_is_drawn_with_its_intervals() -> None:
    bars = draw_importance(IMPORTANCE).data[0]
    assert (list(bars.y), list(bars.x)) == (["duration"], [0.2])
    assert list(bars.error_x.array) == pytest.approx([0.1])


def test_the_report_shows_drift_only_between_workers(
    metrics: dict[str, Any], data: DataOptions
) -> None:
    two = metrics | {"model": metrics["model"] | {"num_workers": 2}}
    assert report(two, data).count("plotly-graph-div") == 9
