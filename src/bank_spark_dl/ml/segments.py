"""How good predictions are for parts of the rows, so that weak spots show."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from scipy.stats import binomtest

from bank_spark_dl.ml.columns import ROW_ID
from bank_spark_dl.ml.evaluation import evaluate_each
from bank_spark_dl.schemas.values import quoted

Bands = Sequence[float] | None


def measure_segments(
    predictions: DataFrame, rows: DataFrame, segments: Mapping[str, Bands]
) -> list[dict[str, Any]]:
    """Measure predictions for each value, or each band of values, of some columns, in one job.

    Args:
        predictions: `row_id`, `label_index`, `probability` and `prediction`.
        rows: The same rows' columns.
        segments: By column the edges of its bands, ascending, or None for one part for each value.

    Returns:
        For each part, bands in their order and values by their number of rows: `column`, `value`,
        `rows`, `positives` (share), `accuracy` (`mean`, `low` and `high` of Wilson's 95% interval),
        `log_loss` (nats per row) and `auc` (ties count half; None where a class is missing).
    """
    if not segments:
        return []
    parts = F.array(*(_part(column, bands) for column, bands in segments.items()))
    belongs = rows.select(ROW_ID, F.explode(parts).alias("part")).select(ROW_ID, "part.*")
    measured = evaluate_each(belongs.join(predictions, ROW_ID), "column", "band", "value")
    found = [(*key, figures) for key, figures in measured.items()]
    order = list(segments)
    found.sort(key=lambda part: (order.index(part[0]), part[1], -part[3]["rows"], part[2]))
    return [_describe(column, value, figures) for column, _, value, figures in found]


def _part(column: str, bands: Bands) -> Column:
    value = F.col(quoted(column))
    if not bands:
        band, name = value.isNull().cast("int"), F.coalesce(value.cast("string"), F.lit("missing"))
    else:
        edges = [f"{edge:.15g}" for edge in bands]
        names = [
            f"below {edges[0]}",
            *(f"{low} to below {high}" for low, high in pairwise(edges)),
            f"{edges[-1]} and above",
        ]
        band = sum(((value >= edge).cast("int") for edge in bands), F.lit(0))
        name = F.coalesce(F.get(F.array(*map(F.lit, names)), band), F.lit("missing"))
        band = F.coalesce(band, F.lit(len(names)))
    return F.struct(F.lit(column).alias("column"), band.alias("band"), name.alias("value"))


def _describe(column: str, value: str, figures: Mapping[str, Any]) -> dict[str, Any]:
    rows, matrix = figures["rows"], figures["confusion_matrix"]
    right, positives = matrix[0][0] + matrix[1][1], sum(matrix[1])
    interval = binomtest(right, rows).proportion_ci(method="wilson")
    return {
        "column": column,
        "value": value,
        "rows": rows,
        "positives": positives / rows,
        "accuracy": {
            "mean": figures["accuracy"],
            "low": float(interval.low),
            "high": float(interval.high),
        },
        "log_loss": figures["log_loss"],
        "auc": figures["auc"] if 0 < positives < rows else None,
    }
