"""Figures of predictions of many classes; Spark sends only sums and counts to the driver.

All sets of predictions (train, test, baselines, folds, subgroups) are measured in a single job.
Areas under ROC curves are exact: each class's probabilities are put in order, bin by bin.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from pyspark.sql import Column, DataFrame, Row
from pyspark.sql import functions as F

from bank_spark_dl.ml.column_names import LABEL_INDEX
from bank_spark_dl.ml.evaluation.figures import (
    ClassFigures,
    ClassMatrix,
    Confusion,
    MulticlassFigures,
)
from bank_spark_dl.ml.evaluation.intervals import share_interval
from bank_spark_dl.ml.evaluation.metrics import CALIBRATION_BINS, loss_of, sum_before
from bank_spark_dl.spark.adaptive_execution import one_job_per_action

MATRIX_CLASSES: Final = 100
"""Classes up to which figures hold the whole confusion matrix."""
CONFUSED_PAIRS: Final = 20
TOP: Final = 3
CLASS, BIN = "__class__", "__bin__"
BINS_A_UNIT: Final = 4
"""Of log odds: each bin is put in order by one task."""
SMALLEST, LARGEST = 1e-38, 1 - 1e-15
"""Probabilities beyond which log odds stay the same."""


def evaluate_each(
    predictions: DataFrame, *by: str, classes: Sequence[str]
) -> dict[tuple[Any, ...], MulticlassFigures]:
    """Measure several sets of predictions in one Spark job.

    Args:
        predictions: `label_index`, `probability` (array of one probability a class) and
            `prediction`.
        *by: Columns whose values tell the sets apart.
        classes: Names in label-index order.

    Returns:
        The figures of each set, in the order of its values of these columns.
    """
    parts = _confusions(predictions, by).unionByName(_areas(predictions, by), True)
    with one_job_per_action(predictions.sparkSession):
        rows = parts.collect()
    found: defaultdict[tuple[Any, ...], list[Row]] = defaultdict(list)
    for row in rows:
        found[tuple(row[name] for name in by)].append(row)
    return {key: _figures(found[key], classes) for key in sorted(found)}


def true_probability() -> Column:
    """Probability of a row's own class."""
    return F.get(F.col("probability"), F.col(LABEL_INDEX).cast("int"))


def _confusions(predictions: DataFrame, by: Sequence[str]) -> DataFrame:
    """Add up rows, loss, hits and calibration gaps by true and predicted class."""
    stated, own = F.col("probability"), true_probability()
    likelier = F.size(F.filter(stated, lambda probability: probability > own))
    top = F.array_max(stated)
    tenth = F.least(F.floor(top * CALIBRATION_BINS), F.lit(CALIBRATION_BINS - 1))
    gap = top - (F.col("prediction") == F.col(LABEL_INDEX)).cast("double")
    return predictions.groupBy(*by, LABEL_INDEX, "prediction").agg(
        F.count(F.lit(1)).alias("rows"),
        F.sum(loss_of(own)).alias("loss"),
        F.sum((likelier < TOP).cast("int")).alias("top"),
        F.array(*(F.sum(F.when(tenth == n, gap)) for n in range(CALIBRATION_BINS))).alias("gaps"),
    )


def _areas(predictions: DataFrame, by: Sequence[str]) -> DataFrame:
    """Count for each class the pairs of a row of it and another row that are in the right order.

    Ties count half.
    """
    within = [*by, CLASS]
    yes = (F.col(LABEL_INDEX) == F.col(CLASS)).cast("double")
    alike = (
        predictions.select(*by, LABEL_INDEX, F.posexplode("probability").alias(CLASS, "stated"))
        .groupBy(*within, "stated")
        .agg(F.sum(yes).alias("yes"), F.sum(1 - yes).alias("no"))
        .withColumn(BIN, F.floor(log_odds(F.col("stated")) * BINS_A_UNIT))
    )
    in_bin = F.col("yes") * (sum_before("no", [*within, BIN], "stated") + F.col("no") / 2)
    bins = (
        alike.withColumn("pairs", in_bin)
        .groupBy(*within, BIN)
        .agg(*(F.sum(name).alias(name) for name in ("yes", "no", "pairs")))
    )
    pairs = F.col("pairs") + F.col("yes") * sum_before("no", within, BIN)
    return bins.withColumn("pairs", pairs).groupBy(*within).agg(F.sum("pairs").alias("pairs"))


