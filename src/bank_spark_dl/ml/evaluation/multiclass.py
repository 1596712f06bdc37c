"""Figures of predictions of many classes; Spark sends only sums and counts to the driver.

All sets of predictions (train, test, baselines, folds, subgroups) are measured in a single job.
Beyond MATRIX_CLASSES only the pairs of classes that are confused most often reach it.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, Final

from pyspark.sql import Column, DataFrame, Row, Window
from pyspark.sql import functions as F

from bank_spark_dl.ml.column_names import LABEL_INDEX
from bank_spark_dl.ml.evaluation.class_areas import CLASS, ordered_pairs
from bank_spark_dl.ml.evaluation.figures import (
    ClassFigures,
    ClassMatrix,
    Confusion,
    MulticlassFigures,
)
from bank_spark_dl.ml.evaluation.intervals import share_interval
from bank_spark_dl.ml.evaluation.metrics import CALIBRATION_BINS, is_right, loss_of
from bank_spark_dl.spark.adaptive_execution import one_job_per_action

MATRIX_CLASSES: Final = 100
"""Classes up to which figures hold the whole confusion matrix."""
CONFUSED_PAIRS: Final = 20
TOP: Final = 3


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
    sums = _sums(predictions, by)
    if len(classes) > MATRIX_CLASSES:
        sums = _most_confused(sums, by)
    parts = sums.unionByName(ordered_pairs(predictions, by), True)
    with one_job_per_action(predictions.sparkSession):
        rows = parts.collect()
    found: defaultdict[tuple[Any, ...], list[Row]] = defaultdict(list)
    for row in rows:
        found[tuple(row[name] for name in by)].append(row)
    return {key: _figures(found[key], classes) for key in sorted(found)}


def true_probability() -> Column:
    """Probability of a row's own class."""
    return F.get(F.col("probability"), F.col(LABEL_INDEX).cast("int"))


def _sums(predictions: DataFrame, by: Sequence[str]) -> DataFrame:
    """Add up rows, hits, loss and calibration gaps by class, predicted class, and both."""
    stated, own = F.col("probability"), true_probability()
    likelier = F.size(F.filter(stated, lambda probability: probability > own))
    top = F.array_max(stated)
    rows = predictions.select(
        *by,
        LABEL_INDEX,
        "prediction",
        is_right().cast("int").alias("hits"),
        loss_of(own).alias("loss"),
        (likelier < TOP).cast("int").alias("top"),
        F.least(F.floor(top * CALIBRATION_BINS), F.lit(CALIBRATION_BINS - 1)).alias("tenth"),
        (top - is_right().cast("double")).alias("gap"),
    )
    gap_in = (F.sum(F.when(F.col("tenth") == n, F.col("gap"))) for n in range(CALIBRATION_BINS))
    pair = (LABEL_INDEX, "prediction")
    sets = [[*by, *each] for each in (pair, pair[:1], pair[1:])]
    return rows.groupingSets(sets, *by, *pair).agg(
        F.count(F.lit(1)).alias("rows"),
        *(F.sum(name).alias(name) for name in ("hits", "loss", "top")),
        F.array(*gap_in).alias("gaps"),
    )


def _most_confused(sums: DataFrame, by: Sequence[str]) -> DataFrame:
    """Leave out all pairs of classes but the most frequent ones of two; see CONFUSED_PAIRS."""
    pair = (F.col(LABEL_INDEX), F.col("prediction"))
    confused = pair[0] != pair[1]
    most = Window.partitionBy(*by, confused).orderBy(F.desc("rows"), *pair)
    place = F.when(confused, F.row_number().over(most))
    ranked = sums.withColumn("place", place)
    return ranked.where(confused.isNull() | (F.col("place") <= CONFUSED_PAIRS)).drop("place")


def _figures(found: Sequence[Row], classes: Sequence[str]) -> MulticlassFigures:
    """Turn the sums of a set into its figures."""
    pairs = {row[CLASS]: row["pairs"] for row in found if row[CLASS] is not None}
    sums = {(row[LABEL_INDEX], row["prediction"]): row for row in found if row[CLASS] is None}
    of_classes = [row for (_, predicted), row in sums.items() if predicted is None]
    counts = {
        (int(true), int(predicted)): row["rows"]
        for (true, predicted), row in sums.items()
        if true is not None and predicted is not None
    }
    rows = sum(row["rows"] for row in of_classes)
    by_class = _class_figures(sums, pairs, rows, classes)
    areas = [(each.rows, each.auc) for each in by_class if each.auc is not None]
    gaps = (sum(row["gaps"][n] or 0.0 for row in of_classes) for n in range(CALIBRATION_BINS))
    return MulticlassFigures(
        rows=rows,
        accuracy=sum(row["hits"] for row in of_classes) / rows,
        auc=sum(auc for _, auc in areas) / len(areas) if areas else 0.5,
        auc_weighted=sum(n * auc for n, auc in areas) / sum(n for n, _ in areas) if areas else 0.5,
        log_loss=sum(row["loss"] for row in of_classes) / rows,
        top_3=sum(row["top"] for row in of_classes) / rows,
        calibration_error=sum(map(abs, gaps)) / rows,
        confusion_matrix=_matrix(counts, len(classes)),
        confused=_confused(counts, classes),
        classes=by_class,
    )


def _class_figures(
    sums: Mapping[tuple[float | None, float | None], Row],
    pairs: Mapping[int, float],
    rows: int,
    classes: Sequence[str],
) -> tuple[ClassFigures, ...]:
    def total(name: str, true: int | None, predicted: int | None) -> int:
        return sums[true, predicted][name] if (true, predicted) in sums else 0

    return tuple(
        _one_class(
            name,
            total("rows", n, None),
            total("rows", None, n),
            total("hits", n, None),
            pairs.get(n, 0.0),
            rows - total("rows", n, None),
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
