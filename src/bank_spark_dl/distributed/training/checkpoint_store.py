"""Keep checkpoints in a folder of a local disk, or of a file system that PyArrow reaches."""

import os
import re
import shutil
import tempfile
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path

from bank_spark_dl.errors import ParameterError, SurroundingsError

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:/")
_HADOOPS_OWN = re.compile(r"s3[an]://")
"""Schemes of Hadoop's for what PyArrow calls s3://."""


class CheckpointStore(ABC):
    """A folder of files by name.

    Attributes:
        polling: Seconds between two looks at it.
    """

    polling: float

    @abstractmethod
    def make(self) -> None:
        """Make the folder, if it is not there."""

    @abstractmethod
    def names(self) -> list[str]:
        """Return the files' names in order; none where there is no folder."""

    @abstractmethod
    def path(self, name: str) -> str:
        """Return a file's path or URI, for messages."""

    @abstractmethod
    def opened(self, name: str) -> AbstractContextManager[Path]:
        """Return a context manager that yields a local path to read a file from."""

    @abstractmethod
    def write(self, name: str, unfinished: str) -> AbstractContextManager[Path]:
        """Return a context manager that yields a local path to write a new file to.

        Args:
            name: Of the file, which is there when the block has ended, whole or not at all.
            unfinished: Its name until then.
        """

    @abstractmethod
    def touch(self, name: str) -> None:
        """Write an empty file."""

    @abstractmethod
    def delete(self, name: str) -> None:
        """Delete a file, if it is there."""

    @abstractmethod
    def takes_files(self) -> bool:
        """Tell whether files can be written, as far as that is known without writing one."""


class LocalStore(CheckpointStore):
    """A folder on a local disk, or one that is mounted."""

    polling = 0.1

    def __init__(self, path: str) -> None:
        """Take the folder; `~` stands for the user's home, as in a shell."""
        # Path.expanduser fails where nobody has the name.
        self._folder = Path(os.path.expanduser(path))  # noqa: PTH111

    def make(self) -> None:
        """Make the folder, and those above it."""
        self._folder.mkdir(parents=True, exist_ok=True)

    def names(self) -> list[str]:
        """Return the files' names."""
        return sorted(path.name for path in self._folder.glob("*"))

    def path(self, name: str) -> str:
        """Return a file's path."""
        return str(self._folder / name)

    @contextmanager
    def opened(self, name: str) -> Iterator[Path]:
        """Yield the file's path."""
        yield self._folder / name

    @contextmanager
    def write(self, name: str, unfinished: str) -> Iterator[Path]:
        """Yield the path of the unfinished file, and rename it."""
        self.make()
        path = self._folder / unfinished
        yield path
        path.replace(self._folder / name)

    def touch(self, name: str) -> None:
        """Write an empty file."""
        self.make()
        (self._folder / name).touch()

    def delete(self, name: str) -> None:
        """Delete a file, if it is there."""
        (self._folder / name).unlink(missing_ok=True)

    def takes_files(self) -> bool:
        """Ask the operating system."""
        return os.access(self._folder, os.W_OK | os.X_OK)


class RemoteStore(CheckpointStore):
    """A folder that driver and executors reach by a URI; files pass through their local disks."""

    polling = 2.0

    def __init__(self, uri: str) -> None:
        """Take the URI.

        Raises:
            ParameterError: PyArrow knows no file system of that scheme.
            SurroundingsError: The file system cannot be reached.
        """
        from pyarrow import ArrowInvalid
        from pyarrow.fs import FileSystem

        self._uri = uri
        try:
            self._system, self._folder = FileSystem.from_uri(_HADOOPS_OWN.sub("s3://", uri))
        except ArrowInvalid as error:
            raise ParameterError(
                f"checkpoint_dir is {uri!r}, which no file system of PyArrow fits: name a folder "
                "on disk, or a URI such as hdfs://, s3://, gs:// or abfs://."
            ) from error
        except OSError as error:
            raise SurroundingsError(
                f"The folder checkpoint_dir={uri!r} cannot be reached: {error}. Name another."
            ) from error

    def make(self) -> None:
        """Make the folder, and those above it."""
        self._system.create_dir(self._folder, recursive=True)

    def names(self) -> list[str]:
        """Return the files' names."""
        from pyarrow.fs import FileSelector

        found = self._system.get_file_info(FileSelector(self._folder, allow_not_found=True))
        return sorted(info.base_name for info in found if info.is_file)

    def path(self, name: str) -> str:
        """Return a file's URI."""
        return f"{self._uri}/{name}"

    @contextmanager
    def opened(self, name: str) -> Iterator[Path]:
        """Yield the path of a local copy."""
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / name
            with (
                self._system.open_input_stream(f"{self._folder}/{name}") as source,
                path.open("wb") as target,
            ):
                shutil.copyfileobj(source, target)
            yield path

    @contextmanager
    def write(self, name: str, unfinished: str) -> Iterator[Path]:
        """Yield a local path, copy the file and rename the copy."""
        self.make()
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / name
            yield path
            with (
                path.open("rb") as source,
                self._system.open_output_stream(f"{self._folder}/{unfinished}") as target,
            ):
                shutil.copyfileobj(source, target)
        self._system.move(f"{self._folder}/{unfinished}", f"{self._folder}/{name}")

    def touch(self, name: str) -> None:
        """Write an empty file."""
        self.make()
        self._system.open_output_stream(f"{self._folder}/{name}").close()

    def delete(self, name: str) -> None:
        """Delete a file, if it is there."""
        with suppress(FileNotFoundError):
            self._system.delete_file(f"{self._folder}/{name}")

    def takes_files(self) -> bool:
        """Say yes: only writing would tell."""
        return True


def store_at(path: str) -> CheckpointStore:
    """Return the store of a local path or a URI.

    Raises:
        ParameterError: There is no such file system.
        SurroundingsError: It cannot be reached.
    """
    return RemoteStore(path) if _SCHEME.match(path) else LocalStore(path)
