"""Measure predictions, draw them and write the report."""

import logging
from functools import reduce

from plotly.graph_objects import Figure
from py4j.protocol import Py4JJavaError
from pyspark.errors import PySparkException
from pyspark.ml import PipelineModel
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from bank_spark_dl.ml.column_names import LABEL_INDEX, ROW_ID, WEIGHT, carried_name
from bank_spark_dl.ml.evaluation.call_list import make_call_list, no_ranks, rank_rows
from bank_spark_dl.ml.evaluation.decision import make_decision, score_counts
from bank_spark_dl.ml.evaluation.results import (
    AnyDecision,
    DataFacts,
    Importance,
    Metrics,
    NoDecision,
    OtherSplits,
    Subgroups,
)
from bank_spark_dl.ml.evaluation.subgroups import measure_subgroups
from bank_spark_dl.ml.features.column_groups import derived_groups, split_counts
from bank_spark_dl.ml.features.columns import FeatureColumns
from bank_spark_dl.ml.features.dependencies import raw_columns
from bank_spark_dl.ml.features.row_errors import row_error
from bank_spark_dl.ml.features.scaled_columns import ScaledColumns
from bank_spark_dl.ml.models.record import TrainingRecord
from bank_spark_dl.ml.monitoring.profile import DataProfile
from bank_spark_dl.ml.target import Target
from bank_spark_dl.parameters import DataOptions, DecisionOptions, FeatureOptions
from bank_spark_dl.pipelines.reporting.by_task import report_of
from bank_spark_dl.pipelines.reporting.by_weight import measure_by_weight
from bank_spark_dl.pipelines.reporting.page import Findings, render_card, render_page
from bank_spark_dl.spark.caching import persisted
from bank_spark_dl.tasks import task_named

logger = logging.getLogger(__name__)

PART, NETWORK = "part", "network"


def measure_results(
    train_features: DataFrame,
    train_predictions: DataFrame,
    test_predictions: DataFrame,
    baseline_predictions: DataFrame,
    leak_free_predictions: DataFrame,
    leakage_columns: list[str],
    training_history: TrainingRecord,
    data_profile: DataProfile,
    scaled_columns: ScaledColumns,
    other_splits: OtherSplits,
    target: Target,
    split: str,
    prior: float | None,
    weight: str | None,
) -> Metrics:
    """Measure the network on train and test rows, and the baselines on the same test rows.

    A network of no use is also logged as a warning.

    Args:
        train_features: Mark the validation rows, where the engine has not drawn them itself.
        train_predictions: Predictions of the rows that the network was trained on.
        test_predictions: Predictions of held-out rows.
        baseline_predictions: The baselines' predictions of the same held-out rows, by `model`.
        leak_free_predictions: Of a linear baseline without the leakage columns; no row if there are
            no such columns, or no others.
        leakage_columns: Inputs that are known only after the outcome.
        training_history: What was trained.
        data_profile: What it was trained on.
        scaled_columns: Which numeric columns are standardized.
        other_splits: The network's figures on other splits.
        target: What is predicted.
        split: How the test rows were chosen.
        prior: Share of positives in the population that the rows stand for; None: theirs.
        weight: Raw name of the column of weights; None: there is none.
    """
    predictions = _together(
        train=train_predictions,
        test=test_predictions,
        leak_free=leak_free_predictions,
        baseline=baseline_predictions,
    )
    evaluation = task_named(target.task).evaluation(target, prior)
    figures = evaluation.evaluate_each(predictions, PART, "model")
    train, test = figures["train", NETWORK], figures["test", NETWORK]
    baselines = {name: found for (part, name), found in figures.items() if part == "baseline"}
    unscaled = [n for n, column in scaled_columns.columns.items() if not column.standardized]
    warning = report_of(target.task).warning(train, test, baselines, unscaled)
    if warning:
        logger.warning(warning)
    measured = {NETWORK: test, **baselines}
    return Metrics(
        data=DataFacts(data_profile.source, data_profile.rows, data_profile.synthetic),
        model=training_history.facts(),
        prior=prior,
        train=train,
        test=test,
        baselines=baselines,
        leakage_columns=tuple(leakage_columns),
        without_leak=figures.get(("leak_free", NETWORK)),
        comparisons=evaluation.compare(test_predictions, baseline_predictions, "model", measured),
        warning=warning,
        split=split,
        other_splits=other_splits,
        task=target.task,
        intervals=evaluation.intervals(train_predictions, train_features, test_predictions),
        weighted=measure_by_weight(
            weight, evaluation, train_predictions, test_predictions, baseline_predictions
        ),
    )


def _together(**predictions: DataFrame) -> DataFrame:
    """Put several sets of predictions into one frame, so that they are measured in one job."""
    named = []
    for part, rows in predictions.items():
        model = F.col("model") if "model" in rows.columns else F.lit(NETWORK).alias("model")
        figures = (name for name in rows.columns if name not in ("model", ROW_ID, WEIGHT))
        named.append(rows.select(F.lit(part).alias(PART), model, *figures))
    return reduce(DataFrame.unionByName, named)


def draw_roc_curves(
    test_predictions: DataFrame, baseline_predictions: DataFrame, target: Target, points: int
) -> Figure:
    """Draw ROC curves of the network and the baselines on the test rows.

    Args:
        test_predictions: The network's predictions.
        baseline_predictions: The baselines' predictions, by `model`.
        target: What is predicted.
        points: Number of points of each curve.
    """
    predictions = _together(test=test_predictions, baseline=baseline_predictions)
    return report_of(target.task).draw_roc(predictions, target.classes, points)


