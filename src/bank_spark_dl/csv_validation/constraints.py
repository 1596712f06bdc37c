"""Which texts a declared column refuses, as Spark expressions and in words."""

from collections.abc import Iterable

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
)

from bank_spark_dl.spark.sql import literal, quoted

REPLACEMENT = "\ufffd"  # what Spark decodes bytes to that are not UTF-8
_BLANKS = " \t\r\n\u00a0"  # the last one: what spreadsheets put between digits and words


def trimmed(name: str) -> Column:
    """Return a text column without blanks around its values; nothing but blanks is null."""
    return sf.expr(f"nullif({_stripped(name)}, '') AS {quoted(name)}")


def is_padded(name: str) -> Column:
    """Return whether each text of a column has blanks around it."""
    return sf.expr(_padded(name))


def is_refused(field: StructField) -> Column:
    """Return the condition under which a row's text is not what the field declares."""
    return sf.expr(_refused(field))


def whole_numbers(fields: Iterable[StructField]) -> dict[str, DataType]:
    """Return the columns that Spark itself may read as what they are declared, by name.

    A row whose text it cannot read so counts as malformed. Digits of other scripts are read as
    numbers, as long as no row of the files is odd; of others than whole numbers Spark reads more
    that is refused here.
    """
    return {field.name: field.dataType for field in fields if _is_whole(field)}


def is_plain(fields: Iterable[StructField], quote: str) -> Column:
    """Return whether nothing in a row is refused, padded or empty, or holds a quote.

    Nearly all rows of nearly all files are so, and one condition costs less than a count of each.

    Args:
        fields: The declared columns; of the rows, `whole_numbers` are numbers and others texts.
        quote: The quote character.
    """
    odd = [condition for field in fields for condition in _odd(field, quote)]
    return sf.expr(f"NOT coalesce({' OR '.join([*odd, 'false'])}, false)")


def _odd(field: StructField, quote: str) -> list[str]:
    text = quoted(field.name)
    if _is_whole(field):
        return [*_missing(field), *_out_of_range(field, text)]
    found = [_refused(field), _padded(field.name)]
    if isinstance(field.dataType, StringType):
        found += [f"{text} = ''", f"contains({text}, {literal(quote)})"]
    return found


def _is_whole(field: StructField) -> bool:
    return isinstance(field.dataType, IntegralType)


def _refused(field: StructField) -> str:
    # SQL text: each operation on a Column would be a call into the JVM.
    text = quoted(field.name)
    refused = _missing(field)
    if isinstance(field.dataType, StringType):
        refused.append(f"contains({text}, '{REPLACEMENT}')")
    else:
        value = f"try_cast({text} AS {field.dataType.simpleString()})"
        refused.append(f"({text} IS NOT NULL AND {value} IS NULL)")
        if isinstance(field.dataType, DoubleType | FloatType):
            refused.append(f"isnan({value}) OR abs({value}) = double('inf')")
            refused.append(f"lower(right({text}, 1)) IN ('d', 'f')")  # 1d is a number in Java
        refused += _out_of_range(field, value)
    return " OR ".join(refused)


def _missing(field: StructField) -> list[str]:
    return [] if field.nullable else [f"{quoted(field.name)} IS NULL"]


def _out_of_range(field: StructField, value: str) -> list[str]:
    least, most = field.metadata.get("min"), field.metadata.get("max")
    below = [] if least is None else [f"{value} < {least}"]
    return below if most is None else [*below, f"{value} > {most}"]


def expectation(field: StructField) -> str:
    """Say in words what the column must hold."""
    least, most = field.metadata.get("min"), field.metadata.get("max")
    words = _kind(field.dataType)
    if least is not None and most is not None:
        return f"{words} from {least} to {most}"
    if least is not None:
        return f"{words} of at least {least}"
    return f"{words} of at most {most}" if most is not None else words


def _padded(name: str) -> str:
    return f"octet_length({quoted(name)}) > octet_length({_stripped(name)})"


def _stripped(name: str) -> str:
    return f"trim(BOTH '{_BLANKS}' FROM {quoted(name)})"


def _kind(data_type: DataType) -> str:
    name = data_type.simpleString()
    if isinstance(data_type, StringType):
        return "text"
    if isinstance(data_type, IntegralType):
        return f"whole numbers ({name})"
    return f"finite numbers ({name})" if isinstance(data_type, NumericType) else f"{name} values"
