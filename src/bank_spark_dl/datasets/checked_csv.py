"""A read-only Kedro dataset: CSV files, checked against a declared schema when they are loaded."""

import csv
from collections.abc import Sequence
from itertools import islice
from typing import Any

import fsspec  # type: ignore[import-untyped]
from kedro.io.core import DatasetError
from kedro_datasets._typing import TablePreview
from kedro_datasets.spark.spark_dataset_v2 import SparkDatasetV2
from pyspark.sql import DataFrame

from bank_spark_dl.csv_validation import read_checked_csv
from bank_spark_dl.csv_validation.files import find_files
from bank_spark_dl.csv_validation.options import CSVOptions
from bank_spark_dl.datasets.atomic_folders import finish_swap
from bank_spark_dl.errors import InputDataError
from bank_spark_dl.spark.caching import unpersist
from bank_spark_dl.spark.project_session import spark_of_datasets
from bank_spark_dl.spark.web_addresses import refuse_web


class CheckedCSVDataset(SparkDatasetV2):  # type: ignore[misc]
    """CSV files; loading raises a validation error when they are not what their schema declares.

    Takes what ``spark.SparkDatasetV2`` takes; ``load_args`` must hold ``schema``::

        bank_raw:
          type: bank_spark_dl.datasets.CheckedCSVDataset
          filepath: data/01_raw/bank.csv
          file_format: csv
          load_args: {sep: ",", header: true, schema: {filepath: conf/base/schema/bank.json}}

    Rows to score need not have all columns: what ``load_args`` list as ``ignored`` is neither
    needed nor read, what they list as ``optional`` is not needed.

    Attributes:
        repaired: Per column, how many values the last load freed of whitespace around them; empty
            when there were none, and before the first load.
    """

    READ_ONLY = True
    LAZY = True  # rows are read when they are used, not when it is loaded

    def __init__(self, *, file_format: str = "csv", **arguments: Any) -> None:
        """Take the arguments of ``SparkDatasetV2``.

        Raises:
            DatasetError: The format is not csv, or no schema is given.
        """
        super().__init__(file_format=file_format, **arguments)
        self.repaired: dict[str, int] = {}
        self._persisted: DataFrame | None = None
        if file_format != "csv" or self._schema is None:
            raise DatasetError(
                "CheckedCSVDataset needs `file_format: csv` and `schema: {filepath: ...}` in "
                "load_args. Set them in the catalog."
            )

    @property
    def reads_rows_to_score(self) -> bool:
        """Whether some columns are ignored, as the label is."""
        return "ignored" in self._load_args

    @property
    def form(self) -> CSVOptions:
        """Separator, quote, encoding and other options of the files."""
        given = self._load_args.items()
        return CSVOptions.parse({k: v for k, v in given if k not in ("ignored", "optional")})

    def may_lack(self, columns: Sequence[str]) -> None:
        """Let the files lack these declared columns too."""
        optional = self._load_args.get("optional", ())
        self._load_args["optional"] = sorted({*optional, *columns})

    def preview(self, nrows: int = 5) -> TablePreview:
        """Return the first rows as text for Kedro-Viz, without starting Spark."""
        form, file = self.form, self._first_file()
        encoding = "utf-8-sig" if form.encoding.upper() == "UTF-8" else form.encoding
        with fsspec.open(file, "rt", encoding=encoding, newline="", compression="infer") as lines:
            reader = csv.reader(lines, delimiter=form.sep, quotechar=form.quote)
            names, *rows = islice(reader, nrows + 1)
        return TablePreview({"index": list(range(len(rows))), "columns": names, "data": rows})

    def _first_file(self) -> str:
        system, root = fsspec.core.url_to_fs(self._spark_path)
        if not system.isdir(root):
            return str(self._spark_path)
        names = (path for path in system.find(root) if path.rsplit("/", 1)[-1][0] not in "._")
        return str(system.unstrip_protocol(min(names)))

    def _load(self) -> DataFrame:
        """Read and check the files.

        Raises:
            InputDataError: What ``read_checked_csv`` refuses. Kedro wraps it in a DatasetError,
                as its ``__cause__``.
        """
        refuse_web(self._spark_path)
        spark = spark_of_datasets()
        self._release()
        finish_swap(spark, self._spark_path)  # the generator may have been killed
        read = read_checked_csv(spark, self._spark_path, self._schema, **self._load_args)
        self.repaired, self._persisted = read.repaired, read.persisted
        return read.rows

    def _release(self) -> None:
        """Unpersist the rows of the last load."""
        rows = self._persisted
        if rows is not None and rows.sparkSession.sparkContext._jsc is not None:
            unpersist(rows)
        self._persisted = None
        super()._release()

    def _save(self, data: Any) -> None:
        raise DatasetError("CheckedCSVDataset is read-only: raw data is never written by a run.")

    def _exists(self) -> bool:
        try:
            find_files(spark_of_datasets(), self._spark_path)
        except InputDataError:
            return False
        return True

    def _get_filesystem_ops(self, *_: Any) -> tuple[None, None]:
        """Do without fsspec's file system: only versioned datasets need one, Spark reads this."""
        return None, None
