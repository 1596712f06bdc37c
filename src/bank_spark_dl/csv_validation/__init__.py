"""Read CSV files against a declared schema.

One pass over the files checks all rows. If anything is odd, every column is read as text, so that a
message can quote what is wrong.
"""

from bank_spark_dl.csv_validation.reader import CheckedRows, read_checked_csv
from bank_spark_dl.csv_validation.schema import load_schema
from bank_spark_dl.csv_validation.streaming import CSVStream

__all__ = [
    "CSVStream",
    "CheckedRows",
    "load_schema",
    "read_checked_csv",
]
