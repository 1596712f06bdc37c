"""Write shards from Arrow batches, one task for each shard."""

import hashlib
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from pyspark import TaskContext

from bank_spark_dl.distributed.data.row_check import find_row_errors
from bank_spark_dl.distributed.data.shards import ShardHandle, ShardStore


@dataclass(frozen=True)
class ShardWriter:
    """Writes the rows of a partition to its worker's shard.

    Attributes:
        store: Where the files go.
        num_features: Numbers that the network takes.
        rows: Rows of each worker, as they were counted.
        weighted: Whether rows have weights.
    """

    store: ShardStore
    num_features: int
    rows: Sequence[int]
    weighted: bool = False

    @property
    def last_columns(self) -> list[str]:
        """Columns that follow the features in a shard."""
        return ["weight", "label"] if self.weighted else ["label"]

    def write(self, batches: Iterable[pa.RecordBatch]) -> Iterator[ShardHandle]:
        """Write one partition's rows to its file; a function for `map_batches`.

        Args:
            batches: Columns `worker`, `label`, `features`, `validation` and `row_hash`, and
                `weight` if rows have weights, with rows in their final order.

        Yields:
            The shard's handle.

        Raises:
            RuntimeError: A row belongs to another worker's shard.
        """
        worker = TaskContext.get().partitionId()  # type: ignore[union-attr]
        path = self.store.path(worker)
        path.parent.mkdir(parents=True, exist_ok=True)
        with new_file(path) as file:
            handle = self._write(file, worker, batches)
        if handle.rows != self.rows[worker]:
            path.unlink()  # the rows change, or Spark cancels the task and nobody reads the handle
        yield handle

    def _write(
        self, file: IO[bytes], worker: int, batches: Iterable[pa.RecordBatch]
    ) -> ShardHandle:
        """Write rows up to the first that cannot be trained on; read the others too."""
        digest, rows, held_out, row_error, row_hash = hashlib.sha256(), 0, 0, 0, 0
        for batch in batches:
            if batch.num_rows == 0 or row_error:
                continue
            if (batch["worker"].to_numpy() != worker).any():
                raise RuntimeError(f"Partition {worker} received another worker's rows.")
            values, widths = flat_features(batch)
            errors = find_row_errors(values, widths, self.num_features)
            if errors.any():
                first = int(np.flatnonzero(errors)[0])
                row_error, row_hash = int(errors[first]), batch["row_hash"][first].as_py()
                continue
            last = [batch[name].to_numpy() for name in self.last_columns]
            block = dense_block(values.reshape(len(widths), -1), *last)
            rows += len(block)
            held_out += batch["validation"].true_count
            digest.update(block.data)
            file.write(block.data)
        counts = (rows - held_out, held_out, self.num_features + len(self.last_columns))
        return ShardHandle(worker, *counts, digest.hexdigest(), row_error, row_hash)


@contextmanager
def new_file(path: Path) -> Iterator[IO[bytes]]:
    """Open a file that appears at its path, complete, when the block ends without an error."""
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
    """Return the features of an Arrow batch as `find_row_errors` takes them.

    Returns:
        The values of the column `features` (list of float), one row after the other; null is NaN.
        And how many each row has, (rows,); -1 where a row has none.
    """
    features = batch["features"]
    widths = features.value_lengths().fill_null(-1).to_numpy().astype(np.int64)
    return features.flatten().to_numpy(zero_copy_only=False), widths


def dense_block(
    features: npt.NDArray[np.float32], *last: npt.NDArray[np.float64]
) -> npt.NDArray[np.float32]:
    """Join features (rows, n_features) and further columns (rows,) into one array."""
    block = np.empty((len(features), features.shape[1] + len(last)), dtype="<f4")
    block[:, : features.shape[1]] = features
    block[:, features.shape[1] :] = np.stack(last, axis=1)
    return block
