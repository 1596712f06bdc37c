"""Check Parquet, ORC and JSON lines files, and loaded tables, against a declared schema.

One pass over them checks all rows. If anything is odd, a second one turns all values into
texts, which are checked and reported as those of a CSV file are.
"""

from bank_spark_dl.frame_validation.reader import check_table, read_checked_frame

__all__ = ["check_table", "read_checked_frame"]
