"""Keep each worker's rows as one file on the executor's local disk: its shard.

A shard is written by the task that receives its rows, see `shard_writer`, and read by
whichever Python process trains on it: mapped into memory, or block by block if it is large. Spark
keeps only a small handle for each shard. When an executor is lost, so are its handles; Spark
computes them again elsewhere, which writes the same bytes there.
"""

import os
import shutil
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

FLOAT_BYTES = np.dtype(np.float32).itemsize
MIB = 2**20


@dataclass(frozen=True)
class ShardHandle:
    """A shard's description, which Spark keeps.

    Attributes:
        worker: Number of the worker it belongs to.
        training_rows: Training rows; they come first.
        validation_rows: Validation rows; they follow.
        width: Columns: the features, the weight if rows have weights, and the label.
        digest: SHA-256 of the file's bytes.
        row_error: Error of its first invalid row, see `find_row_errors`; 0 if all are valid. With
            an error, the file is not complete.
        row_hash: That row's hash, see `partitioning.hashed_rows`.
    """

    worker: int
    training_rows: int
    validation_rows: int
    width: int
    digest: str
    row_error: int = 0
    row_hash: int = 0

    @property
    def rows(self) -> int:
        """All rows of the shard."""
        return self.training_rows + self.validation_rows

    @property
    def bytes(self) -> int:
        """Size of the shard's file."""
        return self.rows * self.width * FLOAT_BYTES


@dataclass(frozen=True)
class Shard:
    """The rows of a shard on this executor.

    Attributes:
        path: Its file.
        rows: All its rows.
        width: Columns: the features, the weight if rows have weights, and the label.
        mapped: Whether all of it is mapped into memory; else it is read block by block.
    """

    path: Path
    rows: int
    width: int
    mapped: bool

    def read(self, first: int, last: int) -> npt.NDArray[np.float32]:
        """Return consecutive rows, (last - first, width) float32, read-only."""
        if self.mapped:
            return mapped_shard(self)[first:last]
        return shard_block(self, first, last)


@lru_cache(maxsize=1)
def mapped_shard(shard: Shard) -> npt.NDArray[np.float32]:
    """Map a whole shard into memory."""
    return np.memmap(shard.path, dtype="<f4", mode="r", shape=(shard.rows, shard.width))


@lru_cache(maxsize=1)
def shard_block(shard: Shard, first: int, last: int) -> npt.NDArray[np.float32]:
    """Read rows of a shard from the disk; the last block read is cached."""
    row_bytes = shard.width * FLOAT_BYTES
    values = np.fromfile(
        shard.path, dtype="<f4", count=(last - first) * shard.width, offset=first * row_bytes
    )
    return values.reshape(last - first, shard.width)


@dataclass(frozen=True)
class ShardStore:
    """The folder of a set of shards, in each executor's local directory.

    Attributes:
        token: Names the set, so that two of them never share a file.
        max_mb: Largest shard that is mapped into memory, in mebibytes; larger ones are read block
            by block.
    """

    token: str
    max_mb: float

    def path(self, worker: int) -> Path:
        """Path of a worker's shard on this executor."""
        return self._folder / f"{worker}.float32"

    @property
    def _folder(self) -> Path:
        return self._root() / f"shards-{self.token}"

    def _root(self) -> Path:
        # Spark hands its executor's own scratch directories to Python workers and removes them.
        return Path(os.environ.get("SPARK_LOCAL_DIRS", tempfile.gettempdir()).split(",")[0])

    def open(self, handle: ShardHandle) -> Shard | None:
        """Find a shard on this executor; None if it is not here."""
        path = self.path(handle.worker)
        if not path.exists() or path.stat().st_size != handle.bytes:
            return None
        return Shard(path, handle.rows, handle.width, self.maps(handle.bytes))

    def maps(self, size: int) -> bool:
        """Tell whether a shard of so many bytes is mapped as a whole."""
        return size <= self.max_mb * MIB

    def free_bytes(self) -> int:
        """Return the room left on the disk of this executor's shards."""
        return shutil.disk_usage(self._root()).free

    def remove(self) -> None:
        """Delete all shards of this set on this executor."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def forbid(self) -> None:
        """Delete all shards of this set on this executor, and let no task write one any more.

        Spark does not wait for tasks that it cancels. A file in the folder's place stops them; it
        goes with Spark's own scratch directories.
        """
        while not self._folder.is_file():
            self.remove()
            with suppress(FileExistsError):  # a task has just made the folder again
                self._folder.touch(exist_ok=False)
