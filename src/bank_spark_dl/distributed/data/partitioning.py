"""Which worker gets which row: a function of the row's id, its label and the seed.

Within each label, rows are ordered by a hash of their id and cut into equal runs: first the
validation rows, then the training rows of worker 0, 1, ... How Spark had partitioned the rows, and
in which order they arrive, changes nothing. Cuts are found on a histogram of the hashes, so no step
sorts or numbers all rows in one place.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as sf

from bank_spark_dl.distributed.data.feature_array import feature_array
from bank_spark_dl.spark.sql import quoted

HASH_BITS = 16
"""Resolution of the cuts: 65,536 runs of hashes. Shards differ by the rows of one run."""


@dataclass(frozen=True)
class RowColumns:
    """The columns training reads.

    Attributes:
        features: A vector column or an array of numbers.
        label: 0 or 1, any numeric type or boolean.
        row_id: Unique for each row, any type that Spark can hash.
    """

    features: str
    label: str
    row_id: str


def hashed_rows(frame: DataFrame, columns: RowColumns, seed: int) -> DataFrame:
    """Reduce a frame to what the layout needs.

    Args:
        frame: Rows to train on.
        columns: Names of their columns.
        seed: Changes every row's place.

    Returns:
        Columns `label` (double), `place` and `tie` (64-bit hashes that order the rows; `tie`
        separates rows whose ids collide) and `features` (array of float).
    """
    label, place = sf.col(quoted(columns.label)), place_of(columns.row_id, seed)
    return frame.select(
        label.cast("double").alias("label"),
        place.alias("place"),
        sf.xxhash64(place, label, sf.col(quoted(columns.features))).alias("tie"),
        feature_array(frame, columns.features).alias("features"),
    )


def place_of(row_id: str, seed: int) -> Column:
    """Hash that orders rows: of their ids, in the column of this name, and of the seed."""
    return sf.xxhash64(sf.lit(seed), sf.col(quoted(row_id)))


def hash_run() -> Column:
    """Number of the run of hashes a row falls into, 0 to 2**HASH_BITS - 1."""
    return sf.shiftrightunsigned(sf.col("place"), 64 - HASH_BITS).cast("int")


def count_runs(rows: DataFrame) -> dict[int, npt.NDArray[np.int64]] | None:
    """Count rows by label and run of hashes.

    Args:
        rows: Result of `hashed_rows`.

    Returns:
        For labels 0 and 1 an array (2**HASH_BITS,) of row counts; None if there are other labels.
    """
    table = rows.groupBy("label", hash_run().alias("run")).count().toArrow()
    labels = table["label"].to_numpy()  # null is NaN
    if not np.isin(labels, (0, 1)).all():
        return None
    counts = {label: np.zeros(1 << HASH_BITS, dtype=np.int64) for label in (0, 1)}
    for label, run in counts.items():
        chosen = labels == label
        run[table["run"].to_numpy()[chosen]] = table["count"].to_numpy()[chosen]
    return counts


def cut_runs(counts: npt.NDArray[np.int64], num_workers: int, validation_split: float) -> list[int]:
    """Cut the runs of one label into the workers' validation and training rows.

    Args:
        counts: Rows in each run, (runs,).
        num_workers: Number of workers W.
        validation_split: Share of the rows held back, in [0, 1).

    Returns:
        2W - 1 ascending run numbers. A row lies in slot s when s of them are at most its run;
        slot s < W is worker s's validation part, slot W + w is worker w's training part. Where
        rows are held back, both parts get one at least, if there are two.
    """
    total = int(counts.sum())
    held_back = _held_back(total, validation_split)
    shares = np.arange(1, num_workers + 1) / num_workers
    targets = np.concatenate([held_back * shares, held_back + (total - held_back) * shares])[:-1]
    rows_before = np.concatenate([[0], np.cumsum(counts)])
    above = np.searchsorted(rows_before, targets)
    below = np.maximum(above - 1, 0)
    closer_below = targets - rows_before[below] < rows_before[above] - targets
    cuts = np.where(closer_below, below, above)
    if held_back:
        # The cut between the parts; rows of one run go together, and may have moved it to an end.
        first, last = np.flatnonzero(counts)[[0, -1]]
        between = np.clip(cuts[num_workers - 1], min(first + 1, last), last)
        cuts[: num_workers - 1] = np.minimum(cuts[: num_workers - 1], between)
        cuts[num_workers - 1 :] = np.maximum(cuts[num_workers - 1 :], between)
        cuts[num_workers - 1] = between
    return [int(cut) for cut in cuts]


def _held_back(rows: int, validation_split: float) -> int:
    """Count the rows of one label that are held back: neither none of several nor all of them."""
    if validation_split == 0 or rows < 2:
        return 0
    return min(max(round(rows * validation_split), 1), rows - 1)


def slot_sizes(
    counts: Mapping[int, npt.NDArray[np.int64]], cuts: Mapping[int, Sequence[int]]
) -> list[int]:
    """Count the rows, of both labels together, in each of the 2W slots."""
    sizes = []
    for label, runs in counts.items():
        rows_before = np.concatenate([[0], np.cumsum(runs)])
        sizes.append(np.diff(rows_before[[0, *cuts[label], runs.size]]))
    return [int(size) for size in np.sum(sizes, axis=0)]


def slot_of(cuts: Mapping[int, Sequence[int]]) -> Column:
    """Slot number of a row of `hashed_rows`, see `cut_runs`."""
    slots = [
        sum((sf.when(hash_run() >= cut, 1).otherwise(0) for cut in label_cuts), sf.lit(0))
        for _, label_cuts in sorted(cuts.items())
    ]
    return sf.when(sf.col("label") == 1, slots[1]).otherwise(slots[0])
