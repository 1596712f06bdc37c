"""Guard CSV outputs against formulas that a spreadsheet would compute (CSV injection)."""

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

# Spreadsheets take text that begins so for a formula, unless it is a plain number.
FORMULA = r"^(?![+-]?[0-9]+([.][0-9]+)?$)[=+@\-\t\r]"


def quote_formulas(frame: "DataFrame") -> "DataFrame":
    """Put an apostrophe before texts and names that a spreadsheet would compute.

    Args:
        frame: Rows to be written as CSV; other types than text are left alone.
    """
    from pyspark.sql import functions as F

    from bank_spark_dl.spark.sql import quoted

    def guarded(name: str, kind: str) -> "Column":
        column = F.col(quoted(name))
        if kind == "string":
            column = F.when(column.rlike(FORMULA), F.concat(F.lit("'"), column)).otherwise(column)
        return column.alias(f"'{name}" if re.search(FORMULA, name) else name)

    return frame.select(*(guarded(name, kind) for name, kind in frame.dtypes))
