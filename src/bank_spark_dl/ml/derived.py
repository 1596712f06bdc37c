"""Columns computed from others, as Spark ML stages: expressions, and counts of train rows."""

from collections.abc import Mapping, Sequence

from pyspark.errors import AnalysisException, ParseException
from pyspark.ml.feature import SQLTransformer
from pyspark.sql import DataFrame

from bank_spark_dl.errors import ParameterError
from bank_spark_dl.params import FeatureOptions
from bank_spark_dl.schemas.values import literal, quoted

MOST_GROUPS = 10_000
"""Counts travel as text inside the saved stage and are looked up one after the other."""


def fit_derived(rows: DataFrame, options: FeatureOptions) -> list[SQLTransformer]:
    """Make the stages that add the columns of `features.derived` and `features.counts`.

    Args:
        rows: Train rows.
        options: Expressions in Spark SQL, each of which may use those before it, and the columns
            by which train rows are counted.

    Returns:
        A stage for each new column, in order.

    Raises:
        ParameterError: A name is taken, an expression is wrong, or rows are to be counted by a
            missing column or into more than 10,000 groups.
    """
    stages: list[SQLTransformer] = []
    for name, expression in options.derived.items():
        _check_name(name, rows, "derived")
        rows = _append(rows, stages, f"({expression}\n)", name, "derived")
    for name, columns in options.counts.items():
        _check_name(name, rows, "counts")
        rows = _append(rows, stages, _count_lookup(rows, columns, name), name, "counts")
    return stages


def apply_stages(rows: DataFrame, stages: Sequence[SQLTransformer]) -> DataFrame:
    """Let one stage after the other add its column."""
    for stage in stages:
        rows = stage.transform(rows)
    return rows


def add_columns(expressions: Mapping[str, str]) -> SQLTransformer:
    """Make a stage that adds columns, given as name and SQL expression."""
    added = ", ".join(f"{sql} AS {quoted(name)}" for name, sql in expressions.items())
    return SQLTransformer(statement=f"SELECT *, {added} FROM __THIS__")


def _append(
    rows: DataFrame, stages: list[SQLTransformer], sql: str, name: str, section: str
) -> DataFrame:
    stage = add_columns({name: sql})
    try:
        wider = stage.transform(rows)
    except (AnalysisException, ParseException) as error:
        reason = (error.getMessage() or str(error)).splitlines()[0]
        raise ParameterError(f"features.{section}.{name}: {reason}") from error
    stages.append(stage)
    return wider


def _check_name(name: str, rows: DataFrame, section: str) -> None:
    if name.lower() in map(str.lower, rows.columns):
        raise ParameterError(
            f"features.{section}.{name}: the table has a column {name} already; choose another "
            "name."
        )


def _count_lookup(rows: DataFrame, columns: Sequence[str], name: str) -> str:
    """Write the SQL that finds how many train rows share the values of some columns."""
    missing = [column for column in columns if column not in rows.columns]
    if missing:
        raise ParameterError(
            f"features.counts.{name}: there is no column {', '.join(missing)}; there are "
            f"{', '.join(rows.columns)}."
        )
    key = f"to_json(struct({', '.join(map(quoted, columns))}))"
    groups = rows.selectExpr(f"{key} AS key").groupBy("key").count().orderBy("key")
    counts = groups.limit(MOST_GROUPS + 1).collect()
    if len(counts) > MOST_GROUPS:
        raise ParameterError(
            f"features.counts.{name}: {', '.join(columns)} have more than {MOST_GROUPS:,} "
            "combinations; count by coarser columns."
        )
    pairs = ", ".join(f"{literal(row['key'])}, {row['count']}L" for row in counts)
    return f"coalesce(try_element_at(map({pairs}), {key}), 0L)"
