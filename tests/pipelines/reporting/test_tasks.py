"""What the report makes of many classes and of numbers."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest
from plotly.graph_objects import Figure
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from bank_spark_dl.errors import ParameterError
from bank_spark_dl.ml.evaluation.intervals import Interval
from bank_spark_dl.ml.evaluation.results import (
    ColumnImportance,
    Importance,
    Metrics,
    NoDecision,
    RegressionImportance,
    Subgroups,
)
from bank_spark_dl.ml.features.columns import FeatureColumns
from bank_spark_dl.ml.features.scaled_columns import ScaledColumns
from bank_spark_dl.ml.models.record import TrainingRecord
from bank_spark_dl.ml.monitoring.profile import DataProfile
from bank_spark_dl.ml.target import Target
from bank_spark_dl.parameters import DataOptions, Parameters, SegmentOptions
from bank_spark_dl.pipelines.reporting.nodes import (
    compare_segments,
    decide_calls,
    draw_calibration,
    draw_confusion_matrices,
    draw_roc_curves,
    measure_results,
    write_report,
)
from bank_spark_dl.pipelines.reporting.plots.importance import draw_importance
from bank_spark_dl.pipelines.reporting.shown import shown_number

LOST = Interval(0.25, 0.2, 0.3)
COUNTS = ("num_workers", "epochs", "seed", "batch_size", "training_rows", "validation_rows")
HISTORY = TrainingRecord(
    **dict.fromkeys((*COUNTS, "inputs", "parameters"), 1), threshold=None, baseline_threshold=None
)


@dataclass(frozen=True)
class Case:
    """Predictions of a task, with those of two baselines on the same rows."""

    target: Target
    network: DataFrame
    baselines: DataFrame
    importance: Importance


def classes_case(spark: SparkSession, names: tuple[str, ...], rows: int, label: str) -> Case:
    """A network that knows much, a tree that knows less, and the classes' shares."""
    count, generator = len(names), np.random.default_rng(count_seed := len(names))
    labels = generator.integers(0, count, rows)
    shares = np.bincount(labels, minlength=count) / rows

    def stated(strength: float) -> np.ndarray:
        noise = np.random.default_rng(count_seed + 1).normal(size=(rows, count))
        odds = np.exp(noise + strength * np.eye(count)[labels])
        return odds / odds.sum(axis=1, keepdims=True)

    def frame(probabilities: np.ndarray) -> DataFrame:
        columns = [
            (n, float(labels[n]), row.tolist(), float(row.argmax()))
            for n, row in enumerate(probabilities)
        ]
        kinds = "row_id int, label_index double, probability array<double>, prediction double"
        return spark.createDataFrame(columns, kinds).cache()

    others = [
        frame(each).withColumn("model", F.lit(name))
        for name, each in {
            "decision_tree": stated(2.0),
            "class_shares": np.tile(shares, (rows, 1)),
        }.items()
    ]
    entry = ColumnImportance("flipper", ("flipper",), LOST, LOST)
    target = Target(label, "multiclass", names)
    importance = Importance(9, 1, (entry,), {})
    return Case(target, frame(stated(4.0)), others[0].unionByName(others[1]).cache(), importance)


def numbers_case(spark: SparkSession, rows: int) -> Case:
    """Prices; a network that is off by a tenth, a tree by a third, and the mean."""
    generator = np.random.default_rng(1)
    true = generator.lognormal(8, 0.8, rows)

    def frame(predicted: np.ndarray) -> DataFrame:
        columns = [(n, float(true[n]), float(predicted[n])) for n in range(rows)]
        kinds = "row_id int, label_index double, prediction double"
        return spark.createDataFrame(columns, kinds).cache()

    tree = frame(true * generator.normal(1, 0.3, rows)).withColumn("model", F.lit("decision_tree"))
    mean = frame(np.full(rows, true.mean())).withColumn("model", F.lit("mean"))
    network = frame(true * generator.normal(1, 0.1, rows))
    importance = Importance(9, 1, (RegressionImportance("carat", ("carat",), LOST),), {})
    return Case(
        Target("<b>price</b>", "regression"), network, tree.unionByName(mean).cache(), importance
    )


