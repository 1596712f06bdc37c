"""A read-only Kedro dataset: Parquet, ORC or JSON lines, checked when they are loaded."""

from typing import Any

from kedro.io.core import DatasetError
from kedro_datasets._typing import TablePreview
from pyspark.sql import SparkSession

from bank_spark_dl.csv_validation import CheckedRows
from bank_spark_dl.datasets.checked import OWN_ARGUMENTS, CheckedDataset
from bank_spark_dl.datasets.previews import first_rows_preview
from bank_spark_dl.frame_validation import read_checked_frame

_FORMATS = ("parquet", "orc", "json")


class CheckedFrameDataset(CheckedDataset):
    """Files that name their columns; loading raises a validation error for undeclared content.

    ``filepath`` is a file, a folder or a pattern; ``load_args`` hold what `CheckedCSVDataset` takes
    but the options of CSV::

        bank_raw:
          type: bank_spark_dl.datasets.CheckedFrameDataset
          filepath: data/01_raw/bank.parquet
          file_format: parquet # or orc, or json: an object a line
          load_args: {schema: {filepath: conf/base/schema/bank.json}}

    Folders named as ``year=2024`` give a column, as Spark reads them.
    """

    def __init__(self, *, file_format: str, **arguments: Any) -> None:
        """Take the arguments of ``SparkDatasetV2``.

        Raises:
            DatasetError: The format is another, no schema is given, or load_args holds other keys.
        """
        super().__init__(file_format=file_format, **arguments)
        if file_format not in _FORMATS or self._schema is None:
            raise DatasetError(
                "CheckedFrameDataset needs `file_format`, one of parquet, orc and json, and "
                "`schema: {filepath: ...}` in load_args. Set them in the catalog."
            )
        if unknown := sorted(self._load_args.keys() - OWN_ARGUMENTS):
            raise DatasetError(
                "CheckedFrameDataset takes schema, ignored, optional and order in load_args, "
                f"not {', '.join(unknown)}. Remove it."
            )

    def preview(self, nrows: int = 5) -> TablePreview:
        """Return the first rows for Kedro-Viz, without starting Spark."""
        return first_rows_preview(self._first_file(), self._file_format, nrows)

    def _read(self, spark: SparkSession) -> CheckedRows:
        return read_checked_frame(
            spark, self._spark_path, self._file_format, self._schema, **self._load_args
        )