def log_odds(probability: Column) -> Column:
    """Log odds of a probability, finite; most probabilities of many classes are near 0."""
    known = F.greatest(F.least(probability, F.lit(LARGEST)), F.lit(SMALLEST))
    return F.log(known) - F.log(1.0 - known)


def _figures(found: Iterable[Row], classes: Sequence[str]) -> MulticlassFigures:
    """Turn the sums of a set into its figures."""
    found = list(found)
    cells = [row for row in found if row[CLASS] is None]
    counts = {(int(row[LABEL_INDEX]), int(row["prediction"])): row["rows"] for row in cells}
    pairs = {row[CLASS]: row["pairs"] for row in found if row[CLASS] is not None}
    rows = sum(counts.values())
    by_class = _class_figures(counts, pairs, classes)
    areas = [(each.rows, each.auc) for each in by_class if each.auc is not None]
    gaps = (sum(row["gaps"][n] or 0.0 for row in cells) for n in range(CALIBRATION_BINS))
    return MulticlassFigures(
        rows=rows,
        accuracy=sum(counts.get((n, n), 0) for n in range(len(classes))) / rows,
        auc=sum(auc for _, auc in areas) / len(areas) if areas else 0.5,
        auc_weighted=sum(n * auc for n, auc in areas) / sum(n for n, _ in areas) if areas else 0.5,
        log_loss=sum(row["loss"] for row in cells) / rows,
        top_3=sum(row["top"] for row in cells) / rows,
        calibration_error=sum(map(abs, gaps)) / rows,
        confusion_matrix=_matrix(counts, len(classes)),
        confused=_confused(counts, classes),
        classes=by_class,
    )


def _class_figures(
    counts: Mapping[tuple[int, int], int], pairs: Mapping[int, float], classes: Sequence[str]
) -> tuple[ClassFigures, ...]:
    true: Counter[int] = Counter()
    predicted: Counter[int] = Counter()
    for (label, prediction), rows in counts.items():
        true[label] += rows
        predicted[prediction] += rows
    total = true.total()
    return tuple(
        _one_class(
            name,
            true[n],
            predicted[n],
            counts.get((n, n), 0),
            pairs.get(n, 0.0),
            total - true[n],
        )
        for n, name in enumerate(classes)
    )


def _one_class(
    name: str, rows: int, predicted: int, hits: int, pairs: float, others: int
) -> ClassFigures:
    return ClassFigures(
        name=name,
        rows=rows,
        predicted=predicted,
        precision=share_interval(hits, predicted) if predicted else None,
        recall=share_interval(hits, rows) if rows else None,
        f1=2 * hits / (rows + predicted) if rows + predicted else None,
        auc=pairs / (rows * others) if rows and others else None,
    )


def _matrix(counts: Mapping[tuple[int, int], int], classes: int) -> ClassMatrix | None:
    if classes > MATRIX_CLASSES:
        return None
    return tuple(
        tuple(counts.get((true, predicted), 0) for predicted in range(classes))
        for true in range(classes)
    )


def _confused(
    counts: Mapping[tuple[int, int], int], classes: Sequence[str]
) -> tuple[Confusion, ...]:
    """Return the most frequent pairs of two classes; of equal ones the first classes'."""
    pairs = [(-rows, *pair) for pair, rows in counts.items() if pair[0] != pair[1]]
    return tuple(
        Confusion(classes[true], classes[predicted], -rows)
        for rows, true, predicted in sorted(pairs)[:CONFUSED_PAIRS]
    )
