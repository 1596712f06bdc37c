"""What Spark's own parser and analyser say about an expression that the parameters hold."""

from collections.abc import Iterator
from typing import Any, Final

from py4j.java_gateway import JavaObject
from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F

from bank_spark_dl.ml.names import carried_name
from bank_spark_dl.sql import sql_name

OTHER_ROWS: Final = "looks at other rows"
OTHER_ROW_PARTS: Final = frozenset(
    {
        "AggregateExpression",
        "Exists",
        "InSubquery",
        "ListQuery",
        "ScalarSubquery",
        "UnresolvedWindowExpression",
        "WindowExpression",
    }
)
GROUPS: Final = {
    "agg_funcs": OTHER_ROWS,
    "window_funcs": OTHER_ROWS,
    "generator_funcs": "makes several rows of one",
}
"""Kinds of functions, as Spark groups them, that are not of one row."""

MOMENT: Final = "depends on when, where or by whom it is computed"
SESSION: Final = "belongs to this session, and a saved model does not take it along"
SURROUNDINGS: Final = {
    "CurrentCatalog": MOMENT,
    "CurrentDatabase": MOMENT,
    "CurrentDate": MOMENT,
    "CurrentTime": MOMENT,
    "CurrentTimeZone": MOMENT,
    "CurrentTimestamp": MOMENT,
    "CurrentUser": MOMENT,
    "LocalTimestamp": MOMENT,
    "Now": MOMENT,
    "SparkVersion": MOMENT,
    "PythonUDF": SESSION,
    "ScalaUDF": SESSION,
    "VariableReference": SESSION,
}
"""Parts that Spark calls deterministic, and that are no function of the row all the same."""


def parse(expression: str) -> JavaObject:
    """Parse an expression, with nothing in it replaced.

    Raises:
        ParseException: It is none.
    """
    return _catalyst().parser.CatalystSqlParser().parseExpression(expression)


def part_of_other_rows(parsed: JavaObject) -> str | None:
    """Say what in an expression is not of the row itself; None where nothing is."""
    functions = SparkSession.active()._jsparkSession.sessionState().functionRegistry()
    for part in _parts(parsed):
        kind = _kind(part)
        if kind in OTHER_ROW_PARTS:
            return f"{_text(part)} {OTHER_ROWS}"
        if kind.startswith("UnresolvedStar"):
            return f"{_text(part)} takes every column that there is, and not all rows have the same"
        if kind == "UnresolvedFunction":
            name = _items(part.nameParts())[-1]
            found = functions.lookupFunction(_catalyst().FunctionIdentifier(name))
            group = found.get().getGroup() if found.isDefined() else None
            if group in GROUPS:
                return f"{_text(part)} {GROUPS[group]}"
    return None


def changing_part(frame: DataFrame) -> str | None:
    """Say what in the last column of a projection the same row may not always give the same for."""
    projected = _items(frame._jdf.queryExecution().analyzed().expressions())
    for part in _parts(projected[-1]):
        if reason := SURROUNDINGS.get(_kind(part)):
            return f"{_text(part)} {reason}"
        inner = _items(part.children())
        if not part.deterministic() and all(child.deterministic() for child in inner):
            return f"{_text(part)} gives another value each time that it is computed"
    return None


def over_carried_columns(expression: str, parsed: JavaObject, columns: list[str]) -> str:
    """Write an expression over raw columns as one over the columns that carry them.

    Args:
        expression: Names raw columns.
        parsed: The same, parsed.
        columns: What the carried columns are called.

    Returns:
        The expression, with other names only where a column is carried under another, or where
        Spark would replace a part of its name.
    """
    attributes = [part for part in _parts(parsed) if _kind(part) == "UnresolvedAttribute"]
    for part in sorted(attributes, key=_start, reverse=True):
        name, *fields = _items(part.nameParts())
        carried = carried_name(name)
        if carried in columns and (carried != name or sql_name(name).startswith("IDENTIFIER")):
            path = "".join(f".{sql_name(field)}" for field in fields)
            end = part.origin().stopIndex().get() + 1
            expression = expression[: _start(part)] + sql_name(carried) + path + expression[end:]
    return expression


def fails(sql: str) -> Column:
    """Return whether an expression fails in a row, to be asked before it is computed."""
    columns = _jvm_sql().classic.ExpressionUtils
    value: Any = F.struct(F.expr(sql).alias("value"))  # null where it fails, and only there
    tried = _catalyst().expressions.TryEval(columns.expression(value._jc))
    return Column(columns.column(tried)).isNull()


def _parts(expression: JavaObject) -> Iterator[JavaObject]:
    yield expression
    for child in _items(expression.children()):
        yield from _parts(child)


def _items(found: JavaObject) -> list[Any]:
    return [found.apply(number) for number in range(found.size())]


def _kind(part: JavaObject) -> str:
    return str(part.getClass().getSimpleName())


def _start(part: JavaObject) -> int:
    return int(part.origin().startIndex().get())


def _text(part: JavaObject) -> str:
    """Return what was written, or what Spark would write where it knows no place."""
    origin = part.origin()
    if origin.sqlText().isEmpty() or origin.startIndex().isEmpty():
        return str(part.sql())
    text: str = origin.sqlText().get()
    return text[_start(part) : origin.stopIndex().get() + 1]


def _jvm_sql() -> Any:
    jvm: Any = SparkSession.active()._jvm
    return jvm.org.apache.spark.sql


def _catalyst() -> Any:
    return _jvm_sql().catalyst
