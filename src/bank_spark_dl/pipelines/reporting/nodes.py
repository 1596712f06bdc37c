"""Pure functions from predictions to figures, plots and the report."""

import logging
from typing import Any

from plotly.graph_objects import Figure
from py4j.protocol import Py4JJavaError
from pyspark.errors import PySparkException
from pyspark.ml import PipelineModel
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from bank_spark_dl.ml.column_names import LABEL_INDEX, ROW_ID, carried_name
from bank_spark_dl.ml.evaluation.comparison import compare
from bank_spark_dl.ml.evaluation.decision import (
    describe_decision,
    make_call_list,
    rank_rows,
    score_counts,
)
from bank_spark_dl.ml.evaluation.metrics import (
    calibration_error,
    evaluate_each,
    reliability,
    roc_points,
)
from bank_spark_dl.ml.evaluation.permutation_importance import permutation_importance
from bank_spark_dl.ml.evaluation.subgroups import measure_segments
from bank_spark_dl.ml.features.column_groups import derived_groups, split_counts
from bank_spark_dl.ml.features.row_errors import row_error
from bank_spark_dl.parameters import DataOptions, DecisionOptions, FeatureOptions
from bank_spark_dl.pipelines.reporting import plots
from bank_spark_dl.pipelines.reporting.page import Findings, render_card, render_page
from bank_spark_dl.pipelines.reporting.verdict import warning_sentence
from bank_spark_dl.spark.caching import persisted

logger = logging.getLogger(__name__)

MODEL_FIGURES = (
    "inputs",
    "parameters",
    "threshold",
    "baseline_threshold",
    "num_workers",
    "epochs",
    "training_rows",
    "validation_rows",
    "best_round",
    "seed",
    "weights_sha256",
)
DATA_FIGURES = ("source", "rows", "synthetic")
PART, TRAIN, TEST, BASELINE, LEAK_FREE = "part", "train", "test", "baseline", "leak_free"
NETWORK = "network"


def measure_results(
    train_predictions: DataFrame,
    test_predictions: DataFrame,
    baseline_predictions: DataFrame,
    leak_free_predictions: DataFrame,
    late_columns: list[str],
    training_history: dict[str, Any],
    data_profile: dict[str, Any],
    scaled_columns: dict[str, Any],
    prior: float | None,
) -> dict[str, Any]:
    """Measure the network on train and test rows, and the baselines on the same test rows.

    Args:
        train_predictions: Predictions of the rows that the network was trained on.
        test_predictions: Predictions of held-out rows.
        baseline_predictions: The baselines' predictions of the same held-out rows, by `model`.
        leak_free_predictions: Of a logistic regression without the columns nobody knows in time;
            no row if there are no such columns, or no others.
        late_columns: Those columns.
        training_history: What was trained.
        data_profile: What it was trained on.
        scaled_columns: Which numeric columns are standardized.
        prior: Share of positives in the population that the rows stand for; None: theirs.

    Returns:
        `data`, `model`, `train`, `test`, `baselines` and `without_leak` (or None), see
        ml.evaluation.evaluate; `prior`; `late_columns`; `comparisons` of the network with each
        baseline, see ml.comparison.compare; and `warning`, what makes all of it worthless, or None.
    """
    figures = evaluate_each(
        _tell_apart(TRAIN, train_predictions)
        .unionByName(_tell_apart(TEST, test_predictions))
        .unionByName(_tell_apart(LEAK_FREE, leak_free_predictions))
        .unionByName(_tell_apart(BASELINE, baseline_predictions)),
        PART,
        "model",
        prior=prior,
    )
    train, test = figures[TRAIN, NETWORK], figures[TEST, NETWORK]
    baselines = {name: found for (part, name), found in figures.items() if part == BASELINE}
    unscaled = [n for n, column in scaled_columns["columns"].items() if not column["standardized"]]
    warning = warning_sentence(test, train["positives"], unscaled)
    if warning:
        logger.warning(warning)
    return {
        "data": {key: data_profile[key] for key in DATA_FIGURES},
        "model": {key: training_history[key] for key in MODEL_FIGURES}
        | {"rounds": len(training_history["rounds"])},
        "prior": prior,
        "train": train,
        "test": test,
        "baselines": baselines,
        "late_columns": late_columns,
        "without_leak": figures.get((LEAK_FREE, NETWORK)),
        "comparisons": _comparisons(test_predictions, baseline_predictions, test, baselines, prior),
        "warning": warning,
    }


