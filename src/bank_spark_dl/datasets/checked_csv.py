"""A read-only Kedro dataset: CSV files, checked against a declared schema when they are loaded."""

import csv
from itertools import islice
from typing import Any

import fsspec  # type: ignore[import-untyped]
from kedro.io.core import DatasetError
from kedro_datasets._typing import TablePreview
from pyspark.sql import SparkSession

from bank_spark_dl.csv_validation import CheckedRows, read_checked_csv
from bank_spark_dl.csv_validation.options import CSVOptions
from bank_spark_dl.datasets.checked import OWN_ARGUMENTS, CheckedDataset


class CheckedCSVDataset(CheckedDataset):
    """CSV files; loading raises a validation error when they are not what their schema declares.

    Takes what ``spark.SparkDatasetV2`` takes; ``load_args`` must hold ``schema``::

        bank_raw:
          type: bank_spark_dl.datasets.CheckedCSVDataset
          filepath: data/01_raw/bank.csv
          file_format: csv
          load_args: {sep: ",", header: true, schema: {filepath: conf/base/schema/bank.json}}

    Rows to score need not have all columns: what ``load_args`` list as ``ignored`` is neither
    needed nor read, what they list as ``optional`` is not needed. ``order: true`` adds the column
    ``:order``: the number of a row by file name, then place in the file, from 0.
    """

    def __init__(self, *, file_format: str = "csv", **arguments: Any) -> None:
        """Take the arguments of ``SparkDatasetV2``.

        Raises:
            DatasetError: The format is not csv, or no schema is given.
        """
        super().__init__(file_format=file_format, **arguments)
        if file_format != "csv" or self._schema is None:
            raise DatasetError(
                "CheckedCSVDataset needs `file_format: csv` and `schema: {filepath: ...}` in "
                "load_args. Set them in the catalog."
            )

    @property
    def form(self) -> CSVOptions:
        """Separator, quote, encoding and other options of the files."""
        given = self._load_args.items()
        return CSVOptions.parse({k: v for k, v in given if k not in OWN_ARGUMENTS})

    def preview(self, nrows: int = 5) -> TablePreview:
        """Return the first rows as text for Kedro-Viz, without starting Spark."""
        form, file = self.form, self._first_file()
        encoding = "utf-8-sig" if form.encoding.upper() == "UTF-8" else form.encoding
        with fsspec.open(file, "rt", encoding=encoding, newline="", compression="infer") as lines:
            reader = csv.reader(lines, delimiter=form.sep, quotechar=form.quote)
            names, *rows = islice(reader, nrows + 1)
        return TablePreview({"index": list(range(len(rows))), "columns": names, "data": rows})

    def _read(self, spark: SparkSession) -> CheckedRows:
        return read_checked_csv(spark, self._spark_path, self._schema, **self._load_args)