def draw_calibration(
    test_predictions: DataFrame, metrics: Metrics
) -> tuple[Figure, Figure, Figure]:
    """Draw how far the network's predictions of the test rows can be believed.

    Args:
        test_predictions: The network's predictions.
        metrics: Have their figures, and the prior.

    Returns:
        Calibration; of numbers also residuals, and error by decile of the prediction.
    """
    return report_of(metrics.task).draw_calibration(test_predictions, metrics)


def draw_confusion_matrices(metrics: Metrics, data: DataOptions) -> tuple[Figure, Figure]:
    """Draw the confusion matrices of train and test rows.

    Args:
        metrics: Figures of both.
        data: Names the label and its positive class.
    """
    report = report_of(metrics.task)
    return (
        report.draw_confusion(metrics.train, "Train rows", data.columns),
        report.draw_confusion(metrics.test, "Test rows", data.columns),
    )


def decide_calls(
    test_predictions: DataFrame,
    target: Target,
    options: DecisionOptions | None,
    prior: float | None,
    seed: int,
) -> tuple[AnyDecision, DataFrame]:
    """Find the most profitable threshold on the test rows, and rank them by probability.

    Args:
        test_predictions: The network's predictions.
        target: What is predicted: only rows of two classes are ranked.
        options: Cost of a call, value of a deposit, budget; None: there is nothing to decide.
        prior: Share of yes among the people to be called; None: as among the test rows.
        seed: Of the bootstrap.

    Returns:
        The decision; and the test rows ranked, see ml.evaluation.call_list, with who is called if
        there is anything to decide.
    """
    if not report_of(target.task).ranked:
        return NoDecision(), no_ranks(test_predictions)
    if options is None:
        return NoDecision(), rank_rows(test_predictions)
    decision = make_decision(score_counts(test_predictions), options, prior, seed)
    return decision, make_call_list(test_predictions, decision.cutoff.best)


def explain_columns(
    test_rows: DataFrame,
    test_predictions: DataFrame,
    scoring_model: PipelineModel,
    target: Target,
    data: DataOptions,
    features: FeatureOptions,
    most_rows: int,
    repeats: int,
    seed: int,
) -> Importance:
    """Measure what the scoring model loses when a raw column's values are shuffled.

    Where shuffled values make rows that the model has no answer for, this is logged as a warning.

    Args:
        test_rows: Clean rows that the model was not trained on.
        test_predictions: Has their `label_index`.
        scoring_model: From raw columns to predictions.
        target: What is predicted.
        data: Names the label and the columns that split the rows, which the model does not read;
            has the prior.
        features: Says what is derived from several columns: these are shuffled together.
        most_rows: How many rows are shuffled.
        repeats: How often each column is shuffled.
        seed: Of the sample and the shuffles.
    """
    drawn = F.xxhash64(F.lit("importance"), F.lit(seed), F.col(ROW_ID))
    sample = test_rows.orderBy(drawn, ROW_ID).limit(most_rows)
    others = {ROW_ID, carried_name(data.columns.label), *_no_inputs(test_rows, data, features)}
    shuffled = [name for name in test_rows.columns if name not in others]
    groups = derived_groups(test_rows, shuffled, features.derived)
    evaluation = task_named(target.task).evaluation(target, data.prior)
    with persisted(sample.join(test_predictions.select(ROW_ID, LABEL_INDEX), ROW_ID)) as rows:
        try:
            columns = evaluation.importance(rows, scoring_model, groups, repeats, seed)
        except (PySparkException, Py4JJavaError) as error:
            if (reason := row_error(error)) is None:
                raise
            logger.warning("The report goes without importance, shuffled rows fail: %s", reason)
            columns = ()
        return Importance(
            rows=rows.count(),
            repeats=repeats,
            columns=columns,
            counted=split_counts(test_rows, groups, features),
        )


def _no_inputs(rows: DataFrame, data: DataOptions, features: FeatureOptions) -> set[str]:
    """Return the columns that split or weigh the rows, unless something is derived from them."""
    needed = raw_columns(rows, features.derived, features.counts).values()
    names = (data.columns.time, data.columns.group, data.weight)
    return {carried_name(name) for name in names if name}.difference(*needed)


def compare_segments(
    test_predictions: DataFrame, test_rows: DataFrame, target: Target, data: DataOptions
) -> Subgroups:
    """Measure the network's predictions for subgroups of the test rows.

    Args:
        test_predictions: The network's predictions.
        test_rows: Clean test rows.
        target: What is predicted.
        data: Names the columns whose values make subgroups; has the prior.
    """
    bands_by_column = {segment.column: segment.edges for segment in data.segments}
    evaluation = task_named(target.task).evaluation(target, data.prior)
    return measure_subgroups(test_predictions, test_rows, bands_by_column, evaluation)


def write_report(
    metrics: Metrics,
    decision: AnyDecision,
    importance: Importance,
    segments: Subgroups,
    input_columns: FeatureColumns,
    data_profile: DataProfile,
    data: DataOptions,
    **plots: Figure,
) -> tuple[str, str]:
    """Put verdict, figures and plots on one page that opens offline, and a summary on a card.

    Args:
        metrics: Figures of the network and of the baselines.
        decision: Whom to call, if there is anything to decide.
        importance: What the network loses without each raw column.
        segments: Figures of subgroups.
        input_columns: Says why columns are no inputs.
        data_profile: Of the raw rows.
        data: Names the label, and columns that alone foretell it.
        **plots: By dataset.

    Returns:
        The report, HTML; and the model card, Markdown.
    """
    findings = Findings(metrics, decision, importance, segments, input_columns, data_profile, data)
    return render_page(findings, plots), render_card(findings)
