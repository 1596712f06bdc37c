"""Add columns derived from others by Spark ML stages: SQL expressions and counts of train rows."""

from collections.abc import Collection, Sequence

from pyspark.errors import AnalysisException, ParseException
from pyspark.ml.feature import SQLTransformer
from pyspark.sql import DataFrame

from bank_spark_dl.errors import ParameterError
from bank_spark_dl.ml.column_names import carried_name, shown_name
from bank_spark_dl.ml.features.expressions import (
    changing_part,
    over_carried_columns,
    parse,
    part_of_other_rows,
)
from bank_spark_dl.ml.features.sql_stages import (
    OWN_ROW,
    SOURCE,
    add_columns,
    add_derived,
    apply_sql,
)
from bank_spark_dl.parameters import FeatureOptions
from bank_spark_dl.spark.sql import literal, sql_name

MOST_GROUPS = 10_000
"""Counts are saved as text in the stage, and looked up one after the other."""

REPLACED = ("__THIS__", "${")
"""What SQLTransformer and Spark replace in a statement, even inside of names and texts."""


def fit_derived(
    rows: DataFrame, options: FeatureOptions, taken: Collection[str] = ()
) -> list[SQLTransformer]:
    """Make the stages that add the columns of `features.derived` and `features.counts`.

    Args:
        rows: Train rows from add_source, without their label.
        options: Expressions in Spark SQL, each of which may use those before it, and the columns
            by which train rows are counted.
        taken: Further names that no new column may have.

    Returns:
        A stage for each new column, in order; see apply_sql for the rows that they were fitted on.

    Raises:
        ParameterError: A name is taken; an expression is wrong, or depends on more than its row;
            rows are counted by a missing column, or into more than 10,000 groups.
    """
    stages = []
    for name, expression in options.derived.items():
        _check_name("derived", name, [*rows.columns, *taken])
        stages.append(derived_stage(rows, name, expression))
        rows = apply_sql(rows, stages[-1], fitted=True)
    for name, columns in options.counts.items():
        _check_name("counts", name, [*rows.columns, *taken])
        stages.append(add_columns({carried_name(name): _count_lookup(rows, columns, name)}))
        rows = apply_sql(rows, stages[-1], fitted=True)
    return stages


def derived_stage(rows: DataFrame, name: str, expression: str) -> SQLTransformer:
    """Make the stage that adds one column to rows.

    Raises:
        ParameterError: The expression is wrong, or depends on more than its row.
    """
    try:
        parsed = parse(expression)
        problem = part_of_other_rows(parsed)
        if problem is None:
            sql = over_carried_columns(expression, parsed, rows.columns)
            _check_replaced(name, sql)
            stage = add_derived(carried_name(name), sql)
            problem = changing_part(stage.transform(rows))
    except (AnalysisException, ParseException) as error:
        reason = (error.getMessage() or str(error)).strip().splitlines()[0]
        raise ParameterError(f"features.derived.{name}: {reason}") from error
    if problem is not None:
        raise ParameterError(
            f"features.derived.{name}: {problem}. A derived column must be a function of its row's "
            "own columns, so that train, test and new rows get the same values: write another "
            "expression, or add the column to the table before."
        )
    return stage


def _check_name(section: str, name: str, taken: Collection[str]) -> None:
    if carried_name(name) in taken:
        raise ParameterError(
            f"features.{section}.{name}: the table has a column {name} already; choose another "
            "name."
        )
    _check_replaced(name, name, section)


def _check_replaced(name: str, text: str, section: str = "derived") -> None:
    found = [part for part in REPLACED if part in text]
    if found:
        raise ParameterError(
            f"features.{section}.{name}: {found[0]} would be replaced by Spark's SQLTransformer; "
            "write it without."
        )


def _count_lookup(rows: DataFrame, columns: Sequence[str], name: str) -> str:
    """Write the SQL that finds how many train rows share the values of some columns."""
    there = [shown_name(column) for column in rows.columns if column != SOURCE]
    missing = [column for column in columns if column not in there]
    if missing:
        raise ParameterError(
            f"features.counts.{name}: there is no column {', '.join(missing)}; there are "
            f"{', '.join(there)}."
        )
    key = f"to_json(struct({', '.join(sql_name(carried_name(column)) for column in columns)}))"
    groups = rows.selectExpr(f"{key} AS key").groupBy("key").count().orderBy("key")
    counts = groups.limit(MOST_GROUPS + 1).collect()
    if len(counts) > MOST_GROUPS:
        raise ParameterError(
            f"features.counts.{name}: {', '.join(columns)} have more than {MOST_GROUPS:,} "
            "combinations; count by coarser columns."
        )
    pairs = ", ".join(f"{literal(row['key'])}, {row['count']}L" for row in counts)
    return f"coalesce(try_element_at(map({pairs}), {key}), 0L) {OWN_ROW}"
