"""Keras models on disk."""

import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

import fsspec  # type: ignore[import-untyped]
from kedro.io import AbstractDataset

from bank_spark_dl.datasets.absent import not_there
from bank_spark_dl.datasets.sealed import require_sealed, seal


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
        from bank_spark_dl.distributed import load_keras

        with tempfile.TemporaryDirectory() as folder:
            local = Path(folder) / "model.keras"
            try:
                with fsspec.open(self._filepath, "rb") as file:
                    local.write_bytes(file.read())
            except FileNotFoundError as error:
                raise not_there(self._filepath) from error
            require_sealed(local, self._filepath)
            return load_keras().saving.load_model(local, compile=False, safe_mode=True)

    def save(self, data: Any) -> None:
        """Replace the file when the new one is completely written."""
        system, path = fsspec.core.url_to_fs(self._filepath)
        parent, _, name = path.rpartition("/")
        system.makedirs(parent, exist_ok=True)
        beside = f"{parent}/.{name}.new"
        try:
            with tempfile.TemporaryDirectory() as folder:
                local = Path(folder) / "model.keras"
                data.save(local)
                seal(local)
                system.put(str(local), beside)
            system.mv(beside, path)
        except BaseException:
            with suppress(OSError):
                system.rm(beside)
            raise

    def _exists(self) -> bool:
        system, path = fsspec.core.url_to_fs(self._filepath)
        return bool(system.exists(path))

    def _describe(self) -> dict[str, Any]:
        return {"filepath": self._filepath}
