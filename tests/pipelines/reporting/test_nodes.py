import re
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from plotly.graph_objects import Figure
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from bank_spark_dl.distributed.training.history import Round, WorkerRound
from bank_spark_dl.ml.evaluation.decision import make_decision
from bank_spark_dl.ml.evaluation.figures import Comparison
from bank_spark_dl.ml.evaluation.intervals import Interval
from bank_spark_dl.ml.evaluation.results import (
    ColumnImportance,
    DataFacts,
    Decision,
    Importance,
    Metrics,
    NoDecision,
    SplitFigures,
    Subgroup,
)
from bank_spark_dl.ml.features.columns import FeatureColumns
from bank_spark_dl.ml.features.scaled_columns import ScaledColumn, ScaledColumns
from bank_spark_dl.ml.models.record import TrainingRecord
from bank_spark_dl.ml.monitoring.profile import DataProfile
from bank_spark_dl.ml.target import Target
from bank_spark_dl.parameters import DataOptions, DecisionOptions, Parameters
from bank_spark_dl.pipelines.reporting.nodes import (
    decide_calls,
    draw_calibration,
    draw_confusion_matrices,
    draw_roc_curves,
    measure_results,
    write_report,
)
from bank_spark_dl.pipelines.reporting.plots.calls import draw_gains
from bank_spark_dl.pipelines.reporting.plots.importance import draw_importance
from bank_spark_dl.pipelines.reporting.plots.training import (
    draw_learning_curve,
    draw_worker_divergence,
)


def worker(number: int, cosine: float) -> WorkerRound:
    return WorkerRound(
        worker=number,
        rows=4,
        steps=1,
        seconds=0.1,
        step_norm=2.0 * cosine,
        cosine=cosine,
        loss=0.7,
        metrics={},
    )


def one_round(number: int, loss: float, **more: Any) -> Round:
    return Round(
        **{"round": number, "epoch": number, "seconds": 1.0, "loss": loss, "metrics": {}}
        | {"workers": ()}
        | more
    )


HISTORY = TrainingRecord(
    num_workers=1,
    epochs=2,
    seed=5,
    batch_size=4,
    training_rows=8,
    validation_rows=1,
    rounds=(
        one_round(0, 0.7, val_loss=0.8, workers=(worker(0, 1.0), worker(1, 0.5))),
        one_round(1, 0.6, val_loss=0.7, workers=(worker(0, 0.9), worker(1, 0.4))),
    ),
    weights_sha256="ab",
    inputs=30,
    parameters=7,
    threshold=0.5,
    baseline_threshold=0.5,
)
DRAWN = (
    "learning_curve",
    "worker_divergence",
    "roc_curve",
    "calibration",
    "gains_curve",
    "profit_curve",
    "importance_plot",
    "confusion_matrix_train",
    "confusion_matrix_test",
)
PLOTS = [Figure().add_scatter(x=[1], y=[1]) for _ in DRAWN]
TARGET = Target("deposit", "binary", ("no", "yes"))
PRICES = {"call_cost": 1.0, "deposit_value": 4.0, "budget": None, "bootstrap": 100}


def prices(**changes: Any) -> DecisionOptions:
    return DecisionOptions.model_construct(**(PRICES | changes))


def decide(options: DecisionOptions) -> Decision:
    counts = np.ones((2, 1000))
    return make_decision(counts=counts, options=options, prior=None, seed=0)


DECISION = decide(prices())
LOST = Interval(0.2, 0.1, 0.3)
IMPORTANCE = Importance(3, 2, (ColumnImportance("duration", ("duration",), LOST, LOST),), {})


def subgroup(value: str, accuracy: float) -> Subgroup:
    interval = Interval(accuracy, accuracy - 0.01, accuracy + 0.01)
    return Subgroup("job", value, 10, 0.5, interval, 0.7, None)


SUBGROUPS = (subgroup("<i>maid</i>", 0.9), subgroup("clown", 0.1))
INPUTS = FeatureColumns(("job",), ("duration",), {})
SCALED = ScaledColumns("kurtosis", -2.0, 2.0, {"duration": ScaledColumn(9.0, True)})
PROFILE = DataProfile("<b>bank</b>.csv", "0", True, rows=9, columns={})


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
def metrics(predictions: DataFrame, baselines: DataFrame) -> Metrics:
    return measured(predictions, predictions.limit(3), baselines)


