"""Group columns from which something is derived together."""

from collections.abc import Mapping, Sequence

from pyspark.errors import AnalysisException, ParseException
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from bank_spark_dl.ml.column_names import carried_name, shown_name
from bank_spark_dl.parameters import FeatureOptions
from bank_spark_dl.spark.sql import quoted


def derived_groups(
    rows: DataFrame, columns: Sequence[str], derived: Mapping[str, str]
) -> list[list[str]]:
    """Put columns that one derived column needs into one group, without a Spark job.

    A difference of two dates says nothing where one of them is another row's.

    Args:
        rows: Clean rows; raw columns are named as they are carried, see ml.names.
        columns: Columns of the rows.
        derived: Expressions in Spark SQL over raw columns and the derived ones before them.

    Returns:
        Each column once, in one group; groups and their columns in the columns' order.
    """
    groups = [[name] for name in columns]
    for needed in raw_columns(rows, columns, derived).values():
        together = [group for group in groups if needed & set(group)]
        if len(together) > 1:
            joined = [name for name in columns if any(name in group for group in together)]
            place = groups.index(together[0])
            groups = [group for group in groups if group not in together]
            groups.insert(place, joined)
    return groups


def split_counts(
    rows: DataFrame, groups: Sequence[Sequence[str]], features: FeatureOptions
) -> dict[str, list[str]]:
    """Return the counts whose columns lie in several groups, with their columns.

    Shuffling one of these groups makes combinations that no train row has. They are not put into
    one group: a new row may have such a combination as well, and a count of it is 0.

    Args:
        rows: Clean rows.
        groups: The answer of derived_groups.
        features: The derived columns, and what is counted by which columns.
    """
    everything = [name for group in groups for name in group]
    needed = raw_columns(rows, everything, features.derived)
    found = {}
    for count, by in features.counts.items():
        raw = frozenset[str]().union(*(needed.get(n, {carried_name(n)}) for n in by))
        if sum(1 for group in groups if raw & set(group)) > 1:
            found[count] = list(by)
    return found


def raw_columns(
    rows: DataFrame, columns: Sequence[str], derived: Mapping[str, str]
) -> dict[str, frozenset[str]]:
    """Return for each derived column those that it needs, directly or through others."""
    frame = _under_both_names(rows)
    needed = {name: frozenset([name]) for name in columns}
    for name, expression in derived.items():
        used = [other for other in needed if _needs(frame, expression, other)]
        needed[name] = frozenset[str]().union(*(needed[other] for other in used))
        frame = frame.withColumn(name, F.expr(expression)) if _works(frame, expression) else frame
    return {name: needed[name] for name in derived}


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
    kept = [F.col(quoted(other)) for other in frame.columns if other not in names]
    return _works(frame, expression) and not _works(frame.select(*kept), expression)


def _works(frame: DataFrame, expression: str) -> bool:
    try:
        frame.select(F.expr(expression))
    except (AnalysisException, ParseException):
        return False
    return True
