"""Shards: each worker's rows as one file on the executor's local disk.

A shard is written by the task that receives its rows, straight from Arrow batches, and read by
whichever Python process trains on it: mapped into memory, or block by block if it is large. Spark
keeps only a small handle for each shard. When an executor is lost, so are its handles; Spark
computes them again elsewhere, which writes the same bytes there.
"""

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import IO

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from pyspark import TaskContext

from bank_spark_dl.distributed.row_problems import row_problems

FLOAT_BYTES = np.dtype(np.float32).itemsize
MIB = 2**20
HANDLE_TYPES = {
    "worker": pa.int32(),
    "training_rows": pa.int64(),
    "validation_rows": pa.int64(),
    "width": pa.int32(),
    "digest": pa.string(),
    "problem": pa.int64(),
    "place": pa.int64(),
}
HANDLE_SCHEMA = (
    "worker int, training_rows long, validation_rows long, width int, digest string, "
    "problem long, place long"
)


@dataclass(frozen=True)
class ShardHandle:
    """What Spark remembers of a shard.

    Attributes:
        worker: Number of the worker it belongs to.
        training_rows: Rows to train on; they come first.
        validation_rows: Rows to validate on; they follow.
        width: Columns: the features and, last, the label.
        digest: SHA-256 of the file's bytes.
        problem: What keeps a row of it from being trained on, see `row_problems`; 0 if nothing
            does. With a problem, the file is not whole.
        place: That row's place, see `layout.hashed_rows`.
    """

    worker: int
    training_rows: int
    validation_rows: int
    width: int
    digest: str
    problem: int = 0
    place: int = 0

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
        width: Columns: the features and, last, the label.
        mapped: Whether all of it is mapped into memory; else only what is asked for is read.
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
    """Read rows of a shard from the disk; the last ones asked for are kept."""
    row_bytes = shard.width * FLOAT_BYTES
    values = np.fromfile(
        shard.path, dtype="<f4", count=(last - first) * shard.width, offset=first * row_bytes
    )
    return values.reshape(last - first, shard.width)


@dataclass(frozen=True)
class ShardStore:
    """Where the shards of one training lie: a folder in each executor's local directory.

    Attributes:
        token: Names the training, so that two of them never share a file.
        max_mb: Mebibytes of a shard that is mapped into memory as a whole; a larger one is read
            block by block.
        num_features: Features of a row.
    """

    token: str
    max_mb: float
    num_features: int

    def path(self, worker: int) -> Path:
        """Path of a worker's shard on this executor."""
        # Spark hands its executor's own scratch directories to Python workers and removes them.
        root = os.environ.get("SPARK_LOCAL_DIRS", tempfile.gettempdir()).split(",")[0]
        return Path(root) / f"shards-{self.token}" / f"{worker}.float32"

    def open(self, handle: ShardHandle) -> Shard | None:
        """Find a shard on this executor; None if it is not here."""
        path = self.path(handle.worker)
        if not path.exists() or path.stat().st_size != handle.bytes:
            return None
        return Shard(path, handle.rows, handle.width, self.maps(handle.bytes))

    def maps(self, size: int) -> bool:
        """Tell whether a shard of so many bytes is mapped as a whole."""
        return size <= self.max_mb * MIB

    def remove(self) -> None:
        """Delete all shards of this training on this executor."""
        shutil.rmtree(self.path(0).parent, ignore_errors=True)

    def write(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Write one partition's rows to its file; a function for `DataFrame.mapInArrow`.

        Args:
            batches: Columns `worker`, `label`, `features`, `validation` and `place`, rows in their
                final order.

        Yields:
            One row: the shard's handle.

        Raises:
            RuntimeError: A row belongs to another worker's shard.
        """
        worker = TaskContext.get().partitionId()  # type: ignore[union-attr]
        path = self.path(worker)
        path.parent.mkdir(parents=True, exist_ok=True)
        with new_file(path) as file:
            handle = self._write(file, worker, batches)
        arrays = [pa.array([getattr(handle, name)], kind) for name, kind in HANDLE_TYPES.items()]
        yield pa.RecordBatch.from_arrays(arrays, list(HANDLE_TYPES))

    def _write(
        self, file: IO[bytes], worker: int, batches: Iterable[pa.RecordBatch]
    ) -> ShardHandle:
        """Write rows up to the first that cannot be trained on; read the others too."""
        digest, rows, held_back, problem, place = hashlib.sha256(), 0, 0, 0, 0
        for batch in batches:
            if batch.num_rows == 0 or problem:
                continue
            if (batch["worker"].to_numpy() != worker).any():
                raise RuntimeError(f"Partition {worker} received another worker's rows.")
            values, widths = flat_features(batch)
            problems = row_problems(values, widths, self.num_features)
            if problems.any():
                first = int(np.flatnonzero(problems)[0])
                problem, place = int(problems[first]), batch["place"][first].as_py()
                continue
            block = dense_block(values.reshape(len(widths), -1), batch["label"].to_numpy())
            rows += len(block)
            held_back += batch["validation"].true_count
            digest.update(block.data)
            file.write(block.data)
        counts = (rows - held_back, held_back, self.num_features + 1)
        return ShardHandle(worker, *counts, digest.hexdigest(), problem, place)


@contextmanager
def new_file(path: Path) -> Iterator[IO[bytes]]:
    """Open a file that is at its path when the block ends, whole, and nowhere if it fails."""
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
        try:
            yield file
        except BaseException:
            Path(file.name).unlink()
            raise
    Path(file.name).replace(path)


def flat_features(
    batch: pa.RecordBatch,
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.int64]]:
    """Return the features of an Arrow batch as `row_problems` takes them.

    Returns:
        The values of the column `features` (list of float), one row after the other; null is NaN.
        And how many each row has, (rows,); -1 where a row has none.
    """
    features = batch["features"]
    widths = features.value_lengths().fill_null(-1).to_numpy().astype(np.int64)
    return features.flatten().to_numpy(zero_copy_only=False), widths


def dense_block(
    features: npt.NDArray[np.float32], label: npt.NDArray[np.float64]
) -> npt.NDArray[np.float32]:
    """Lay features (rows, n_features) and label (rows,) side by side, the label last."""
    block = np.empty((len(label), features.shape[1] + 1), dtype="<f4")
    block[:, :-1] = features
    block[:, -1] = label
    return block
