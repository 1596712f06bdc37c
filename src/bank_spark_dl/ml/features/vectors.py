"""Turn rows into feature vectors by fitted stages."""

from typing import Final

from pyspark.ml import PipelineModel
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from bank_spark_dl.errors import InputDataError
from bank_spark_dl.ml.column_names import (
    FEATURES,
    HELD_OUT,
    LABEL_INDEX,
    ROW_ID,
    VALIDATION,
    WEIGHED,
    WEIGHT,
    carried_name,
)
from bank_spark_dl.ml.features.embedding import embedding_indexer, table_sizes
from bank_spark_dl.ml.features.sql_stages import add_source, apply_stages
from bank_spark_dl.parameters import DataOptions
from bank_spark_dl.spark.sql import quoted

_EMBEDDED: Final = "embedded"
_VALIDATION_SPLIT: Final = "validation_split"


def make_vectors(
    rows: DataFrame, model: PipelineModel, source: str, *, fitted: bool = False
) -> DataFrame:
    """Apply fitted feature stages.

    Args:
        rows: Clean rows.
        model: Fitted feature stages with the label's.
        source: What the rows are, for messages.
        fitted: Whether the stages were fitted on these rows: then counts leave each row itself out,
            as a new row is not among the counted ones.

    Returns:
        `row_id`, `features` (vector) and `label_index` (double); `validation` (boolean) where the
        rows are marked, see ml.splits.validation, and `weight` (double), see carry_weight.
        Computing them fails on a value that the network cannot take and on a column that cannot be
        derived; the message names the row.
    """
    carried = {HELD_OUT: VALIDATION, WEIGHED: WEIGHT}
    marks = [F.col(name).alias(new) for name, new in carried.items() if name in rows.columns]
    rows = apply_stages(add_source(rows, F.lit(source)), model.stages, fitted=fitted)
    features, sizes = F.col(FEATURES), table_sizes(embedding_indexer(model.stages))
    if sizes:
        noted = rows.schema[FEATURES].metadata | {_EMBEDDED: sizes}
        features = features.alias(FEATURES, metadata=noted)
    return rows.select(ROW_ID, features, LABEL_INDEX, *marks)


def carry_weight(rows: DataFrame, data: DataOptions) -> DataFrame:
    """Carry the weight of each row, if `data.weight` names a column, beside its own columns."""
    if data.weight is None:
        return rows
    weight = F.col(quoted(carried_name(data.weight))).cast("double")
    return rows.withColumn(WEIGHED, weight)


def check_weights(rows: DataFrame, data: DataOptions, source: str) -> None:
    """Refuse weights that are no numbers of 0 or more, or all 0; a Spark job where there are some.

    Args:
        rows: From carry_weight.
        data: Names the column of weights, if there is one.
        source: What the rows are, for messages.

    Raises:
        InputDataError: A weight is something else, with its row.
    """
    if data.weight is None:
        return
    weight = F.col(WEIGHED)
    is_weight = F.coalesce((weight >= 0) & (weight < float("inf")), F.lit(False))
    wrong = F.first(F.when(~is_weight, F.struct(ROW_ID, WEIGHED)), ignorenulls=True)
    found, largest = rows.agg(wrong, F.max(weight)).collect()[0]
    about = f"{source}: the column '{data.weight}' of data.weight"
    if found is not None:
        value = "empty" if found[WEIGHED] is None else found[WEIGHED]
        raise InputDataError(
            f"{about} is {value} in the row {found[ROW_ID]}, and weights are finite numbers of 0 "
            "or more. Correct it, or remove the row."
        )
    if not largest:
        raise InputDataError(f"{about} is 0 in all rows. Name another column, or null.")


def vector_size(rows: DataFrame) -> int:
    """Return the length of the vectors of `features`; Spark ML notes it in the schema."""
    noted: int | None = rows.schema[FEATURES].metadata.get("ml_attr", {}).get("num_attrs")
    return noted or int(rows.select(FEATURES).head()[0].size)  # type: ignore[index]


def embedded_sizes(rows: DataFrame) -> list[int]:
    """Return how many values each index has that the vectors begin with, from make_vectors."""
    return list(rows.schema[FEATURES].metadata.get(_EMBEDDED, ()))


def note_validation_split(rows: DataFrame, fraction: float) -> DataFrame:
    """Note in the schema which fraction of the rows is marked for validation; it is saved there."""
    noted = rows.schema[FEATURES].metadata | {_VALIDATION_SPLIT: fraction}
    return rows.withMetadata(FEATURES, noted)


def noted_validation_split(rows: DataFrame) -> float | None:
    """Return the noted fraction; None where the rows were not to be marked."""
    fraction: float | None = rows.schema[FEATURES].metadata.get(_VALIDATION_SPLIT)
    return fraction
