"""Keras models on disk."""

import tempfile
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import fsspec  # type: ignore[import-untyped]
from kedro.io import AbstractDataset

from bank_spark_dl.datasets.atomic_files import replaced_file
from bank_spark_dl.distributed.checksums import Saved, require_sealed, seal_archive
from bank_spark_dl.distributed.runtime.keras_import import load_keras
from bank_spark_dl.distributed.runtime.safe_keras import refuse_code
from bank_spark_dl.errors import NotWrittenError


class KerasModelDataset(AbstractDataset[Any, Any]):
    """A Keras model in Keras's own format, `.keras`; TensorFlow is imported only when it is used.

    Kedro's own dataset imports TensorFlow, which takes seconds, for every command.
    """

    _SINGLE_PROCESS = True

    def __init__(self, *, filepath: str, metadata: dict[str, Any] | None = None) -> None:
        """Name the model's file.

        Args:
            filepath: Local path or URI of a file system that fsspec knows; ends in `.keras`.
            metadata: For Kedro-Viz.
        """
        self._filepath = filepath
        self.metadata = metadata

    def load(self) -> Any:
        """Load the model, uncompiled.

        Raises:
            InputDataError: Nothing is there, or not what was saved, or it holds code. Kedro wraps
                it in a DatasetError.
        """
        with tempfile.TemporaryDirectory() as folder:
            local = Path(folder) / "model.keras"
            try:
                with fsspec.open(self._filepath, "rb") as file:
                    local.write_bytes(file.read())
            except FileNotFoundError as error:
                raise NotWrittenError(self._filepath) from error
            saved = Saved(f"The network {self._filepath}", "Run the pipeline that writes it again.")
            require_sealed(local, saved)
            with saved.readable("config.json cannot be read"), ZipFile(local) as archive:
                refuse_code(archive.read("config.json").decode(), self._filepath)
            return load_keras().saving.load_model(local, compile=False, safe_mode=True)

    def save(self, data: Any) -> None:
        """Replace the file when the new one is completely written."""
        system, path = fsspec.core.url_to_fs(self._filepath)
        system.makedirs(path.rpartition("/")[0], exist_ok=True)
        with tempfile.TemporaryDirectory() as folder, replaced_file(system, path) as beside:
            local = Path(folder) / "model.keras"
            data.save(local)
            seal_archive(local)
            system.put(str(local), beside)

    def _exists(self) -> bool:
        system, path = fsspec.core.url_to_fs(self._filepath)
        return bool(system.exists(path))

    def _describe(self) -> dict[str, Any]:
        return {"filepath": self._filepath}
