"""How good predictions are for parts of the rows, so that weak spots show."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import NumericType

from bank_spark_dl.errors import ParameterError
from bank_spark_dl.ml.column_names import ROW_ID, carried_name, shown_name
from bank_spark_dl.ml.evaluation.intervals import share_interval
from bank_spark_dl.ml.evaluation.metrics import evaluate_each
from bank_spark_dl.spark.sql import quoted

Bands = Sequence[float] | None


def measure_segments(
    predictions: DataFrame,
    rows: DataFrame,
    segments: Mapping[str, Bands],
    prior: float | None = None,
) -> list[dict[str, Any]]:
    """Measure predictions for each value, or each band of values, of some columns, in one job.

    Args:
        predictions: `row_id`, `label_index`, `probability` and `prediction`.
        rows: The same rows' columns, as they are carried, see ml.names.
        segments: By raw column the edges of its bands, ascending, or None for one part for each
            value.
        prior: Share of positives in the population that all rows stand for; None: theirs.

    Returns:
        For each part, bands in their order and values by their number of rows: `column`, `value`,
        `rows`, `accuracy` (`mean`, `low` and `high` of Wilson's 95% interval) and `auc` (ties count
        half; None where a class is missing); and of the rows weighed to the prior `positives`
        (share) and `log_loss` (nats per row).

    Raises:
        ParameterError: The rows do not have a column, or bands are to be made of no numbers.
    """
    if not segments:
        return []
    _check_columns(rows, segments)
    parts = F.array(*(_part(column, bands) for column, bands in segments.items()))
    belongs = rows.select(ROW_ID, F.explode(parts).alias("part")).select(ROW_ID, "part.*")
    measured = evaluate_each(
        belongs.join(predictions, ROW_ID), "column", "band", "value", prior=prior, together=True
    )
    found = [(*key, figures) for key, figures in measured.items()]
    order = list(segments)
    found.sort(key=lambda part: (order.index(part[0]), part[1], -part[3]["rows"], part[2]))
    return [_describe(column, value, figures) for column, _, value, figures in found]


def _check_columns(rows: DataFrame, segments: Mapping[str, Bands]) -> None:
    types = {shown_name(field.name): field.dataType for field in rows.schema}
    for column, bands in segments.items():
        if column not in types:
            there = ", ".join(name for name in types if name != ROW_ID)
            raise ParameterError(
                f"data.segments names {column}, but the columns of the clean table are {there}: "
                "name one of them."
            )
        if bands and not isinstance(types[column], NumericType):
            raise ParameterError(
                f"data.segments gives edges for {column}, which holds no numbers but "
                f"{types[column].simpleString()}: leave them out, and each value is a part."
            )


def _part(column: str, bands: Bands) -> Column:
    value = F.col(quoted(carried_name(column)))
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
    matrix = figures["confusion_matrix"]
    return {
        "column": column,
        "value": value,
        "rows": figures["rows"],
        "positives": figures["positives"],
        "accuracy": share_interval(matrix[0][0] + matrix[1][1], figures["rows"]),
        "log_loss": figures["log_loss"],
        "auc": figures["auc"] if all(map(sum, matrix)) else None,
    }
