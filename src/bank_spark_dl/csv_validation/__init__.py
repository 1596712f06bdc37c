"""Read CSV files against a declared schema.

Every column is read as text and cast, so that one Spark aggregation can check all values and a
message can quote the invalid text.
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
