"""Find the inputs that not every new row has, and drop leakage columns.

A leakage column is known only after the outcome.
"""

from collections.abc import Collection, Iterable, Mapping

from pyspark.sql import DataFrame

from bank_spark_dl.ml.column_names import carried_name, shown_name
from bank_spark_dl.ml.features.columns import NUMBERS, TEXTS
from bank_spark_dl.ml.features.dates import DATES
from bank_spark_dl.ml.features.dependencies import raw_columns
from bank_spark_dl.parameters import DataOptions, FeatureOptions


def leakage_columns(rows: DataFrame, data: DataOptions, features: FeatureOptions) -> list[str]:
    """Find the columns that are known only after the outcome and that reach the inputs.

    Args:
        rows: Clean rows.
        data: Columns, and when each is known.
        features: What is derived from them.

    Returns:
        Raw names.
    """
    return inputs_available("after_call", rows, data, features)


def inputs_available(
    when: str, rows: DataFrame, data: DataOptions, features: FeatureOptions
) -> list[str]:
    """Find the columns with an availability that reach the inputs, without a Spark job.

    Args:
        when: One of the values of `data.availability`.
        rows: Clean rows.
        data: Columns, and when each is known.
        features: What is derived from them.

    Returns:
        Raw names.
    """
    there = [name for name in data.available(when) if carried_name(name) in rows.columns]
    if not there:
        return []
    needed = raw_columns(rows, features.derived, features.counts)
    dates = [] if features.dates is None else _dates(rows)
    used = [name for name in dates if name not in data.no_inputs()]
    return [n for n in there if n in used or _reaches_inputs(n, rows, data, needed)]


def without_columns(
    rows: DataFrame, leakage: Collection[str], data: DataOptions, features: FeatureOptions
) -> tuple[DataOptions, FeatureOptions]:
    """Take columns out of the parameters, and with them what is derived from them.

    Args:
        rows: Train rows, with these columns.
        leakage: The columns' raw names.
        data: Parameters that use them.
        features: Parameters that may derive others from them.

    Returns:
        The same parameters without the columns, for rows that do not have them.
    """
    needed = raw_columns(rows, features.derived, features.counts)
    gone = {*leakage, *_made_from(leakage, needed)}
    columns = data.columns
    dropped = dict.fromkeys([*columns.drop, *leakage])
    left = {
        key: named if isinstance(named, str) else [name for name in named if name not in gone]
        for key, named in (("categorical", columns.categorical), ("numeric", columns.numeric))
    }
    changed = columns.model_copy(update=left | {"drop": list(dropped)})
    derived = {name: sql for name, sql in features.derived.items() if name not in gone}
    counts = {name: by for name, by in features.counts.items() if name not in gone}
    return (
        data.model_copy(update={"columns": changed}),
        features.model_copy(update={"derived": derived, "counts": counts}),
    )


def drop_columns(rows: DataFrame, leakage: Iterable[str]) -> DataFrame:
    """Drop raw columns from clean rows."""
    return rows.drop(*map(carried_name, leakage))


def _made_from(names: Iterable[str], needed: Mapping[str, Collection[str]]) -> set[str]:
    """Return the derived columns and counts that need one of some columns.

    Args:
        names: Raw names.
        needed: The answer of raw_columns.
    """
    carried = set(map(carried_name, names))
    return {name for name, raw in needed.items() if carried & set(raw)}


def _dates(rows: DataFrame) -> list[str]:
    return [shown_name(c.name) for c in rows.schema if isinstance(c.dataType, DATES)]


def _reaches_inputs(
    name: str, rows: DataFrame, data: DataOptions, needed: Mapping[str, Collection[str]]
) -> bool:
    made = _made_from([name], needed)
    kind = rows.schema[carried_name(name)].dataType
    columns = data.columns
    own = name not in data.no_inputs()
    return any(
        made or (own and isinstance(kind, kinds)) if named == "auto" else {name, *made} & set(named)
        for named, kinds in ((columns.categorical, TEXTS), (columns.numeric, NUMBERS))
    )
