"""What read-only Kedro datasets of checked rows have in common."""

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any, Final

import fsspec  # type: ignore[import-untyped]
from kedro.io.core import DatasetError
from kedro_datasets.spark.spark_dataset_v2 import SparkDatasetV2
from pyspark.sql import DataFrame, SparkSession

from bank_spark_dl.csv_validation import CheckedRows
from bank_spark_dl.csv_validation.files import find_files
from bank_spark_dl.datasets.atomic_folders import finish_swap
from bank_spark_dl.errors import InputDataError
from bank_spark_dl.spark.caching import unpersist
from bank_spark_dl.spark.project_session import spark_of_datasets
from bank_spark_dl.spark.web_addresses import refuse_web

OWN_ARGUMENTS: Final = frozenset({"ignored", "optional", "order"})
"""What load_args of checked rows hold besides the schema and the options of CSV."""


class ChecksRows:
    """What all datasets of checked rows have in common: read-only rows, persisted until release.

    Attributes:
        repaired: Per column, how many values the last load freed of whitespace around them; empty
            when there were none, and before the first load.
    """

    READ_ONLY = True
    LAZY = True  # rows are read when they are used, not when it is loaded
    _load_args: dict[str, Any]

    def _begin(self) -> None:
        """Start without rows."""
        self.repaired: dict[str, int] = {}
        self._persisted: DataFrame | None = None

    @property
    def reads_rows_to_score(self) -> bool:
        """Whether some columns are ignored, as the label is."""
        return "ignored" in self._load_args

    def may_lack(self, columns: Sequence[str]) -> None:
        """Let the rows lack these declared columns too."""
        optional = self._load_args.get("optional", ())
        self._load_args["optional"] = sorted({*optional, *columns})

    @abstractmethod
    def _read(self, spark: SparkSession) -> CheckedRows:
        """Read and check the rows; raise InputDataError for what is not as declared."""

    def _load(self) -> DataFrame:
        """Read and check the rows.

        Raises:
            InputDataError: What is not as declared. Kedro wraps it in a DatasetError, as its
                ``__cause__``.
        """
        spark = spark_of_datasets()
        self._release()
        read = self._read(spark)
        self.repaired, self._persisted = read.repaired, read.persisted
        return read.rows

    def _release(self) -> None:
        """Unpersist the rows of the last load."""
        rows = self._persisted
        if rows is not None and rows.sparkSession.sparkContext._jsc is not None:
            unpersist(rows)
        self._persisted = None
        super()._release()  # type: ignore[misc]  # Kedro's dataset

    def _save(self, data: Any) -> None:
        raise DatasetError(
            f"{type(self).__name__} is read-only: raw data is never written by a run."
        )


class CheckedDataset(ChecksRows, SparkDatasetV2):  # type: ignore[misc]
    """Files that are checked against a declared schema when they are loaded."""

    def __init__(self, **arguments: Any) -> None:
        """Take the arguments of ``SparkDatasetV2``.

        Raises:
            DatasetError: ``order`` in load_args is neither true nor false, or rows to score are to
                be numbered.
        """
        super().__init__(**arguments)
        self._begin()
        order = self._load_args.get("order", False)
        if not isinstance(order, bool) or (order and self.reads_rows_to_score):
            raise DatasetError(
                "`order` in load_args must be true or false, and true only for rows to train on: "
                "those to score, with `ignored`, need no number. Correct it in the catalog."
            )

    def _first_file(self) -> str:
        """Return the first file of a file, a folder or a pattern, found without Spark."""
        system, root = fsspec.core.url_to_fs(self._spark_path)
        roots = [root] if system.exists(root) else system.glob(root)
        files = (path for found in roots for path in system.find(found))
        names = [path for path in files if path.rsplit("/", 1)[-1][0] not in "._"]
        return str(system.unstrip_protocol(min(names)))

    def _load(self) -> DataFrame:
        refuse_web(self._spark_path)
        finish_swap(spark_of_datasets(), self._spark_path)  # the generator may have been killed
        return super()._load()

    def _exists(self) -> bool:
        try:
            find_files(spark_of_datasets(), self._spark_path)
        except InputDataError:
            return False
        return True

    def _get_filesystem_ops(self, *_: Any) -> tuple[None, None]:
        """Do without fsspec's file system: only versioned datasets need one, Spark reads this."""
        return None, None
