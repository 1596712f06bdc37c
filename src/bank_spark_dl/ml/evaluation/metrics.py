"""Accuracy, AUC, log loss and calibration of predictions; Spark sends only sums to the driver.

Spark's BinaryClassificationEvaluator measures the AUC of one set of predictions at a time, in jobs
of its own. Here the AUC of all sets (train, test, baselines, folds, subgroups) comes from the same
single job as their other figures. It is exact, like the evaluator's with numBins=0.
"""

from collections.abc import Sequence
from typing import Any

from pyspark.sql import Column, DataFrame, Row, Window
from pyspark.sql import functions as F

from bank_spark_dl.ml.class_prior import ClassWeights, class_weights
from bank_spark_dl.ml.column_names import LABEL_INDEX
from bank_spark_dl.ml.evaluation.figures import Figures
from bank_spark_dl.spark.adaptive_execution import one_job_per_action

CALIBRATION_BINS = 10
BINS = 100 * CALIBRATION_BINS  # each is put in order by one task
SMALLEST_PROBABILITY = 1e-15  # log loss stays finite for a certain and wrong prediction
ALL, BIN = "__all__", "__bin__"
COUNTS = ("yes", "no", "yes_as_yes", "no_as_yes")
SUMS = ("pairs", "loss", "loss_of_yes", "stated", "squares")


def evaluate(predictions: DataFrame, prior: float | None = None) -> Figures:
    """Measure the predictions of a binary classifier, in one Spark job.

    Args:
        predictions: `label_index`, `probability` of the positive class and `prediction`.
        prior: Share of positives in the population that the rows stand for; None: theirs.
    """
    return evaluate_each(predictions.withColumn(ALL, F.lit(0)), ALL, prior=prior)[(0,)]


def evaluate_each(
    predictions: DataFrame, *by: str, prior: float | None = None, together: bool = False
) -> dict[tuple[Any, ...], Figures]:
    """Measure several sets of predictions in one Spark job.

    Args:
        predictions: See evaluate.
        *by: Columns whose values tell the sets apart.
        prior: See evaluate.
        together: Whether it is all sets that stand for the population, of which each is a part;
            else each stands for it alone.

    Returns:
        The figures of each set, in the order of its values of these columns.
    """
    with one_job_per_action(predictions.sparkSession):
        rows = _totals(_binned(predictions, by), by).collect()
    found = {tuple(row[name] for name in by): row for row in rows}
    every = _weights(rows, prior)
    return {
        key: _figures(found[key], every if together else _weights([found[key]], prior))
        for key in sorted(found)
    }


def _weights(totals: Sequence[Row], prior: float | None) -> ClassWeights:
    positives = sum(row["yes"] for row in totals)
    return class_weights(positives + sum(row["no"] for row in totals), positives, prior)


def _binned(predictions: DataFrame, by: Sequence[str]) -> DataFrame:
    """Add up everything that figures are made of, for each bin of probabilities.

    `pairs` counts the pairs of a negative and a positive in a bin that are in the right order; ties
    count half. Bins keep tasks small: each orders the probabilities of its own bins.
    """
    yes, called = F.col(LABEL_INDEX), F.col("prediction")
    alike = predictions.groupBy(*by, "probability").agg(
        F.sum(yes).alias("yes"),
        F.sum(1 - yes).alias("no"),
        F.sum(yes * called).alias("yes_as_yes"),
        F.sum((1 - yes) * called).alias("no_as_yes"),
    )
    likely, unlikely = F.col("probability"), 1.0 - F.col("probability")
    no_below, rows = sum_before("no", [*by, BIN], "probability"), F.col("yes") + F.col("no")
    return (
        alike.withColumn(BIN, probability_bin(BINS))
        .withColumn("pairs", F.col("yes") * (no_below + F.col("no") / 2))
        .groupBy(*by, BIN)
        .agg(
            *(F.sum(name).alias(name) for name in (*COUNTS, "pairs")),
            F.sum(loss_of(likely) * F.col("yes") + loss_of(unlikely) * F.col("no")).alias("loss"),
            F.sum(loss_of(likely) * F.col("yes")).alias("loss_of_yes"),
            F.sum(likely * rows).alias("stated"),
            F.sum(likely * F.col("yes")).alias("stated_of_yes"),
            F.sum(likely * likely * rows).alias("squares"),
        )
    )


def _totals(bins: DataFrame, by: Sequence[str]) -> DataFrame:
    """Add up the bins of each set: a row for each, whatever the number of predictions.

    The pairs of different bins are in order by their bins. `gaps` holds for each tenth of the
    probabilities how much the stated ones add up to, less the positives; `gaps_of_yes` the part of
    it that positive rows make.
    """
    tenth = F.floor(F.col(BIN) * CALIBRATION_BINS / BINS)

    def gaps(stated: str) -> Column:
        gap = F.col(stated) - F.col("yes")
        return F.array(*(F.sum(F.when(tenth == n, gap)) for n in range(CALIBRATION_BINS)))

    no_below = sum_before("no", by, BIN)
    return (
        bins.withColumn("pairs", F.col("pairs") + F.col("yes") * no_below)
        .groupBy(*by)
        .agg(
            *(F.sum(name).alias(name) for name in (*COUNTS, *SUMS)),
            gaps("stated").alias("gaps"),
            gaps("stated_of_yes").alias("gaps_of_yes"),
        )
    )


def sum_before(name: str, within: Sequence[str], order: str) -> Column:
    """Sum a column over the rows before each, 0.0 for the first."""
    window = Window.partitionBy(*within).orderBy(order)
    before = window.rowsBetween(Window.unboundedPreceding, Window.currentRow - 1)
    return F.coalesce(F.sum(name).over(before), F.lit(0.0))


def _figures(totals: Row, weights: ClassWeights) -> Figures:
    yes, no, yes_as_yes, no_as_yes = (int(totals[name]) for name in COUNTS)
    rows, pairs = yes + no, yes * no
    weight = weights.total(rows, yes)
    gaps = (
        weights.total(gap or 0.0, of_yes or 0.0)
        for gap, of_yes in zip(totals["gaps"], totals["gaps_of_yes"], strict=True)
    )
    variance = totals["squares"] / rows - (totals["stated"] / rows) ** 2
    return Figures(
        rows=rows,
        positives=weights.total(yes, yes) / weight,
        accuracy=(no - no_as_yes + yes_as_yes) / rows,
        auc=totals["pairs"] / pairs if pairs else 0.5,
        log_loss=weights.total(totals["loss"], totals["loss_of_yes"]) / weight,
        calibration_error=sum(map(abs, gaps)) / weight,
        spread=max(variance, 0.0) ** 0.5,
        confusion_matrix=((no - no_as_yes, no_as_yes), (yes - yes_as_yes, yes_as_yes)),
    )


def probability_bin(bins: int) -> Column:
    """Number of the interval of equal width, from 0, in which a row's `probability` lies."""
    return F.least(F.floor(F.col("probability") * bins), F.lit(bins - 1))


def is_right() -> Column:
    """Whether a row's `prediction` is its `label_index`."""
    return F.col("prediction") == F.col(LABEL_INDEX)


def row_loss() -> Column:
    """Log loss of a row in nats, from `label_index` and `probability`."""
    likelihood = F.when(F.col(LABEL_INDEX) == 1.0, F.col("probability")).otherwise(
        1.0 - F.col("probability")
    )
    return loss_of(likelihood)


def loss_of(likelihood: Column) -> Column:
    """Log loss in nats of a row whose own class has this probability."""
    return -F.log(F.greatest(likelihood, F.lit(SMALLEST_PROBABILITY)))
