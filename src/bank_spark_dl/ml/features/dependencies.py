"""Find the raw columns that derived columns and counts are made from."""

from collections.abc import Mapping, Sequence

from pyspark.errors import AnalysisException, ParseException
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from bank_spark_dl.ml.column_names import carried_name, shown_name
from bank_spark_dl.spark.sql import quoted


def raw_columns(
    rows: DataFrame, derived: Mapping[str, str], counts: Mapping[str, Sequence[str]]
) -> dict[str, frozenset[str]]:
    """Find the raw columns that others need, directly or through others, without a Spark job.

    Args:
        rows: Clean rows; raw columns have their carried names, see ml.column_names.
        derived: Expressions in Spark SQL over raw columns and the derived ones before them.
        counts: By which columns rows are counted.

    Returns:
        Carried names, by derived column and count.
    """
    frame = _under_both_names(rows)
    needed: dict[str, frozenset[str]] = {}
    for name, expression in derived.items():
        known = {column: frozenset([column]) for column in rows.columns} | needed
        used = [raw for column, raw in known.items() if _needs(frame, expression, column)]
        needed[name] = frozenset[str]().union(*used)
        frame = frame.withColumn(name, F.expr(expression))
    for name, by in counts.items():
        used = [needed.get(column, frozenset([carried_name(column)])) for column in by]
        needed[name] = frozenset[str]().union(*used)
    return needed


def _under_both_names(rows: DataFrame) -> DataFrame:
    """Add raw columns under their own names where they are carried under others."""
    taken = set(rows.columns)
    own = {name: shown_name(name) for name in rows.columns}
    return rows.select(
        *(F.col(quoted(name)) for name in rows.columns),
        *(F.col(quoted(n)).alias(raw) for n, raw in own.items() if raw not in taken),
    )


def _needs(frame: DataFrame, expression: str, name: str) -> bool:
    """Whether an expression fails without a column."""
    names = {name, shown_name(name), carried_name(name)}
    text = expression.replace("``", "`").lower()
    if not any(each.lower() in text for each in names):  # asking Spark takes longer
        return False
    others = [F.col(quoted(other)) for other in frame.columns if other not in names]
    try:
        frame.select(*others).select(F.expr(expression))
    except (AnalysisException, ParseException):
        return True
    return False
