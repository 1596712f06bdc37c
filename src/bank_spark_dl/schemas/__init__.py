"""Declared schemas, and reading CSV files against them.

Every column is read as text and cast, so that one Spark aggregation can check all values and a
message can quote the text that is wrong.
"""

from bank_spark_dl.schemas.arriving import ArrivingFiles
from bank_spark_dl.schemas.declared import load_schema
from bank_spark_dl.schemas.label import check_label, positive_value
from bank_spark_dl.schemas.reader import CheckedRows, read_checked_csv

__all__ = [
    "ArrivingFiles",
    "CheckedRows",
    "check_label",
    "load_schema",
    "positive_value",
    "read_checked_csv",
]
