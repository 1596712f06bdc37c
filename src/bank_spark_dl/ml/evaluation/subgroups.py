"""Figures of subgroups: rows that share a value, or a band of values, of a column."""

from collections.abc import Mapping, Sequence
from itertools import pairwise

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import NumericType

from bank_spark_dl.errors import ParameterError
from bank_spark_dl.ml.column_names import ROW_ID, carried_name, shown_name
from bank_spark_dl.ml.evaluation.evaluation import Evaluation
from bank_spark_dl.ml.evaluation.results import Subgroups
from bank_spark_dl.spark.sql import quoted

Bands = Sequence[float] | None


def measure_subgroups(
    predictions: DataFrame,
    rows: DataFrame,
    bands_by_column: Mapping[str, Bands],
    evaluation: Evaluation,
) -> Subgroups:
    """Measure predictions for each value, or each band of values, of some columns, in one job.

    Args:
        predictions: A prediction dataset.
        rows: The same rows' columns, as they are carried, see ml.column_names.
        bands_by_column: By raw column the edges of its bands, ascending, or None for one subgroup
            for each value.
        evaluation: How the predictions are measured.

    Returns:
        Columns in their order; of each, bands in their order and values by their number of rows.

    Raises:
        ParameterError: The rows do not have a column, or edges are given for a column without
            numbers.
    """
    if not bands_by_column:
        return ()
    _check_columns(rows, bands_by_column)
    groups = F.array(*(_group(column, bands) for column, bands in bands_by_column.items()))
    belongs = rows.select(ROW_ID, F.explode(groups).alias("group")).select(ROW_ID, "group.*")
    measured = evaluation.evaluate_each(
        belongs.join(predictions, ROW_ID), "column", "band", "value", together=True
    )
    order = list(bands_by_column)
    found = sorted(measured, key=lambda key: (order.index(key[0]), key[1], -measured[key].rows))
    return tuple(evaluation.subgroup(key[0], key[2], measured[key]) for key in found)


def _check_columns(rows: DataFrame, bands_by_column: Mapping[str, Bands]) -> None:
    types = {shown_name(field.name): field.dataType for field in rows.schema}
    for column, bands in bands_by_column.items():
        if column not in types:
            there = ", ".join(name for name in types if name != ROW_ID)
            raise ParameterError(
                f"data.segments names {column}, but the columns of the clean table are {there}: "
                "name one of them."
            )
        if bands and not isinstance(types[column], NumericType):
            raise ParameterError(
                f"data.segments gives edges for {column}, which holds no numbers but "
                f"{types[column].simpleString()}: leave them out, and each value is a subgroup."
            )


def _group(column: str, bands: Bands) -> Column:
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