def measured(case: Case, **changes: Any) -> Metrics:
    inputs = {
        "train_features": case.network,
        "train_predictions": case.network,
        "test_predictions": case.network,
        "baseline_predictions": case.baselines,
        "leak_free_predictions": case.network.limit(0),
        "leakage_columns": [],
        "training_history": HISTORY,
        "data_profile": PROFILE,
        "scaled_columns": ScaledColumns("kurtosis", -2.0, 2.0, {}),
        "other_splits": (),
        "target": case.target,
        "split": "random",
        "prior": None,
        "weight": None,
    }
    return measure_results(**inputs | changes)


PROFILE = DataProfile("mine.csv", "0", False, rows=9, columns={})
NOTHING = Figure()


def plots(case: Case, metrics: Metrics, data: DataOptions) -> dict[str, Figure]:
    """Draw what there is to draw."""
    calibration, residuals, deciles = draw_calibration(case.network, metrics)
    train, test = draw_confusion_matrices(metrics, data)
    return {
        "learning_curve": NOTHING,
        "worker_divergence": NOTHING,
        "roc_curve": draw_roc_curves(case.network, case.baselines, case.target, 50),
        "calibration": calibration,
        "residuals": residuals,
        "error_by_decile": deciles,
        "gains_curve": NOTHING,
        "profit_curve": NOTHING,
        "importance_plot": draw_importance(case.importance),
        "confusion_matrix_train": train,
        "confusion_matrix_test": test,
    }


def written(
    case: Case, metrics: Metrics, data: DataOptions, drawn: dict[str, Figure], **changes: Any
) -> tuple[str, str]:
    inputs = {
        "metrics": metrics,
        "decision": NoDecision(),
        "importance": case.importance,
        "segments": (),
        "input_columns": FeatureColumns(("x",), (), {}),
        "data_profile": PROFILE,
        "data": data,
    }
    page, card = write_report(**inputs | drawn | changes)
    return " ".join(re.sub("<script.*?</script>", "", page, flags=re.DOTALL).split()), card


@pytest.fixture(scope="module")
def data_of(parameters: Parameters) -> Callable[[Case], DataOptions]:
    """Return a function that names a case's label in the parameters."""

    def data(case: Case) -> DataOptions:
        columns = {"label": case.target.column, "positive": None}
        return parameters.data.model_copy(
            update={"columns": parameters.data.columns.model_copy(update=columns), "suspicious": {}}
        )

    return data


SPECIES = ("Adelie", "<i>Chinstrap</i>", "Gentoo", "King")


@pytest.fixture(scope="module")
def few(spark: SparkSession) -> Case:
    return classes_case(spark, SPECIES, 300, "species")


@pytest.fixture(scope="module")
def many(spark: SparkSession) -> Case:
    return classes_case(spark, tuple(f"c{n}" for n in range(40)), 600, "letter")


@pytest.fixture(scope="module")
def numbers(spark: SparkSession) -> Case:
    return numbers_case(spark, 400)


@pytest.fixture(scope="module")
def few_metrics(few: Case) -> Metrics:
    return measured(few)


@pytest.fixture(scope="module")
def many_metrics(many: Case) -> Metrics:
    return measured(many)


@pytest.fixture(scope="module")
def numbers_metrics(numbers: Case) -> Metrics:
    return measured(numbers)


def test_few_classes_are_reported(
    few: Case, few_metrics: Metrics, data_of: Callable[[Case], DataOptions]
) -> None:
    drawn = plots(few, few_metrics, data_of(few))
    page, card = written(few, few_metrics, data_of(few), drawn)
    assert "The network beats the decision tree (log loss -" in page
    assert "beats the shares of the classes among the train rows (log loss -" in page
    assert "The network predicts species, one of 4 classes, from 9 rows" in page
    assert "<td>&lt;i&gt;Chinstrap&lt;/i&gt;</td>" in page
    assert "<i>Chinstrap</i>" not in page
    assert "most often taken for" not in page
    assert page.count("plotly-graph-div") == 5  # calibration, ROC, two matrices, importance
    assert "each of 4 classes of species" in card
    test = few_metrics.test
    assert f"| network | {test.accuracy:.3f} | {test.top_3:.3f} | {test.auc:.3f} |" in card
    for text in (page, card):
        assert not re.search("None(?! of)|data.prior|deposit|threshold", text)


def test_few_classes_have_a_curve_each(few: Case, few_metrics: Metrics) -> None:
    curves = draw_roc_curves(few.network, few.baselines, few.target, 50).data
    assert [trace.name for trace in curves][:2] == ["Adelie", "&lt;i&gt;Chinstrap&lt;/i&gt;"]
    assert len(curves) == 5
    calibration, *others = draw_calibration(few.network, few_metrics)
    assert [trace.name for trace in calibration.data][-2:] == ["King", "most probable class"]
    assert others == [NOTHING, NOTHING]


