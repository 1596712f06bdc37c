"""Check with Spark's own parser and analyser that expressions depend on their row only."""

import re
from collections.abc import Iterator
from typing import Any, Final

from py4j.java_gateway import JavaObject
from py4j.protocol import Py4JJavaError
from pyspark.errors import PySparkException
from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F

from bank_spark_dl.ml.column_names import carried_name
from bank_spark_dl.spark.sql import quoted, sql_name

OTHER_ROWS: Final = "looks at other rows"
SEVERAL_ROWS: Final = "makes several rows of one"
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
    "generator_funcs": SEVERAL_ROWS,
}
"""Groups of functions, by Spark's names, that map no row to one value."""

UNGROUPED: Final = {"schema_of_variant_agg": OTHER_ROWS}
"""Such functions that Spark has in another group."""

RANDOM: Final = "gives another value each time that it is computed"
OUTSIDE: Final = "calls a method outside Spark, which may do anything"
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
    "CallMethodViaReflection": OUTSIDE,
    "TryReflect": OUTSIDE,
    "PythonUDF": SESSION,
    "ScalaUDF": SESSION,
    "VariableReference": SESSION,
}
"""Expressions that depend on more than the row, whether or not Spark calls them deterministic."""

TIMES: Final = frozenset({"date", "timestamp", "timestamp_ntz"})
OF_THE_MOMENT: Final = re.compile(
    r"[\x00-\x20]*(now|today|tomorrow|yesterday)(?![a-z])", re.IGNORECASE | re.ASCII
)
"""A constant text that Spark reads as the current day or time, also with a time zone behind it."""


def parse(expression: str) -> JavaObject:
    """Parse an expression without substituting variables.

    Raises:
        ParseException: Its syntax is wrong.
    """
    return _catalyst().parser.CatalystSqlParser().parseExpression(expression)


def part_of_other_rows(parsed: JavaObject) -> str | None:
    """Find what in an expression depends on other rows; None if nothing does."""
    for part in _parts(parsed):
        if reason := _reason_in_text(part):
            return f"{_text(part)} {reason}"
    return None


def changing_part(frame: DataFrame) -> str | None:
    """Find what makes the last column of a projection change for the same row, if anything."""
    plan = frame._jdf.queryExecution().analyzed()
    if _kind(plan) != "Project" or _kind(plan.child()) != "SubqueryAlias":
        return "the expression adds or drops rows, or looks at others"
    # Spark replaces some functions by others: only these show what they depend on.
    for analysed in (plan, _catalyst().optimizer.ReplaceExpressions.apply(plan)):
        for part in _parts(_items(analysed.expressions())[-1]):
            if reason := _reason_in_plan(part):
                return f"{_text(part)} {reason}"
    return None


def over_carried_columns(expression: str, parsed: JavaObject, columns: list[str]) -> str:
    """Replace the raw names of columns in an expression by their carried names.

    Args:
        expression: Over raw columns.
        parsed: The same, parsed.
        columns: The carried names.

    Returns:
        The expression, unchanged but where a name differs, or where Spark would replace a part of
        the name.
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
    """Return whether an expression fails in a row, for a check before it is computed."""
    columns = _jvm_sql().classic.ExpressionUtils
    value: Any = F.struct(F.expr(sql).alias("value"))  # null where it fails, and only there
    tried = _catalyst().expressions.TryEval(columns.expression(value._jc))
    return Column(columns.column(tried)).isNull()


def _reason_in_text(part: JavaObject) -> str | None:
    kind = _kind(part)
    if kind in OTHER_ROW_PARTS:
        return OTHER_ROWS
    if kind.startswith("UnresolvedStar"):
        return "takes every column that there is, and not all rows have the same"
    if kind == "ExpressionWithUnresolvedIdentifier":
        return "computes a name; write the name itself"
    if kind == "UnresolvedFunction":
        return _reason_of_function(_items(part.nameParts()))
    if kind == "Literal" and part.dataType().typeName() in TIMES and _is_typed_moment(part):
        return MOMENT
    return None


def _reason_of_function(names: list[str]) -> str | None:
    """Say why a function depends on more than its row; Spark refuses unknown names itself."""
    state = SparkSession.active()._jsparkSession.sessionState()
    if len(names) == 1:
        identifier = _catalyst().FunctionIdentifier(names[0])
        found = state.functionRegistry().lookupFunction(identifier)
        if found.isDefined() and found.get().getSource() != "built-in":
            return SESSION
        if state.tableFunctionRegistry().lookupFunction(identifier).isDefined():
            return SEVERAL_ROWS
        if found.isDefined():
            return GROUPS.get(found.get().getGroup()) or UNGROUPED.get(names[0].lower())
    there = SparkSession.active().catalog.functionExists(".".join(map(quoted, names)))
    return SESSION if there else None


def _is_typed_moment(part: JavaObject) -> bool:
    """Whether a literal is a current day or time, such as DATE 'today'."""
    written = re.sub(r"\A\w+", "", _text(part))  # the text is what follows the type
    return OF_THE_MOMENT.match(str(parse(written).value())) is not None


def _reason_in_plan(part: JavaObject) -> str | None:
    kind = _kind(part)
    if reason := SURROUNDINGS.get(kind):
        return reason
    inner = _items(part.children())
    if not part.deterministic() and all(child.deterministic() for child in inner):
        return RANDOM
    if kind == "Cast" and part.dataType().typeName() in TIMES and _is_text(inner[0]):
        return MOMENT if OF_THE_MOMENT.match(str(_constant(inner[0]))) else None
    if kind == "StaticInvoke" and part.functionName() == "aesEncrypt":
        mode, start = _constant(inner[2]), _constant(inner[4])
        if str(mode).upper() != "ECB" and not start:
            return f"{RANDOM} unless its iv is a constant"
    return None


def _is_text(part: JavaObject) -> bool:
    return str(part.dataType().typeName()).startswith("string")  # a collation may follow


def _constant(expression: JavaObject) -> Any:
    """Return the value of an expression without columns; None if it has columns or fails."""
    if not expression.foldable():
        return None
    try:
        return expression.eval(None)
    except (Py4JJavaError, PySparkException):
        return None  # it fails in every row, or another check refuses a part of it


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
    """Return an expression as it was written, or as Spark writes it if it was not written."""
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
