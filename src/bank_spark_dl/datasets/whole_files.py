"""Kedro's datasets of one file, which here replace only with complete content."""

from contextlib import suppress
from copy import copy
from typing import Any

from kedro_datasets.json import JSONDataset as KedroJSONDataset
from kedro_datasets.plotly import JSONDataset as KedroPlotlyDataset
from kedro_datasets.text import TextDataset as KedroTextDataset


class WholeFile:
    """Saves to a hidden file beside its own and renames it, on any file system of fsspec."""

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
