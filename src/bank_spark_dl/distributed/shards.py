"""Shards: each worker's rows as one file on the executor's local disk.

A shard is written by the task that receives its rows, straight from Arrow batches, and mapped into
memory by whichever Python process trains on it. Spark keeps only a small handle for each shard.
When an executor is lost, so are its handles; Spark computes them again elsewhere, which writes the
same bytes there.
"""

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from pyspark import TaskContext

HANDLE_SCHEMA = "worker int, training_rows long, validation_rows long, width int, digest string"


@dataclass(frozen=True)
class ShardHandle:
    """What Spark remembers of a shard.

    Attributes:
        worker: Number of the worker it belongs to.
        training_rows: Rows to train on; they come first.
        validation_rows: Rows to validate on; they follow.
        width: Columns: the features and, last, the label.
        digest: SHA-256 of the file's bytes.
    """

    worker: int
    training_rows: int
    validation_rows: int
    width: int
    digest: str

    @property
    def rows(self) -> int:
        """All rows of the shard."""
        return self.training_rows + self.validation_rows


@dataclass(frozen=True)
class ShardStore:
    """Where the shards of one training lie: a folder in each executor's local directory.

    Attributes:
        token: Names the training, so that two of them never share a file.
    """

    token: str

    def path(self, worker: int) -> Path:
        """Path of a worker's shard on this executor."""
        # Spark hands its executor's own scratch directories to Python workers and removes them.
        root = os.environ.get("SPARK_LOCAL_DIRS", tempfile.gettempdir()).split(",")[0]
        return Path(root) / f"shards-{self.token}" / f"{worker}.float32"

    def open(self, handle: ShardHandle) -> npt.NDArray[np.float32] | None:
        """Map a shard into memory.

        Returns:
            Array (rows, width) float32, read-only; None if this executor does not have it.
        """
        path = self.path(handle.worker)
        size = handle.rows * handle.width * np.dtype(np.float32).itemsize
        if not path.exists() or path.stat().st_size != size:
            return None
        return np.memmap(path, dtype="<f4", mode="r", shape=(handle.rows, handle.width))

    def remove(self) -> None:
        """Delete all shards of this training on this executor."""
        shutil.rmtree(self.path(0).parent, ignore_errors=True)

    def write(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Write one partition's rows to its file; a function for `DataFrame.mapInArrow`.

        Args:
            batches: Columns `label`, `features` and `validation`, rows in their final order.

        Yields:
            One row: the shard's handle.

        Raises:
            RuntimeError: A row belongs to another worker's shard.
        """
        worker = TaskContext.get().partitionId()  # type: ignore[union-attr]
        path = self.path(worker)
        path.parent.mkdir(parents=True, exist_ok=True)
        digest, rows, held_back, width = hashlib.sha256(), 0, 0, 0
        with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
            for batch in batches:
                if batch.num_rows == 0:
                    continue
                if (batch["worker"].to_numpy() != worker).any():
                    raise RuntimeError(f"Partition {worker} received another worker's rows.")
                block = dense_block(batch)
                rows, width = rows + len(block), block.shape[1]
                held_back += batch["validation"].true_count
                digest.update(block.data)
                file.write(block.data)
        Path(file.name).replace(path)
        handle = [[worker], [rows - held_back], [held_back], [width], [digest.hexdigest()]]
        types = [pa.int32(), pa.int64(), pa.int64(), pa.int32(), pa.string()]
        arrays = [pa.array(value, type_) for value, type_ in zip(handle, types, strict=True)]
        names = ["worker", "training_rows", "validation_rows", "width", "digest"]
        yield pa.RecordBatch.from_arrays(arrays, names)


def dense_block(batch: pa.RecordBatch) -> npt.NDArray[np.float32]:
    """Lay features and label of an Arrow batch side by side.

    Args:
        batch: Columns `features` (list of float) and `label` (double), at least one row.

    Returns:
        Array (rows, n_features + 1) float32, C-contiguous, the label last.
    """
    features = batch["features"].flatten().to_numpy().reshape(batch.num_rows, -1)
    block = np.empty((batch.num_rows, features.shape[1] + 1), dtype="<f4")
    block[:, :-1] = features
    block[:, -1] = batch["label"].to_numpy()
    return block