def _comparisons(
    ours: DataFrame,
    theirs: DataFrame,
    network: dict[str, Any],
    baselines: dict[str, Any],
    prior: float | None,
) -> dict[str, Any]:
    """Compare the network with the baselines; areas differ by what they exactly are."""
    found = compare(ours, theirs, "model", prior)
    for name, entry in found.items():
        if (area := entry["auc"]) is not None:
            exact = network["auc"] - baselines[name]["auc"]
            entry["auc"] = {key: end - area["mean"] + exact for key, end in area.items()}
    return found


def _tell_apart(part: str, predictions: DataFrame) -> DataFrame:
    """Name the rows of a set of predictions, so that several can be measured in one job."""
    model = F.col("model") if "model" in predictions.columns else F.lit(NETWORK).alias("model")
    return predictions.select(
        F.lit(part).alias(PART), model, LABEL_INDEX, "probability", "prediction"
    )


def draw_learning_curve(training_history: dict[str, Any]) -> Figure:
    """Draw the losses and the validation figures by round."""
    return plots.learning_curve(training_history["rounds"])


def draw_worker_drift(training_history: dict[str, Any]) -> Figure:
    """Draw size and agreement of the workers' steps by round."""
    return plots.worker_drift(training_history["rounds"])


def draw_roc_curves(
    test_predictions: DataFrame, baseline_predictions: DataFrame, points: int
) -> Figure:
    """Draw the ROC curves of the network and the baselines on the test rows.

    Args:
        test_predictions: The network's predictions.
        baseline_predictions: The baselines' predictions, by `model`.
        points: Number of points of each curve.
    """
    predictions = _tell_apart(TEST, test_predictions).unionByName(
        _tell_apart(BASELINE, baseline_predictions)
    )
    curves = roc_points(predictions, points, "model")
    return plots.roc_curves({NETWORK: curves.pop(NETWORK), **curves})


def draw_calibration(test_predictions: DataFrame, prior: float | None) -> Figure:
    """Draw how far the network's stated probabilities of the test rows can be believed.

    Args:
        test_predictions: The network's predictions.
        prior: Share of positives in the population that the rows stand for; None: theirs.
    """
    bins = reliability(test_predictions, prior)
    return plots.reliability_diagram(bins, calibration_error(bins))


def decide_calls(
    test_predictions: DataFrame, options: DecisionOptions | None, prior: float | None, seed: int
) -> tuple[dict[str, Any], DataFrame]:
    """Find the most profitable cut-off on the test rows, and rank them by it.

    Args:
        test_predictions: The network's predictions.
        options: Cost of a call, value of a deposit, budget; None: there is nothing to decide.
        prior: Share of yes among the people to be called; None: as among the test rows.
        seed: Of the bootstrap.

    Returns:
        The decision, see ml.decision.describe_decision, or nothing; and the test rows ranked, see
        ml.decision.make_call_list, or ml.decision.rank_rows.
    """
    if options is None:
        return {}, rank_rows(test_predictions)
    decision = describe_decision(score_counts(test_predictions), options, prior, seed)
    return decision, make_call_list(test_predictions, decision["cutoff"]["best"])


