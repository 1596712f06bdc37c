"""Read Parquet, ORC and JSON lines files against a declared schema.

One pass over the files checks all rows. If anything is odd, a second one turns all values into
texts, which are checked and reported as those of a CSV file are.
"""

from bank_spark_dl.frame_validation.reader import read_checked_frame

__all__ = ["read_checked_frame"]