def test_a_curve_holds_the_areas_of_the_figures(few: Case, few_metrics: Metrics) -> None:
    for trace, each in zip(
        draw_roc_curves(few.network, few.baselines, few.target, 2000).data,
        few_metrics.test.classes,
        strict=False,
    ):
        assert np.trapz(trace.y, trace.x) == pytest.approx(each.auc, abs=0.01)


def test_calibration_shows_what_the_error_is_made_of(few: Case, few_metrics: Metrics) -> None:
    calibration, *_ = draw_calibration(few.network, few_metrics)
    for trace in calibration.data[1:]:
        rows = np.array([int(text.split()[0].replace(",", "")) for text in trace.text])
        assert rows.sum() == few_metrics.test.rows
    gaps = np.abs(np.subtract(trace.x, trace.y))  # of the most probable class, the last one
    assert (rows * gaps).sum() / rows.sum() == pytest.approx(few_metrics.test.calibration_error)


def test_many_classes_have_pairs_and_mean_curves(
    many: Case, many_metrics: Metrics, data_of: Callable[[Case], DataOptions]
) -> None:
    drawn = plots(many, many_metrics, data_of(many))
    page, _ = written(many, many_metrics, data_of(many), drawn)
    assert [len(drawn[f"confusion_matrix_{rows}"].data) for rows in ("train", "test")] == [0, 0]
    assert [trace.name for trace in drawn["roc_curve"].data] == [
        "network",
        "class shares",
        "decision tree",
        "chance",
    ]
    assert len(drawn["calibration"].data) == 2
    assert "The 20 classes with the lowest F1" in page
    assert len(re.findall(r"<tr><td>c\d", page)) == 40  # 20 classes and 20 pairs
    assert page.count("plotly-graph-div") == 3


def test_numbers_are_reported(
    numbers: Case, numbers_metrics: Metrics, data_of: Callable[[Case], DataOptions]
) -> None:
    drawn = plots(numbers, numbers_metrics, data_of(numbers))
    page, card = written(numbers, numbers_metrics, data_of(numbers), drawn)
    assert "The network beats the decision tree (RMSE -" in page
    assert "beats the mean of the train rows (RMSE -" in page
    assert "The network predicts &lt;b&gt;price&lt;/b&gt; from 9 rows" in page
    assert "<b>price</b>" not in page + card
    assert "The more the RMSE grows" in page
    assert page.count("plotly-graph-div") == 4  # predicted against true, residuals, errors
    assert re.search(r"\| network \| [\d.]+ \| [\d.]+ \| 0\.9\d\d \|", card)
    for text in (page, card):
        assert not re.search("None(?! of)|probabilit|classes|accuracy|threshold", text)


def test_deciles_hold_all_rows_in_order(numbers: Case, numbers_metrics: Metrics) -> None:
    predicted, residuals, deciles = draw_calibration(numbers.network, numbers_metrics)
    bars, squares = deciles.data[:2]
    rows = [int(text.split()[0]) for text in bars.text]
    assert (len(rows), sum(rows)) == (10, 400)
    assert max(rows) - min(rows) <= 2
    table = numbers.network.toPandas().sort_values("prediction")
    lowest = table[: rows[0]]
    errors = (lowest.label_index - lowest.prediction).abs()
    assert bars.y[0] == pytest.approx(errors.mean())
    assert squares.y[0] == pytest.approx((errors**2).mean() ** 0.5)
    means = predicted.data[-1]
    assert (means.x[0], means.y[0]) == pytest.approx(
        (lowest.prediction.mean(), lowest.label_index.mean())
    )
    shown = sum(map(sum, predicted.data[0].customdata))
    assert 0.97 * 400 <= shown <= 400
    assert 0.98 * 400 <= sum(residuals.data[0].y) <= 400


@pytest.mark.parametrize(
    ("case", "floor", "said"),
    [
        ("few", "class_shares", "its log loss on the test rows is 1.3"),
        ("numbers", "mean", "its RMSE on the test rows is"),
    ],
)
def test_a_network_that_knows_nothing_is_warned_of(
    case: str, floor: str, said: str, request: pytest.FixtureRequest
) -> None:
    given = request.getfixturevalue(case)
    useless = given.baselines.where(F.col("model") == floor).drop("model")
    warning = measured(replace(given, network=useless)).warning
    assert warning is not None
    assert said in warning
    assert request.getfixturevalue(f"{case}_metrics").warning is None