def explain_columns(
    test_rows: DataFrame,
    test_predictions: DataFrame,
    scoring_model: PipelineModel,
    data: DataOptions,
    features: FeatureOptions,
    most_rows: int,
    repeats: int,
    seed: int,
) -> dict[str, Any]:
    """Measure what the scoring model loses when a raw column's values are shuffled.

    Args:
        test_rows: Clean rows that the model has not learnt from.
        test_predictions: Has their `label_index`.
        scoring_model: From raw columns to probability and prediction.
        data: Names the label; has the prior.
        features: Says what is derived from several columns: these are shuffled together.
        most_rows: How many rows are shuffled.
        repeats: How often each column is shuffled.
        seed: Of the sample and the shuffles.

    Returns:
        `rows`, `repeats`, `columns`, see ml.importance.permutation_importance; no columns where
        shuffled values make rows that the model has no answer for; and `counted`, see
        ml.column_groups.split_counts.
    """
    drawn = F.xxhash64(F.lit("importance"), F.lit(seed), F.col(ROW_ID))
    sample = test_rows.orderBy(drawn, ROW_ID).limit(most_rows)
    others = (ROW_ID, carried_name(data.columns.label))
    shuffled = [name for name in test_rows.columns if name not in others]
    groups = derived_groups(test_rows, shuffled, features.derived)
    with persisted(sample.join(test_predictions.select(ROW_ID, LABEL_INDEX), ROW_ID)) as rows:
        try:
            columns = permutation_importance(rows, scoring_model, groups, repeats, seed, data.prior)
        except (PySparkException, Py4JJavaError) as error:
            if (reason := row_error(error)) is None:
                raise
            logger.warning("The report goes without importance, shuffled rows fail: %s", reason)
            columns = []
        return {
            "rows": rows.count(),
            "repeats": repeats,
            "columns": columns,
            "counted": split_counts(test_rows, groups, features),
        }


def draw_importance(importance: dict[str, Any]) -> Figure:
    """Draw what is lost by column."""
    return plots.importance(importance["columns"])


def compare_segments(
    test_predictions: DataFrame, test_rows: DataFrame, data: DataOptions
) -> list[dict[str, Any]]:
    """Measure the network's predictions for parts of the test rows.

    Args:
        test_predictions: The network's predictions.
        test_rows: Clean test rows.
        data: Names the columns that make the parts; has the prior.

    Returns:
        See ml.segments.measure_segments.
    """
    segments = {part.column: part.edges for part in data.segments}
    return measure_segments(test_predictions, test_rows, segments, data.prior)


def draw_gains(decision: dict[str, Any]) -> tuple[Figure, Figure]:
    """Draw cumulative gains with lift, and the expected profit, by share of people called.

    Args:
        decision: The answer of decide_calls; both are empty where nothing was decided.
    """
    if not decision:
        return Figure(), Figure()
    return plots.gains_curve(decision), plots.profit_curve(decision)


def draw_confusion_matrices(
    metrics: dict[str, Any], label: str, positive: str
) -> tuple[Figure, Figure]:
    """Draw the confusion matrices of train and test rows.

    Args:
        metrics: The answer of measure_results.
        label: Name of the label column.
        positive: Its positive class.
    """
    return (
        plots.confusion_matrix(metrics["train"], "Train rows", label, positive),
        plots.confusion_matrix(metrics["test"], "Test rows", label, positive),
    )


def write_report(
    metrics: dict[str, Any],
    decision: dict[str, Any],
    importance: dict[str, Any],
    segments: list[dict[str, Any]],
    input_columns: dict[str, Any],
    label: str,
    positive: str,
    learning_curve: Figure,
    worker_drift: Figure,
    roc_curve: Figure,
    calibration: Figure,
    gains_curve: Figure,
    profit_curve: Figure,
    importance_plot: Figure,
    confusion_matrix_train: Figure,
    confusion_matrix_test: Figure,
) -> tuple[str, str]:
    """Put verdict, figures and plots on one page that opens offline, and the short of it on a card.

    Returns:
        The report, HTML; and the model card, Markdown.
    """
    left_out = input_columns["left_out"]
    findings = Findings(metrics, decision, importance, segments, left_out, label, positive)
    drift = [worker_drift] if metrics["model"]["num_workers"] > 1 else []
    plots_by_section = {
        "calls": [gains_curve, profit_curve] if decision else [],
        "columns": [importance_plot],
        "trust": [calibration, roc_curve, confusion_matrix_test, confusion_matrix_train],
        "training": [learning_curve, *drift],
    }
    return render_page(findings, plots_by_section), render_card(findings)
