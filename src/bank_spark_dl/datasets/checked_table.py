"""A read-only Kedro dataset: a table that another dataset loads, checked against a schema."""

from collections.abc import Mapping
from typing import Any

from kedro.io import AbstractDataset
from kedro.io.core import DatasetError
from pyspark.sql import DataFrame, SparkSession

from bank_spark_dl.csv_validation import CheckedRows, load_schema
from bank_spark_dl.datasets.checked import ChecksRows
from bank_spark_dl.datasets.loaded_table import load_table
from bank_spark_dl.frame_validation import check_table

_ARGUMENTS = frozenset({"ignored", "optional"})


class CheckedTableDataset(ChecksRows, AbstractDataset[Any, DataFrame]):
    """A table of a database, say; loading raises a validation error for undeclared content.

    ``dataset`` is what the catalog says of the dataset that loads it, ``name`` what messages call
    it; ``load_args`` hold what `CheckedFrameDataset` takes but ``order``: a table has none::

        bank_raw:
          type: bank_spark_dl.datasets.CheckedTableDataset
          name: customers
          dataset: {type: spark.SparkJDBCDataset, url: "jdbc:...", table: customers}
          load_args: {schema: {filepath: conf/base/schema/customers.json}}

    Attributes:
        table: Its name.
    """

    def __init__(
        self,
        *,
        name: str,
        dataset: dict[str, Any],
        load_args: Mapping[str, Any] | None = None,
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
        arguments = dict(load_args or {})
        schema = arguments.pop("schema", None)
        if not isinstance(schema, Mapping) or "filepath" not in schema:
            raise DatasetError(
                f"CheckedTableDataset needs `schema: {{filepath: ...}}` in load_args to check the "
                f"table {name}. Set it in the catalog."
            )
        if unknown := sorted(arguments.keys() - _ARGUMENTS):
            raise DatasetError(
                "CheckedTableDataset takes schema, ignored and optional in load_args, "
                f"not {', '.join(unknown)}. Remove it."
            )
        self.table = name
        self._dataset: AbstractDataset[Any, Any] = AbstractDataset.from_config(name, dataset)
        self._schema_file: str = schema["filepath"]
        self._load_args = arguments
        self.metadata = metadata
        self._begin()

    def _read(self, spark: SparkSession) -> CheckedRows:
        table = load_table(self.table, self._dataset)
        return check_table(table, self.table, load_schema(self._schema_file), **self._load_args)

    def _describe(self) -> dict[str, Any]:
        """Say where the table lies if it is a file: a run must not write there."""
        place = self._dataset._describe()
        return {"name": self.table} | {
            key: place[key] for key in ("filepath", "protocol") if key in place
        }