def measured(train: DataFrame, test: DataFrame, baselines: DataFrame, **changes: Any) -> Metrics:
    inputs = {
        "train_features": train,
        "train_predictions": train,
        "test_predictions": test,
        "baseline_predictions": baselines,
        "leak_free_predictions": test.limit(0),
        "leakage_columns": ["duration"],
        "training_history": HISTORY,
        "data_profile": PROFILE,
        "scaled_columns": SCALED,
        "other_splits": (),
        "target": TARGET,
        "split": "random",
        "prior": None,
        "weight": None,
    }
    return measure_results(**inputs | changes)


def written(metrics: Metrics, data: DataOptions, **changes: Any) -> tuple[str, str]:
    inputs = {
        "metrics": metrics,
        "decision": DECISION,
        "importance": IMPORTANCE,
        "segments": SUBGROUPS,
        "input_columns": INPUTS,
        "data_profile": PROFILE,
        "data": data,
    }
    return write_report(**inputs | dict(zip(DRAWN, PLOTS, strict=True)) | changes)


def with_model(metrics: Metrics, **changes: Any) -> Metrics:
    return replace(metrics, model=replace(metrics.model, **changes))


def report(metrics: Metrics, data: DataOptions, **changes: Any) -> str:
    """The page without Plotly's script."""
    return without_script(written(metrics, data, **changes)[0])


def without_script(page: str) -> str:
    return re.sub("<script.*?</script>", "", page, flags=re.DOTALL)


def card(metrics: Metrics, data: DataOptions, **changes: Any) -> str:
    return written(metrics, data, **changes)[1]


def test_the_figures_have_the_agreed_layout(metrics: Metrics) -> None:
    assert metrics.data == DataFacts("<b>bank</b>.csv", 9, synthetic=True)
    assert metrics.model.rounds == 2
    for name, value in vars(metrics.model).items():
        assert name == "rounds" or value == getattr(HISTORY, name)
    assert metrics.train.confusion_matrix == ((1, 1), (0, 2))
    assert metrics.train.accuracy == 0.75
    assert metrics.test.rows == 3
    assert set(metrics.baselines) == {"decision_tree", "logistic_regression"}
    zero = Interval(0.0, 0.0, 0.0)
    same = Comparison(zero, zero, None)  # of one positive row
    assert metrics.comparisons == {"decision_tree": same, "logistic_regression": same}


def test_the_learning_curve_has_both_losses_by_round() -> None:
    train, validation = draw_learning_curve(HISTORY).data
    assert (list(train.x), list(train.y)) == ([1, 2], [0.7, 0.6])
    assert list(validation.y) == [0.8, 0.7]


def test_without_validation_rows_there_is_one_loss_in_one_panel() -> None:
    rounds = (one_round(0, 0.7),)
    drawn = draw_learning_curve(replace(HISTORY, rounds=rounds)).to_dict()
    assert len(drawn["data"]) == 1
    assert drawn["layout"]["xaxis"]["title"]["text"] == "round"
    assert "yaxis2" not in drawn["layout"]


def test_validation_figures_are_drawn_below_the_losses() -> None:
    rounds = (one_round(0, 0.7, val_accuracy=0.6, val_auc=0.9),)
    loss, accuracy, auc = draw_learning_curve(replace(HISTORY, rounds=rounds)).data
    assert (list(accuracy.y), list(auc.y)) == ([0.6], [0.9])
    assert accuracy.yaxis == auc.yaxis != loss.yaxis


def test_worker_divergence_has_each_workers_agreement_and_step() -> None:
    figure = draw_worker_divergence(HISTORY)
    drawn = {(trace.name, trace.yaxis): list(trace.y) for trace in figure.data}
    assert drawn == {
        ("worker 0", "y"): [1.0, 0.9],
        ("worker 0", "y2"): [2.0, 1.8],
        ("worker 1", "y"): [0.5, 0.4],
        ("worker 1", "y2"): [1.0, 0.8],
    }


