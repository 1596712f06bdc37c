"""Writing shards: one task for each, straight from Arrow batches."""

import hashlib
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from pyspark import TaskContext

from bank_spark_dl.distributed.data.row_check import row_problems
from bank_spark_dl.distributed.data.shards import ShardHandle, ShardStore

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
class ShardWriter:
    """Writes the rows of a partition to its worker's shard.

    Attributes:
        store: Where the files go.
        num_features: Numbers that the network takes.
    """

    store: ShardStore
    num_features: int

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
        path = self.store.path(worker)
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
