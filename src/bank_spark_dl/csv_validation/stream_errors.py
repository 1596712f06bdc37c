"""Stop a stream at a row that is not as declared, with the reason."""

from pyspark.sql import Column
from pyspark.sql import functions as sf
from pyspark.sql.types import StructField, StructType

from bank_spark_dl.csv_validation.columns import FILE, MALFORMED
from bank_spark_dl.csv_validation.constraints import expectation, is_invalid
from bank_spark_dl.csv_validation.options import CSVOptions
from bank_spark_dl.spark.sql import quoted

SHOWN_TEXT = 80  # characters of a row or a value in a message


def fails_unless_valid(schema: StructType, id_column: str, fields: int, form: CSVOptions) -> Column:
    """Return a condition that is true for valid rows, and raises an error for the first other.

    Args:
        schema: The declared columns, read as trimmed texts.
        id_column: The name of the one that names rows in messages.
        fields: How many a row has, ignored columns among them.
        form: How values are written.
    """
    holds = sf.when(sf.col(MALFORMED).isNotNull(), _another_number_of_fields(fields))
    for field in schema:
        holds = holds.when(is_invalid(field, form), _invalid_value(field, id_column))
    return holds.otherwise(sf.lit(True))


def _another_number_of_fields(declared: int) -> Column:
    return _fail(
        f": {declared} fields are declared, but this row has another number: ",
        sf.substring(MALFORMED, 1, SHOWN_TEXT),
        ". Correct it; a field that holds a separator must stand in quotes.",
    )


def _invalid_value(field: StructField, id_column: str) -> Column:
    value = sf.col(quoted(field.name))
    return _fail(
        f": in the row with {id_column} ",
        sf.coalesce(quoted(id_column), sf.lit("(empty)")),
        f" the column '{field.name}' must hold {expectation(field)}, but ",
        sf.coalesce(
            sf.concat(sf.lit("has '"), sf.substring(value, 1, SHOWN_TEXT), sf.lit("'")),
            sf.lit("is empty"),
        ),
        ". Correct it.",
    )


def _fail(*parts: str | Column) -> Column:
    advice = " Then run again: the stream goes on with this file."
    return sf.raise_error(sf.concat(sf.col(FILE), *map(sf.lit, parts), sf.lit(advice)))
