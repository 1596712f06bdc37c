"""Constraints of declared columns, as Spark expressions and in words."""

from collections.abc import Collection

from pyspark.sql import Column
from pyspark.sql import functions as sf
from pyspark.sql.types import (
    DataType,
    DateType,
    DecimalType,
    DoubleType,
    FloatType,
    IntegralType,
    NumericType,
    StringType,
    StructField,
    StructType,
    TimestampType,
)

from bank_spark_dl.csv_validation.columns import MALFORMED, REPLACEMENT
from bank_spark_dl.csv_validation.options import CSVOptions
from bank_spark_dl.csv_validation.whitespace import padding
from bank_spark_dl.spark.sql import literal, quoted

_EXAMPLES = {
    "boolean": "true or false",
    "date": "dates as 2024-12-31",
    "timestamp": "times as 2024-12-31 23:59:00",
}


def typed(schema: StructType, form: CSVOptions, cast: str = "cast") -> list[Column]:
    """Return columns as the types that are declared; texts that mean "no value" become null.

    Args:
        schema: The declared columns.
        form: How values are written.
        cast: `cast`, which fails where a text does not fit, or `try_cast`, which gives null.
    """
    return [sf.expr(f"{_value(field, form, cast)} AS {quoted(field.name)}") for field in schema]


def is_invalid(field: StructField, form: CSVOptions) -> Column:
    """Return whether each trimmed text violates what the field declares."""
    return sf.expr(_invalid(field, form))


def has_quote(schema: StructType, quote: str) -> Column:
    """Return whether a text column of a row holds the quote character."""
    return sf.expr(_any(_quotes(schema, quote)))


def whole_numbers(schema: StructType, form: CSVOptions) -> dict[str, DataType]:
    """Return the types of the columns that Spark itself may read as declared, by name.

    There are none where some texts mean "no value".

    A row whose text it cannot read so counts as malformed. It takes digits of other scripts too,
    as long as no row of the files is odd. Of other types Spark reads much more than is valid here.
    """
    return {field.name: field.dataType for field in schema if _is_read_by_spark(field, form)}


def is_plain(schema: StructType, form: CSVOptions, native: Collection[str]) -> Column:
    """Return whether nothing in a row is invalid, padded or empty, or holds a quote.

    Nearly all rows of nearly all files are plain, and one condition costs less than many counts.

    Args:
        schema: The declared columns.
        form: How values are written.
        native: Columns of the rows that are no texts already; others are untrimmed texts.
    """
    odd = [f"{quoted(MALFORMED)} IS NOT NULL", *_quotes(schema, form.quote)]
    for field in schema:
        text = quoted(field.name)
        if field.name in native:
            odd += [*_missing(field, text), *_out_of_range(field, text)]
            if isinstance(field.dataType, DoubleType | FloatType):
                odd.append(f"abs({text}) = double('inf')")
        else:
            odd += [_invalid(field, form), padding(field.name), f"{text} = ''"]
    return sf.expr(f"NOT {_any(odd)}")


def expectation(field: StructField) -> str:
    """Say in words what the column must hold."""
    least, most = field.metadata.get("min"), field.metadata.get("max")
    words = _kind(field.dataType)
    if least is not None and most is not None:
        return f"{words} from {least} to {most}"
    if least is not None:
        return f"{words} of at least {least}"
    return f"{words} of at most {most}" if most is not None else words


def _invalid(field: StructField, form: CSVOptions) -> str:
    # SQL text: each operation on a Column would be a call into the JVM.
    text = _present(field, form)
    conditions = _missing(field, text)
    if isinstance(field.dataType, StringType):
        return " OR ".join([*conditions, f"contains({text}, '{REPLACEMENT}')"])
    value = _value(field, form, "try_cast")
    conditions.append(f"({text} IS NOT NULL AND {value} IS NULL)")
    if _has_decimals(field) and form.decimal != ".":
        conditions.append(f"contains({text}, '.')")
    if isinstance(field.dataType, DoubleType | FloatType):
        conditions.append(f"isnan({value}) OR abs({value}) = double('inf')")
        conditions.append(f"lower(right({text}, 1)) IN ('d', 'f')")  # 1d is a number in Java
    if isinstance(field.dataType, DecimalType):  # Spark would round these
        scale = field.dataType.scale
        conditions.append(f"{text} RLIKE '[.,][0-9]{{{scale}}}[0-9]*[1-9][0-9]*$'")
    if isinstance(field.dataType, DateType | TimestampType):  # or Spark takes 10:30 and now
        conditions.append(f"NOT {text} RLIKE '^[0-9]{{4}}(-|$)'")
    return " OR ".join([*conditions, *_out_of_range(field, value)])


def _present(field: StructField, form: CSVOptions) -> str:
    """Return the SQL of a text, null where it means "no value"."""
    text = quoted(field.name)
    if not form.missing_values:
        return text
    return f"if({text} IN ({', '.join(map(literal, form.missing_values))}), NULL, {text})"


def _value(field: StructField, form: CSVOptions, cast: str) -> str:
    text = _present(field, form)
    if _has_decimals(field) and form.decimal != ".":
        text = f"replace({text}, {literal(form.decimal)}, '.')"
    return f"{cast}({text} AS {field.dataType.simpleString()})"


def _has_decimals(field: StructField) -> bool:
    return isinstance(field.dataType, DoubleType | FloatType | DecimalType)


def _missing(field: StructField, text: str) -> list[str]:
    return [] if field.nullable else [f"{text} IS NULL"]


def _out_of_range(field: StructField, value: str) -> list[str]:
    limits = (("<", field.metadata.get("min")), (">", field.metadata.get("max")))
    return [f"{value} {sign} {limit}" for sign, limit in limits if limit is not None]


def _is_read_by_spark(field: StructField, form: CSVOptions) -> bool:
    return isinstance(field.dataType, IntegralType) and not form.missing_values


def _quotes(schema: StructType, quote: str) -> list[str]:
    texts = [quoted(field.name) for field in schema if isinstance(field.dataType, StringType)]
    return [f"contains({text}, {literal(quote)})" for text in texts]


def _any(conditions: list[str]) -> str:
    return f"coalesce({' OR '.join([*conditions, 'false'])}, false)"


def _kind(data_type: DataType) -> str:
    name = data_type.simpleString()
    if isinstance(data_type, StringType):
        return "text"
    if isinstance(data_type, IntegralType):
        return f"whole numbers ({name})"
    if isinstance(data_type, NumericType):
        return f"finite numbers ({name})"
    return f"{_EXAMPLES.get(name, 'values')} ({name})"
