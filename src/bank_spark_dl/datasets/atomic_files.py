"""Kedro's datasets of one file, written atomically: readers see the old content or the new."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from copy import copy
from json import JSONDecodeError
from pathlib import PurePosixPath
from typing import Any

from kedro_datasets.json import JSONDataset as KedroJSONDataset
from kedro_datasets.plotly import JSONDataset as KedroPlotlyDataset
from kedro_datasets.text import TextDataset as KedroTextDataset

from bank_spark_dl.errors import InputDataError, NotWrittenError


@contextmanager
def replaced_file(system: Any, path: str) -> Iterator[str]:
    """Yield a hidden path beside a file, which replaces the file when the block is done.

    Args:
        system: The file system, of fsspec.
        path: The file's path on it.
    """
    folder, slash, name = path.rpartition("/")
    beside = f"{folder}{slash}.{name}.new"
    try:
        yield beside
        system.mv(beside, path)
    except BaseException:
        with suppress(OSError):
            system.rm(beside)
        raise


class AtomicFile:
    """Saves to a hidden file beside its own and renames it, on any file system of fsspec."""

    def load(self) -> Any:
        """Read the file.

        Raises:
            InputDataError: Nothing is there, or it is no text or no JSON: cut, or changed by hand.
        """
        path: Any = self._filepath  # type: ignore[attr-defined]
        try:
            return super().load.__wrapped__(self)  # type: ignore[misc]
        except FileNotFoundError as error:
            raise NotWrittenError(path) from error
        except (JSONDecodeError, UnicodeDecodeError) as error:
            raise InputDataError(
                f"{path} was cut or changed since it was written ({error}). Restore it, or delete "
                "it and run the pipeline that makes it, or all with kedro run."
            ) from error

    def save(self, data: Any) -> None:
        """Replace the file when the new one is completely written."""
        dataset: Any = self
        writer = copy(dataset)
        with replaced_file(dataset._fs, str(dataset._filepath)) as beside:
            writer._filepath = PurePosixPath(beside)
            super().save.__wrapped__(writer, data)  # type: ignore[misc]


class JSONDataset(AtomicFile, KedroJSONDataset):  # type: ignore[misc]
    """A JSON document."""


class PlotlyDataset(AtomicFile, KedroPlotlyDataset):  # type: ignore[misc]
    """A Plotly figure as JSON."""


class TextDataset(AtomicFile, KedroTextDataset):  # type: ignore[misc]
    """A text file."""