def test_roc_curves_are_drawn_for_all_models(predictions: DataFrame, baselines: DataFrame) -> None:
    figure = draw_roc_curves(predictions, baselines, TARGET, 10)
    assert [trace.name for trace in figure.data] == [
        "network",
        "decision tree",
        "logistic regression",
        "chance",
    ]


def test_a_bin_of_hits_only_has_an_interval(spark: SparkSession, metrics: Metrics) -> None:
    """Wilson's, as everywhere: one standard error would be 0 of 3 of 3."""
    rows = [(1.0, 0.95)] * 3 + [(0.0, 0.15)] * 3 + [(1.0, 0.55), (0.0, 0.55)]
    frame = spark.createDataFrame(rows, "label_index double, probability double")
    calibration, residuals, _ = draw_calibration(frame, metrics)
    assert not residuals.data
    network = calibration.data[1]
    none, half, every = network.y
    assert (none, half, every) == (0.0, 0.5, 1.0)
    above, below = network.error_y.array, network.error_y.arrayminus
    # Wilson's interval for 3 of 3 begins at n / (n + z^2).
    assert list(above) == pytest.approx([1 - 3 / (3 + 1.96**2), 0.4055, 0.0], abs=1e-3)
    assert list(below) == pytest.approx(list(above)[::-1])


def test_the_calibration_plot_shows_the_share_of_positives(
    predictions: DataFrame, metrics: Metrics
) -> None:
    figure, *_ = draw_calibration(predictions, metrics)
    stated, network = figure.data
    assert f"error {metrics.test.calibration_error:.3f}" in figure.layout.title.text
    assert list(stated.x) == list(stated.y) == [0, 1]
    assert list(network.x) == pytest.approx([0.2, 0.6, 0.7, 0.9])
    assert list(network.y) == [0.0, 1.0, 0.0, 1.0]


def test_decision_and_call_list_belong_together(predictions: DataFrame) -> None:
    decision, calls = decide_calls(predictions, TARGET, prices(), None, seed=1)
    called = calls.where("decision = 'call'").count()
    assert decision.calls.best == called / 4


def test_the_call_list_is_on_the_scale_of_the_scores(predictions: DataFrame) -> None:
    """A prior is part of the probabilities: nothing shifts them a second time."""
    _, calls = decide_calls(predictions, TARGET, prices(), prior=0.12, seed=1)
    listed = {row["row_id"]: row["probability"] for row in calls.collect()}
    assert listed == {row["row_id"]: row["probability"] for row in predictions.collect()}


def test_the_report_weighs_its_figures_to_the_prior(
    predictions: DataFrame, baselines: DataFrame, data: DataOptions
) -> None:
    plain, rare = (measured(predictions, predictions, baselines, prior=p) for p in (None, 0.12))
    losses = [-np.log([0.8, 0.3]).mean(), -np.log([0.9, 0.6]).mean()]  # of the two classes
    assert rare.test.log_loss == pytest.approx(0.88 * losses[0] + 0.12 * losses[1])
    assert rare.test.accuracy == plain.test.accuracy
    page = " ".join(report(rare, data).split())
    assert "The probabilities are for 12% yes (<code>data.prior</code>): log loss" in page
    assert "data.prior</code>)" not in report(plain, data)
    assert "hold for 12% yes" in card(rare, data)


def test_nobody_is_called_where_nothing_is_decided(
    predictions: DataFrame, metrics: Metrics, data: DataOptions
) -> None:
    decision, ranked = decide_calls(predictions, TARGET, None, None, seed=1)
    assert (decision, ranked.columns) == (NoDecision(), ["row_id", "probability", "decile"])
    assert [row["probability"] for row in ranked.collect()] == [0.9, 0.7, 0.6, 0.2]
    assert [len(figure.data) for figure in draw_gains(decision)] == [0, 0]
    page, text = written(metrics, data, decision=decision)
    shown = (without_script(page) + text).replace("deposit = yes", "")  # the label's name
    assert not re.search(r"\b(call|calls|called|deposits?|money|profit)\b", shown)
    assert page.count("plotly-graph-div") == 6
    assert page.index("plotly.js v") < page.index("plotly-graph-div")  # what draws the plots


