"""Drop columns known only after the outcome."""

from collections.abc import Collection
from typing import Literal

from pyspark.sql import DataFrame

from bank_spark_dl.errors import ParameterError
from bank_spark_dl.ml.column_names import carried_name
from bank_spark_dl.ml.features.columns import NUMBERS, TEXTS
from bank_spark_dl.ml.features.derived import derived_stage
from bank_spark_dl.parameters import DataOptions, FeatureOptions

Names = list[str] | Literal["auto"]


def late_inputs(rows: DataFrame, data: DataOptions, features: FeatureOptions) -> list[str]:
    """Return the columns of a table that nobody knows before the call and that reach the inputs.

    Args:
        rows: Clean rows.
        data: Columns, and when each is known.
        features: What is derived from them.
    """
    there = [name for name in data.leakage_columns() if carried_name(name) in rows.columns]
    return [name for name in there if _is_used(name, rows, data, features)]


def without_columns(
    rows: DataFrame, late: Collection[str], data: DataOptions, features: FeatureOptions
) -> tuple[DataOptions, FeatureOptions]:
    """Take columns out of the parameters, and with them what is derived from them.

    Args:
        rows: Train rows, with these columns.
        late: The columns' raw names.
        data: Parameters that use them.
        features: Parameters that may derive others from them.

    Returns:
        The same parameters without the columns, for rows that do not have them.
    """
    kept, gone, derived = drop_columns(rows, late), set(late), {}
    for name, expression in features.derived.items():
        try:
            kept = derived_stage(kept, name, expression).transform(kept)
            derived[name] = expression
        except ParameterError:  # it worked on all columns: it needs one that is gone
            gone.add(name)
    counts = {}
    for name, by in features.counts.items():  # one may count by another before it
        if gone & set(by):
            gone.add(name)
        else:
            counts[name] = by
    columns = data.columns
    left = columns.model_copy(
        update={
            "drop": [*columns.drop, *late],
            "categorical": _left(columns.categorical, gone),
            "numeric": _left(columns.numeric, gone),
        }
    )
    return (
        data.model_copy(update={"columns": left}),
        features.model_copy(update={"derived": derived, "counts": counts}),
    )


def drop_columns(rows: DataFrame, late: Collection[str]) -> DataFrame:
    """Drop the columns that carry raw ones."""
    return rows.drop(*map(carried_name, late))


def _is_used(name: str, rows: DataFrame, data: DataOptions, features: FeatureOptions) -> bool:
    left, features_left = without_columns(rows, [name], data, features)
    named = (data.columns.categorical, data.columns.numeric)
    if "auto" not in named:
        return named != (left.columns.categorical, left.columns.numeric)
    kind = rows.schema[carried_name(name)].dataType
    return features != features_left or any(
        choice == "auto" and isinstance(kind, kinds)
        for choice, kinds in zip(named, (TEXTS, NUMBERS), strict=True)
    )


def _left(names: Names, gone: Collection[str]) -> Names:
    return names if isinstance(names, str) else [name for name in names if name not in gone]