def segments(spark: SparkSession, case: Case, data: DataOptions) -> Subgroups:
    rows = spark.range(400).selectExpr("int(id) row_id", "if(id < 40, 'few', 'many') kind")
    options = SegmentOptions(column="kind", edges=None)
    return compare_segments(
        case.network, rows, case.target, data.model_copy(update={"segments": [options]})
    )


def test_subgroups_of_classes_have_accuracy(
    spark: SparkSession,
    few: Case,
    few_metrics: Metrics,
    data_of: Callable[[Case], DataOptions],
) -> None:
    found = segments(spark, few, data_of(few))
    table = few.network.toPandas()
    first = table[table.row_id < 40]
    assert found[1].accuracy.mean == (first.label_index == first.prediction).mean()
    weak = (*found[:1], replace(found[1], accuracy=Interval(0.1, 0.05, 0.2)))
    page, card = written(few, few_metrics, data_of(few), {}, segments=weak)
    assert '<tr class="weak"><td>few</td><td>40</td> <td>0.10 (0.05–0.20)</td>' in page
    assert "- kind few: accuracy 0.100 (0.050 to 0.200) on 40 rows." in card


def test_subgroups_of_numbers_have_errors(
    spark: SparkSession,
    numbers: Case,
    numbers_metrics: Metrics,
    data_of: Callable[[Case], DataOptions],
) -> None:
    found = segments(spark, numbers, data_of(numbers))
    table = numbers.network.toPandas()
    errors = (table.label_index - table.prediction).abs()[table.row_id < 40]
    assert found[1].mae.mean == pytest.approx(errors.mean())
    reach = 1.959964 * errors.std() / 40**0.5
    assert found[1].mae.high - found[1].mae.mean == pytest.approx(reach)
    weak = (*found[:1], replace(found[1], mae=Interval(9000.0, 8000.0, 9999.0)))
    page, card = written(numbers, numbers_metrics, data_of(numbers), {}, segments=weak)
    assert "9,000 (8,000–9,999)" in page
    assert "errors are larger for the coloured subgroups" in page
    assert "- kind few: mean absolute error 9,000 (8,000 to 9,999) on 40 rows." in card


@pytest.mark.parametrize("case", ["few", "numbers"])
def test_only_rows_of_two_classes_are_ranked(case: str, request: pytest.FixtureRequest) -> None:
    given = request.getfixturevalue(case)
    decision, ranked = decide_calls(given.network, given.target, None, None, seed=1)
    assert decision == NoDecision()
    assert (ranked.columns, ranked.count()) == (["row_id", "probability", "decile"], 0)


@pytest.mark.parametrize(("case", "shown"), [("few", "log_loss"), ("numbers", "rmse")])
def test_figures_by_weight_stand_beside_the_others(
    case: str, shown: str, request: pytest.FixtureRequest, data_of: Callable[[Case], DataOptions]
) -> None:
    given = request.getfixturevalue(case)
    weight = F.when(F.col("label_index") > F.col("prediction"), 0.5).otherwise(2.0)
    heavy = replace(
        given,
        network=given.network.withColumn("weight", weight),
        baselines=given.baselines.withColumn("weight", weight),
    )
    metrics = measured(heavy, weight="<w>", leak_free_predictions=given.network.limit(0))
    weighted = metrics.weighted
    assert weighted is not None
    assert weighted.baselines.keys() == metrics.baselines.keys()
    assert replace(metrics, weighted=None) == request.getfixturevalue(f"{case}_metrics")
    page, card = written(given, metrics, data_of(given), {})
    assert "<th>weighted by &lt;w&gt;</th>" in page
    titles = {"log_loss": "<th>accuracy</th><th>log loss</th>", "rmse": "<th>RMSE</th>"}
    assert f"<th>weighted by &lt;w&gt;</th>{titles[shown]}" in page
    for model in (weighted.test, *weighted.baselines.values()):
        figure = getattr(model, shown)
        text = f"{figure:.3f}" if case == "few" else shown_number(figure)
        assert f"<td>{text}</td>" in page
        assert f"| {text} |" in card


def test_weights_without_weighted_predictions_are_refused(few: Case) -> None:
    with pytest.raises(ParameterError, match=r"data\.weight is w, but the predictions were made"):
        measured(few, weight="w")