def test_a_class_that_no_row_has_is_no_error(predictions: DataFrame, data: DataOptions) -> None:
    negative = predictions.where("label_index = 0")
    others = negative.selectExpr("'decision_tree' as model", "*")
    found = measured(predictions, negative, others, leakage_columns=[])
    assert "too few rows of a class to compare the AUC" in report(found, data)
    assert draw_roc_curves(negative, others, TARGET, 10).data
    assert draw_gains(decide_calls(negative, TARGET, prices(), None, seed=1)[0])[0].data


def test_what_is_left_out_is_shown_with_the_reason(metrics: Metrics, data: DataOptions) -> None:
    out = replace(INPUTS, left_out={"<i>when</i>": "a timestamp: derive a number from it"})
    page = report(metrics, data, input_columns=out)
    assert "<td>&lt;i&gt;when&lt;/i&gt;</td>" in page
    assert "a timestamp: derive a number from it" in page
    assert "&lt;i&gt;when&lt;/i&gt; is no input: a timestamp" in card(
        metrics, data, input_columns=out
    )
    assert "no input" not in report(metrics, data) + card(metrics, data)


def test_a_threshold_of_the_network_alone_is_said(metrics: Metrics, data: DataOptions) -> None:
    own = with_model(metrics, threshold=0.2)
    assert "above 0.2 (the other models: above 0.5)." in " ".join(report(own, data).split())
    assert "probability above 0.5. AUC" in " ".join(report(metrics, data).split())


def test_gains_and_profit_are_drawn_by_share_of_people_called() -> None:
    gains, profit = draw_gains(DECISION)
    assert list(gains.data[0].y)[-1] == pytest.approx(1.0)
    assert "lift 1.00" in gains.data[0].text
    assert max(profit.data[0].y) == pytest.approx(DECISION.profit_per_1000.best)
    assert list(profit.data[1].x) == [DECISION.calls.best]


def test_the_report_says_whom_to_call(metrics: Metrics, data: DataOptions) -> None:
    page = " ".join(report(metrics, data).split())
    assert "If a call costs 1, a deposit brings 4 and 50% of the people" in page


def test_confusion_matrices_show_counts_and_shares(
    metrics: Metrics, parameters: Parameters
) -> None:
    train, _ = draw_confusion_matrices(metrics, parameters.data)
    assert list(train.data[0].text[1]) == ["0<br>0.0%", "2<br>100.0%"]


@pytest.fixture(scope="module")
def data(parameters: Parameters) -> DataOptions:
    return parameters.data


def test_the_report_says_synthetic_and_escapes_what_it_shows(
    metrics: Metrics, data: DataOptions
) -> None:
    page = report(metrics, data)
    assert "synthetic" in page
    assert "&lt;b&gt;bank&lt;/b&gt;.csv" in page
    assert "<b>bank</b>" not in page
    assert page.count("plotly-graph-div") == 8
    real = replace(metrics, data=replace(metrics.data, synthetic=False))
    assert "synthetic" not in report(real, data)


def test_the_report_begins_with_the_verdict(metrics: Metrics, data: DataOptions) -> None:
    page = report(metrics, data)
    assert page.index("decision tree cannot be told apart") < page.index("<table")


def test_leakage_makes_the_report_a_benchmark(metrics: Metrics, data: DataOptions) -> None:
    page = " ".join(report(metrics, data).split())
    assert "A benchmark only.</b> duration is known only after the call" in page
    in_time = replace(metrics, leakage_columns=())
    assert "A benchmark only" not in report(in_time, data)
    assert "A benchmark only" not in card(in_time, data)


def test_a_suspicious_column_is_named_first(metrics: Metrics, data: DataOptions) -> None:
    suspicious = data.model_copy(update={"suspicious": {"<b>code</b>": 0.99}})
    for page in map(without_script, written(metrics, suspicious)):
        assert 0 < page.index("ossible target leakage") < page.index("network")
        assert "<b>code</b>" not in page


