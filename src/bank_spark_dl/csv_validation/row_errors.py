"""Counting rows that are not as declared, and saying which they are."""

import csv
import io
from dataclasses import dataclass

from pyspark.sql import DataFrame
from pyspark.sql import functions as sf
from pyspark.sql.types import StringType, StructField, StructType

from bank_spark_dl.csv_validation.advice import advice
from bank_spark_dl.csv_validation.constraints import expectation, is_refused
from bank_spark_dl.csv_validation.files import shown
from bank_spark_dl.csv_validation.numbered_columns import name_of
from bank_spark_dl.csv_validation.options import MALFORMED, PADDED, CSVOptions
from bank_spark_dl.csv_validation.row_numbers import FoundRow, first_rows
from bank_spark_dl.errors import InputDataError
from bank_spark_dl.spark.sql import quoted

_LONGEST_VALUE = 40


@dataclass(frozen=True)
class Counts:
    """What one aggregation over the files found.

    Attributes:
        rows: All data rows.
        malformed: Rows with too few or too many fields.
        with_quote: Rows with a quote character inside a text value.
        refused: Per column, the rows whose value is not as declared.
        padded: Per column, the rows whose value has blanks around it.
    """

    rows: int
    malformed: int
    with_quote: int
    refused: dict[str, int]
    padded: dict[str, int]


def count_refused(raw: DataFrame, schema: StructType, quote: str) -> Counts:
    """Count everything that could be wrong, in one aggregation over all columns.

    Args:
        raw: Rows as text, by the numbers of the schema.
        schema: The columns that are read, numbered.
        quote: The quote character.
    """
    texts = [quoted(field.name) for field in schema if isinstance(field.dataType, StringType)]
    all_text = sf.expr(f"concat_ws({', '.join([repr(''), *texts])})")
    rows, malformed, with_quote, *found = raw.agg(
        sf.count(sf.lit(1)),
        sf.count(MALFORMED),
        sf.count_if(all_text.contains(quote)),
        *(sf.count_if(is_refused(field)) for field in schema),
        *(sf.count_if(quoted(PADDED + name)) for name in schema.names),
    ).collect()[0]
    refused, padded = found[: len(schema)], found[len(schema) :]
    names = [name_of(field) for field in schema]
    return Counts(
        rows,
        malformed,
        with_quote,
        refused=dict(zip(names, refused, strict=True)),
        padded=dict(zip(names, padded, strict=True)),
    )


def refuse_bad_rows(
    source: str,
    raw: DataFrame,
    schema: StructType,
    counts: Counts,
    options: CSVOptions,
    fields: str,
) -> None:
    """Refuse files without rows, with malformed rows or with values not as declared.

    Args:
        source: The file or folder, for messages.
        raw: All its rows as text.
        schema: The columns that are read, numbered.
        counts: What was counted in the rows.
        options: Separator and quote, to count a row's fields.
        fields: How many a row has, ignored columns among them.

    Raises:
        InputDataError: Something was counted; the message shows the first rows of it.
    """
    if counts.rows == 0:
        raise InputDataError(f"{source} has a header but no rows. Put the data below the header.")
    if counts.malformed:
        raise _malformed(source, raw, schema.names[0], counts, options, fields)
    wrong = [field for field in schema if counts.refused[name_of(field)]]
    if wrong:
        raise _wrong_values(source, raw, wrong, counts)


def _malformed(
    source: str, raw: DataFrame, column: str, counts: Counts, options: CSVOptions, declared: str
) -> InputDataError:
    line = sf.col(MALFORMED)
    # Spark refuses a query on the malformed row alone: the condition names another column too.
    is_malformed = line.isNotNull() & sf.coalesce(quoted(column), line).isNotNull()
    found = first_rows(raw, is_malformed, line)

    def fields(text: str) -> int:
        reader = csv.reader(io.StringIO(text), delimiter=options.sep, quotechar=options.quote)
        return len(next(reader, []))

    examples = [f"{_place(row, source)} has {fields(row.value or '')}" for row in found]
    return InputDataError(
        f"{source}: {declared} fields are declared, but {_share(counts.malformed, counts)} "
        f"another number: {_listed(examples, counts.malformed)}. "
        "Correct these rows; a field that holds a separator must stand in quotes."
    )


def _wrong_values(
    source: str, raw: DataFrame, wrong: list[StructField], counts: Counts
) -> InputDataError:
    field, *others = wrong
    number = counts.refused[name_of(field)]
    found = first_rows(raw, is_refused(field), sf.col(quoted(field.name)))
    examples = [f"{_place(row, source)} {_has(row.value)}" for row in found]
    names = [name_of(other) for other in others[:5]]
    also = ", ".join(f"'{name}' ({counts.refused[name]})" for name in names)
    return InputDataError(
        f"{source}: column '{name_of(field)}' must hold {expectation(field)}, "
        f"but {_share(number, counts)} something else: {_listed(examples, number)}. "
        f"{advice(field, [row.value for row in found])}"
        + (f" Rows are refused in other columns too: {also}." if also else "")
    )


def _share(number: int, counts: Counts) -> str:
    return f"{number} of {counts.rows} rows {'has' if number == 1 else 'have'}"


def _listed(examples: list[str], number: int) -> str:
    return ", ".join(examples) + (", ..." if number > len(examples) else "")


def _place(row: FoundRow, source: str) -> str:
    """Name the row, and the file where the source is a folder."""
    file = shown(row.file)
    return f"row {row.number}" + ("" if file == source else f" of {file.rsplit('/', 1)[-1]}")


def _has(value: str | None) -> str:
    if value is None:
        return "is empty"
    return f"has {value[:_LONGEST_VALUE] + '...' if len(value) > _LONGEST_VALUE else value!r}"
