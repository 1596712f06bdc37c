"""Leave out constant parts of dates, such as the year of a table of one year.

A constant column is not standardized, and a network learns nothing beside an input of 2024.
"""

from dataclasses import replace

from bank_spark_dl.ml.features.columns import FeatureColumns, check_any
from bank_spark_dl.ml.features.inputs import InputValues
from bank_spark_dl.ml.features.scaled_columns import ScaledColumns

CONSTANT = "all train rows have the same one"


def without_constant_parts(
    columns: FeatureColumns, values: InputValues, scaled: ScaledColumns
) -> tuple[FeatureColumns, InputValues, ScaledColumns]:
    """Leave out parts of dates without a statistic; with bins they become no inputs anyway.

    Args:
        columns: The inputs.
        values: Their values.
        scaled: The answer of choose_scaled_columns.

    Raises:
        ParameterError: No input is left.
    """
    parts = [part for named in columns.dates.values() for part in named]
    gone = {part for part in parts if part in scaled.columns and scaled.columns[part].value is None}
    if not gone:
        return columns, values, scaled
    dates = {date: [p for p in named if p not in gone] for date, named in columns.dates.items()}
    left = replace(
        columns,
        dates={date: named for date, named in dates.items() if named},
        numeric=tuple(name for name in columns.numeric if name not in gone),
        left_out={**columns.left_out, **dict.fromkeys(sorted(gone), CONSTANT)},
    )
    numbers = {name: sql for name, sql in values.numbers.items() if name not in gone}
    missing = {
        name: sql
        for name, sql in values.missing.items()
        if not gone.issuperset(columns.dates.get(name, [name]))
    }
    chosen = {name: column for name, column in scaled.columns.items() if name not in gone}
    return (
        check_any(left),
        replace(values, numbers=numbers, missing=missing),
        replace(scaled, columns=chosen),
    )