def test_random_and_newest_rows_stand_side_by_side(metrics: Metrics, data: DataOptions) -> None:
    assert "Rows in order of time" not in report(metrics, data)
    newest = SplitFigures("time", replace(metrics.test, auc=0.6125))
    both = replace(metrics, other_splits=(newest,))
    expected = f"AUC 0.613, and not the AUC {metrics.test.auc:.3f} that test rows drawn at random"
    for text in (report(both, data), card(both, data)):
        assert expected in text
    swapped = replace(
        both, split="time", test=newest.test, other_splits=(SplitFigures("random", metrics.test),)
    )
    assert expected in report(swapped, data)
    by_group = report(replace(both, split="group"), data)
    assert "that test rows of other groups show" in by_group
    assert "<tr><td>of other groups</td><td>3</td>" in by_group
    assert "<tr><td>the newest</td><td>3</td>" in report(both, data)


def test_columns_of_the_same_weeks_are_named_unless_the_split_is_by_time(
    metrics: Metrics, data: DataOptions
) -> None:
    inputs = replace(INPUTS, same_period=("<b>month</b>",))
    for page in map(without_script, written(metrics, data, input_columns=inputs)):
        assert "of the same weeks as the train rows only" in page
        assert "<b>month</b>" not in page
    by_time = replace(metrics, split="time")
    assert "the same weeks" not in report(by_time, data, input_columns=inputs)
    assert "the same weeks" not in report(metrics, data)


def test_the_effect_of_the_leakage_columns_stands_beside_it(
    predictions: DataFrame, baselines: DataFrame, metrics: Metrics, data: DataOptions
) -> None:
    assert metrics.without_leak is None
    worse = predictions.withColumn("prediction", F.lit(0.0))
    both = measured(predictions, predictions, baselines, leak_free_predictions=worse)
    assert both.without_leak is not None
    assert both.without_leak.accuracy == 0.5
    page = " ".join(report(both, data).split())
    assert "logistic regression without it has accuracy 0.500 instead of 0.750, AUC" in page
    assert " and log loss" in page
    assert "the difference is the effect of the leakage column." in page
    assert "| logistic regression without duration | 0.500 |" in card(both, data)


def test_weak_subgroups_show_and_are_escaped(metrics: Metrics, data: DataOptions) -> None:
    page = report(metrics, data)
    assert '<tr class="weak"><td>clown</td>' in page
    assert "<tr><td>&lt;i&gt;maid&lt;/i&gt;</td>" in page
    assert "- job clown: accuracy 0.100 (0.090 to 0.110) on 10 rows." in card(metrics, data)
    assert "maid" not in card(metrics, data)


def test_the_card_has_the_figures_and_the_limits(metrics: Metrics, data: DataOptions) -> None:
    text = card(metrics, data)
    test = metrics.test
    assert f"| network | {test.accuracy:.3f} | {test.auc:.3f} |" in text
    assert "**A benchmark only**: duration is known only after the call." in text
    assert "**Synthetic rows**" in text
    assert "&lt;b&gt;bank&lt;/b&gt;.csv" in text
    assert "relies most on duration" in text


def test_what_was_trained_is_said_as_it_was(metrics: Metrics, data: DataOptions) -> None:
    assert "was trained for 2 rounds by 1 worker on 8 rows, with 1 validation row." in report(
        metrics, data
    )
    best = with_model(metrics, best_round=0, validation_rows=0)
    assert "for 2 rounds, of which round 1 was kept, by 1 worker on 8 rows\n" in card(best, data)


def test_without_importance_the_report_says_nothing_of_it(
    metrics: Metrics, data: DataOptions
) -> None:
    none = replace(IMPORTANCE, columns=())
    page, text = written(metrics, data, importance=none)
    assert "relies on" not in without_script(page) + text
    assert page.count("plotly-graph-div") == 7


def test_a_budget_for_nobody_is_said_in_words(metrics: Metrics, data: DataOptions) -> None:
    page = report(metrics, data, decision=decide(prices(budget=0.0)))
    assert "it is most profitable to call nobody, for" in " ".join(page.split())


def test_importance_is_drawn_with_its_intervals() -> None:
    bars = draw_importance(IMPORTANCE).data[0]
    assert (list(bars.y), list(bars.x)) == (["duration"], [0.2])
    assert list(bars.error_x.array) == pytest.approx([0.1])


def test_the_report_shows_divergence_only_between_workers(
    metrics: Metrics, data: DataOptions
) -> None:
    two = with_model(metrics, num_workers=2)
    assert report(two, data).count("plotly-graph-div") == 9
