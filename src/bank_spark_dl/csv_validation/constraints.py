"""Constraints of declared columns, as Spark expressions and in words."""

from pyspark.sql import Column
from pyspark.sql import functions as sf
from pyspark.sql.types import (
    DataType,
    DoubleType,
    FloatType,
    IntegralType,
    NumericType,
    StringType,
    StructField,
    StructType,
)

from bank_spark_dl.csv_validation.columns import MALFORMED, REPLACEMENT
from bank_spark_dl.csv_validation.whitespace import padding
from bank_spark_dl.spark.sql import literal, quoted


def typed(schema: StructType, cast: str = "cast") -> list[Column]:
    """Return columns as the types that are declared.

    Args:
        schema: The declared columns.
        cast: `cast`, which fails where a text does not fit, or `try_cast`, which gives null.
    """
    types = {quoted(field.name): field.dataType.simpleString() for field in schema}
    return [sf.expr(f"{cast}({name} AS {kind}) AS {name}") for name, kind in types.items()]


def is_invalid(field: StructField) -> Column:
    """Return whether each trimmed text violates what the field declares."""
    return sf.expr(_invalid(field))


def has_quote(schema: StructType, quote: str) -> Column:
    """Return whether a text column of a row holds the quote character."""
    return sf.expr(_any(_quotes(schema, quote)))


def whole_numbers(schema: StructType) -> dict[str, DataType]:
    """Return the types of the columns that Spark itself may read as declared, by name.

    A row whose text it cannot read so counts as malformed. It takes digits of other scripts too,
    as long as no row of the files is odd. Of other types Spark reads much more than is valid here.
    """
    return {field.name: field.dataType for field in schema if _is_whole(field)}


def is_plain(schema: StructType, quote: str) -> Column:
    """Return whether nothing in a row is invalid, padded or empty, or holds a quote.

    Nearly all rows of nearly all files are plain, and one condition costs less than many counts.

    Args:
        schema: The declared columns; of the rows, `whole_numbers` are numbers, others untrimmed
            texts.
        quote: The quote character.
    """
    odd = [f"{quoted(MALFORMED)} IS NOT NULL", *_quotes(schema, quote)]
    for field in schema:
        text = quoted(field.name)
        if _is_whole(field):
            odd += [*_missing(field), *_out_of_range(field, text)]
        else:
            odd += [_invalid(field), padding(field.name), f"{text} = ''"]
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


def _invalid(field: StructField) -> str:
    # SQL text: each operation on a Column would be a call into the JVM.
    text, conditions = quoted(field.name), _missing(field)
    if isinstance(field.dataType, StringType):
        return " OR ".join([*conditions, f"contains({text}, '{REPLACEMENT}')"])
    value = f"try_cast({text} AS {field.dataType.simpleString()})"
    conditions.append(f"({text} IS NOT NULL AND {value} IS NULL)")
    if isinstance(field.dataType, DoubleType | FloatType):
        conditions.append(f"isnan({value}) OR abs({value}) = double('inf')")
        conditions.append(f"lower(right({text}, 1)) IN ('d', 'f')")  # 1d is a number in Java
    return " OR ".join([*conditions, *_out_of_range(field, value)])


def _missing(field: StructField) -> list[str]:
    return [] if field.nullable else [f"{quoted(field.name)} IS NULL"]


def _out_of_range(field: StructField, value: str) -> list[str]:
    limits = (("<", field.metadata.get("min")), (">", field.metadata.get("max")))
    return [f"{value} {sign} {limit}" for sign, limit in limits if limit is not None]


def _is_whole(field: StructField) -> bool:
    return isinstance(field.dataType, IntegralType)


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
    return f"finite numbers ({name})" if isinstance(data_type, NumericType) else f"{name} values"
