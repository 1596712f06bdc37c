"""A read-only Kedro dataset: a table that another dataset loads, checked against a schema."""

from typing import Any

from kedro.io import AbstractDataset
from kedro.io.core import DatasetError
from pyspark.sql import DataFrame, SparkSession

from bank_spark_dl.csv_validation import CheckedRows, load_schema
from bank_spark_dl.datasets.checked import ChecksRows
from bank_spark_dl.datasets.loaded_table import load_table
from bank_spark_dl.frame_validation import check_table

_ARGUMENTS = frozenset({"schema", "ignored", "optional"})


class CheckedTableDataset(ChecksRows, AbstractDataset[Any, DataFrame]):
    """A table of a database, say; loading raises a validation error for undeclared content.

    ``dataset`` is what the catalog says of the dataset that loads it, ``name`` what messages call
    it; ``load_args`` hold what `CheckedFrameDataset` takes but ``order``: a table has none::

        bank_raw:
          type: bank_spark_dl.datasets.CheckedTableDataset
          name: customers
          dataset: {type: spark.SparkJDBCDataset, url: "jdbc:...", table: customers}
          load_args: {schema: {filepath: conf/base/schema/customers.json}}
    """

    def __init__(
        self,
        *,
        name: str,
        dataset: dict[str, Any],
        load_args: dict[str, Any],
        metadata: dict[str, Any] | None = None,
    ) -> None:
        """Name the dataset that loads the table.

        Args:
            name: What messages call the table.
            dataset: Configuration of a dataset that loads a Spark or a pandas frame.
            load_args: ``schema``, ``ignored``, ``optional``.
            metadata: For Kedro-Viz.

        Raises:
            DatasetError: No schema is given, or load_args hold other keys.
        """
        if "schema" not in load_args or load_args.keys() - _ARGUMENTS:
            raise DatasetError(
                "CheckedTableDataset takes `schema: {filepath: ...}`, and ignored and optional, in "
                f"load_args, not {', '.join(load_args) or 'nothing'}. Correct it in the catalog."
            )
        self._name = name
        self._dataset: AbstractDataset[Any, Any] = AbstractDataset.from_config(name, dataset)
        self._schema_file: str = load_args["schema"]["filepath"]
        self._load_args = {key: value for key, value in load_args.items() if key != "schema"}
        self.metadata = metadata
        self._begin()

    def _read(self, spark: SparkSession) -> CheckedRows:
        table = load_table(self._name, self._dataset)
        return check_table(table, self._name, load_schema(self._schema_file), **self._load_args)

    def _describe(self) -> dict[str, Any]:
        """Say where the table lies if it is a file: a run must not write there."""
        place = self._dataset._describe()
        return {"name": self._name} | {
            key: place[key] for key in ("filepath", "protocol") if key in place
        }
