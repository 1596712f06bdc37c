"""Kedro's datasets of one file, which here are replaced and read only with complete content."""

from contextlib import suppress
from copy import copy
from json import JSONDecodeError
from typing import Any

from kedro_datasets.json import JSONDataset as KedroJSONDataset
from kedro_datasets.plotly import JSONDataset as KedroPlotlyDataset
from kedro_datasets.text import TextDataset as KedroTextDataset

from bank_spark_dl.datasets.absent import not_there
from bank_spark_dl.errors import InputDataError


class WholeFile:
    """Saves to a hidden file beside its own and renames it, on any file system of fsspec."""

    def load(self) -> Any:
        """Read the file.

        Raises:
            InputDataError: Nothing is there, or no text, or no JSON where there should be: cut or
                changed by hand.
        """
        path: Any = self._filepath  # type: ignore[attr-defined]
        try:
            return super().load.__wrapped__(self)  # type: ignore[misc]
        except FileNotFoundError as error:
            raise not_there(path) from error
        except (JSONDecodeError, UnicodeDecodeError) as error:
            raise InputDataError(
                f"{path} was cut or changed since it was written ({error}). Restore it, or delete "
                "it and run the pipeline that makes it, or all with kedro run."
            ) from error

    def save(self, data: Any) -> None:
        """Replace the file when the new one is completely written."""
        dataset: Any = self
        target = dataset._filepath
        beside = target.with_name(f".{target.name}.new")
        writer = copy(dataset)
        writer._filepath = beside
        try:
            super().save.__wrapped__(writer, data)  # type: ignore[misc]
            dataset._fs.mv(str(beside), str(target))
        except BaseException:
            with suppress(OSError):
                dataset._fs.rm(str(beside))
            raise


class JSONDataset(WholeFile, KedroJSONDataset):  # type: ignore[misc]
    """A JSON document."""


class PlotlyDataset(WholeFile, KedroPlotlyDataset):  # type: ignore[misc]
    """A Plotly figure as JSON."""


class TextDataset(WholeFile, KedroTextDataset):  # type: ignore[misc]
    """A text file."""
