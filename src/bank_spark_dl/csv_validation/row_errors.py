"""Count invalid rows, and say which they are."""

import csv
import io
from dataclasses import dataclass

from pyspark.sql import DataFrame
from pyspark.sql import functions as sf
from pyspark.sql.types import StructField, StructType

from bank_spark_dl.csv_validation.advice import advice
from bank_spark_dl.csv_validation.columns import MALFORMED, padded
from bank_spark_dl.csv_validation.constraints import expectation, has_quote, is_invalid
from bank_spark_dl.csv_validation.options import CSVOptions
from bank_spark_dl.csv_validation.row_numbers import FoundRow, first_rows
from bank_spark_dl.errors import InputDataError
from bank_spark_dl.spark.hadoop_fs import shown
from bank_spark_dl.spark.sql import quoted

_LONGEST_VALUE = 40


@dataclass(frozen=True)
class Counts:
    """What one aggregation over the files found.

    Attributes:
        rows: All data rows.
        malformed: Rows with too few or too many fields.
        with_quote: Rows with a quote character inside a text value.
        invalid: Per column, the rows whose value is not as declared.
        padded: Per column, the rows with whitespace around the value.
    """

    rows: int
    malformed: int
    with_quote: int
    invalid: dict[str, int]
    padded: dict[str, int]

    @property
    def may_be_broken(self) -> bool:
        """Whether line breaks inside quotes could be behind what was counted.

        Read line by line, such a row leaves a line with too few fields, or, broken in its last
        field, a closing quote inside the value of a later line.
        """
        return self.malformed > 0 or self.with_quote > 0 or any(self.invalid.values())


def count_errors(rows: DataFrame, schema: StructType, form: CSVOptions) -> Counts:
    """Count everything that could be wrong, in one aggregation over all columns.

    Args:
        rows: Trimmed texts, as `TextFiles` reads them.
        schema: The columns that are read.
        form: How values are written.
    """
    names = schema.names
    total, malformed, with_quote, *found = rows.agg(
        sf.count(sf.lit(1)),
        sf.count(MALFORMED),
        sf.count_if(has_quote(schema, form.quote)),
        *(sf.count_if(is_invalid(field, form)) for field in schema),
        *(sf.count_if(quoted(padded(name))) for name in names),
    ).collect()[0]
    invalid, trimmed = found[: len(names)], found[len(names) :]
    return Counts(
        total,
        malformed,
        with_quote,
        invalid=dict(zip(names, invalid, strict=True)),
        padded=dict(zip(names, trimmed, strict=True)),
    )


def require_valid_rows(
    source: str,
    rows: DataFrame,
    schema: StructType,
    counts: Counts,
    options: CSVOptions,
    fields: str,
) -> None:
    """Refuse files without rows, with malformed rows or with values not as declared.

    Args:
        source: The file or folder, for messages.
        rows: All its rows as trimmed texts.
        schema: The columns that are read.
        counts: What was counted in the rows.
        options: How fields and values are written.
        fields: How many a row has, ignored columns among them.

    Raises:
        InputDataError: Something was counted; the message shows the first rows of it.
    """
    if counts.rows == 0:
        raise InputDataError(f"{source} has a header but no rows. Put the data below the header.")
    if counts.malformed:
        raise _malformed(source, rows, schema.names[0], counts, options, fields)
    invalid = [field for field in schema if counts.invalid[field.name]]
    if invalid:
        raise _invalid_values(source, rows, invalid, counts, options)


def _malformed(
    source: str, rows: DataFrame, column: str, counts: Counts, options: CSVOptions, declared: str
) -> InputDataError:
    line = sf.col(MALFORMED)
    # Spark refuses a query on the malformed row alone: the condition names another column too.
    is_malformed = line.isNotNull() & sf.coalesce(quoted(column), line).isNotNull()
    found = first_rows(rows, is_malformed, line)

    def fields(text: str) -> int:
        reader = csv.reader(io.StringIO(text), delimiter=options.sep, quotechar=options.quote)
        return len(next(reader, []))

    examples = [f"{_place(row, source)} has {fields(row.value or '')}" for row in found]
    return InputDataError(
        f"{source}: {declared} fields are declared, but {_share(counts.malformed, counts)} "
        f"another number: {_listed(examples, counts.malformed)}. "
        "Correct these rows; a field that holds a separator must stand in quotes."
    )


def _invalid_values(
    source: str, rows: DataFrame, invalid: list[StructField], counts: Counts, form: CSVOptions
) -> InputDataError:
    field, *others = invalid
    number = counts.invalid[field.name]
    found = first_rows(rows, is_invalid(field, form), sf.col(quoted(field.name)))
    also = ", ".join(f"'{other.name}' ({counts.invalid[other.name]})" for other in others[:5])
    return InputDataError(
        f"{source}: column '{field.name}' must hold {expectation(field)}, "
        f"but {_share(number, counts)} something else: {places(found, source, number)}. "
        f"{advice(field, [row.value for row in found], form)}"
        + (f" Rows are invalid in other columns too: {also}." if also else "")
    )


def places(found: list[FoundRow], source: str, number: int) -> str:
    """List rows with what is in them.

    Args:
        found: The first rows.
        source: The file or folder that is read.
        number: How many there are.
    """
    return _listed([f"{_place(row, source)} {_has(row.value)}" for row in found], number)


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
