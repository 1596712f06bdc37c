"""Conditions on rows whose computing fails on a row that is not as declared."""

from pyspark.sql import Column
from pyspark.sql import functions as sf
from pyspark.sql.types import StructField, StructType

from bank_spark_dl.csv_validation.constraints import expectation, is_refused
from bank_spark_dl.csv_validation.numbered_columns import name_of
from bank_spark_dl.csv_validation.options import MALFORMED
from bank_spark_dl.csv_validation.row_numbers import FILE

SHOWN_TEXT = 80  # characters of a row or a value in a message


def fails_unless_declared(schema: StructType, id_column: str, fields: int) -> Column:
    """Return a condition that holds for every row that is as declared, and fails for others.

    Args:
        schema: The declared columns, numbered.
        id_column: The name of the one that names rows in messages.
        fields: How many a row has, ignored columns among them.
    """
    holds = sf.when(sf.col(MALFORMED).isNotNull(), _another_number_of_fields(fields))
    (number,) = (field.name for field in schema if name_of(field) == id_column)
    for field in schema:
        holds = holds.when(is_refused(field), _wrong_value(field, id_column, sf.col(number)))
    return holds.otherwise(sf.lit(True))


def _another_number_of_fields(declared: int) -> Column:
    return _fail(
        f": {declared} fields are declared, but this row has another number: ",
        sf.substring(MALFORMED, 1, SHOWN_TEXT),
        ". Correct it; a field that holds a separator must stand in quotes.",
    )


def _wrong_value(field: StructField, id_column: str, row_id: Column) -> Column:
    value = sf.col(field.name)
    return _fail(
        f": in the row with {id_column} ",
        sf.coalesce(row_id, sf.lit("(empty)")),
        f" the column '{name_of(field)}' must hold {expectation(field)}, but ",
        sf.coalesce(
            sf.concat(sf.lit("has '"), sf.substring(value, 1, SHOWN_TEXT), sf.lit("'")),
            sf.lit("is empty"),
        ),
        ". Correct it.",
    )


def _fail(*parts: str | Column) -> Column:
    advice = " Then run again: the stream goes on with this file."
    return sf.raise_error(sf.concat(sf.col(FILE), *map(sf.lit, parts), sf.lit(advice)))
