"""Identify a table that is no file by the content of its rows."""

from typing import Any

from kedro.io import AbstractDataset, DatasetError

from bank_spark_dl.datasets.loaded_table import load_table
from bank_spark_dl.ml.raw_source import RawSource
from bank_spark_dl.spark.row_hash import hash_rows


class TableSourceDataset(AbstractDataset[Any, RawSource]):
    """What a raw table is: the name of its dataset, and a hash of its rows in any order."""

    _SINGLE_PROCESS = True
    READ_ONLY = True

    def __init__(
        self, *, name: str, dataset: dict[str, Any], metadata: dict[str, Any] | None = None
    ) -> None:
        """Name the dataset that loads the table.

        Args:
            name: Its name.
            dataset: Its configuration in the catalog.
            metadata: For Kedro-Viz.
        """
        self._name = name
        self._dataset: AbstractDataset[Any, Any] = AbstractDataset.from_config(name, dataset)
        self.metadata = metadata

    def load(self) -> RawSource:
        """Read the rows once.

        Raises:
            InputDataError: There is no table. Kedro wraps it in a DatasetError.
        """
        return RawSource(self._name, hash_rows(load_table(self._name, self._dataset)), False)

    def save(self, data: Any) -> None:
        """Refuse: raw data is read only."""
        raise DatasetError(f"{self._name} is raw data and is never written.")

    def _describe(self) -> dict[str, Any]:
        return {"name": self._name}
