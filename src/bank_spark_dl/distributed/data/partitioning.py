"""Partition rows among workers: a function of each row's id, its label and the seed.

Within each label, rows are ordered by a hash of their id and cut into equal parts: first the
validation rows of worker 0, 1, ..., then the training rows of worker 0, 1, ... Neither the order of
the rows nor how Spark had partitioned them changes anything. The cuts are found on a histogram of
the hashes, so no step sorts or numbers all rows in one place.
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
BUCKETS = 1 << HASH_BITS
"""Resolution of the cuts: 65,536 buckets of hashes. Shards differ by the rows of one bucket."""


@dataclass(frozen=True)
class TrainingColumns:
    """The columns that training reads.

    Attributes:
        features: A vector column or an array of numbers.
        label: 0 or 1, any numeric type or boolean.
        row_id: Unique for each row, any type that Spark can hash.
        validation: Boolean, true for validation rows; None: the hash of the row's id decides.
    """

    features: str
    label: str
    row_id: str
    validation: str | None = None


def hashed_rows(frame: DataFrame, columns: TrainingColumns, seed: int) -> DataFrame:
    """Select what partitioning needs.

    Args:
        frame: Rows to train on.
        columns: Names of their columns.
        seed: Changes every row's hash.

    Returns:
        Columns `label` (double), `row_hash` and `tie_breaker` (64-bit hashes that order the rows;
        the second for rows whose first is the same) and `features` (array of float); `validation`
        where a column marks the validation rows.
    """
    marks = [] if columns.validation is None else [sf.col(quoted(columns.validation))]
    label, hashed = sf.col(quoted(columns.label)), row_hash(columns.row_id, seed)
    return frame.select(
        label.cast("double").alias("label"),
        hashed.alias("row_hash"),
        sf.xxhash64(hashed, label, sf.col(quoted(columns.features))).alias("tie_breaker"),
        feature_array(frame, columns.features).alias("features"),
        *(mark.alias("validation") for mark in marks),
    )


def row_hash(row_id: str, seed: int) -> Column:
    """Return the 64-bit hash of the seed and of the column of ids."""
    return sf.xxhash64(sf.lit(seed), sf.col(quoted(row_id)))


def hash_bucket(rows: DataFrame) -> Column:
    """Return the bucket of a row of `hashed_rows`.

    Returns:
        0 to BUCKETS - 1; where a column marks the validation rows, the others have buckets of their
        own from BUCKETS on, and rows whose mark is null have none.
    """
    bucket = sf.shiftrightunsigned(sf.col("row_hash"), 64 - HASH_BITS).cast("int")
    if not has_marks(rows):
        return bucket
    return bucket + sf.when(sf.col("validation"), 0).when(~sf.col("validation"), BUCKETS)


def has_marks(rows: DataFrame) -> bool:
    """Tell whether a column of `hashed_rows` marks the validation rows."""
    return "validation" in rows.columns


def count_buckets(rows: DataFrame) -> dict[int, npt.NDArray[np.int64]] | None:
    """Count rows by label and bucket of hashes.

    Args:
        rows: Result of `hashed_rows`.

    Returns:
        For labels 0 and 1 an array of row counts, (BUCKETS,), or (2 * BUCKETS,) with marked
        validation rows; None if there are other labels, or marks that are null.
    """
    table = rows.groupBy("label", hash_bucket(rows).alias("bucket")).count().toArrow()
    labels = table["label"].to_numpy()  # null is NaN
    if not np.isin(labels, (0, 1)).all() or table["bucket"].null_count:
        return None
    size = 2 * BUCKETS if has_marks(rows) else BUCKETS
    counts = {label: np.zeros(size, dtype=np.int64) for label in (0, 1)}
    for label, buckets in counts.items():
        chosen = labels == label
        buckets[table["bucket"].to_numpy()[chosen]] = table["count"].to_numpy()[chosen]
    return counts


def cut_buckets(
    counts: npt.NDArray[np.int64], num_workers: int, validation_split: float
) -> list[int]:
    """Cut the buckets of one label into the workers' validation and training rows.

    Args:
        counts: Rows in each bucket, (buckets,).
        num_workers: Number of workers W.
        validation_split: Fraction of the rows held out for validation, [0, 1).

    Returns:
        2W - 1 ascending bucket numbers, the cuts between 2W parts. A row is in part p when p cuts
        are at most its bucket; part p < W holds worker p's validation rows, part W + w worker w's
        training rows. Where rows are held out, there is a training row and a validation row, if
        there are two rows.
    """
    total = int(counts.sum())
    held_out = _count_validation_rows(total, validation_split)
    shares = np.arange(1, num_workers + 1) / num_workers
    targets = np.concatenate([held_out * shares, held_out + (total - held_out) * shares])[:-1]
    rows_before = np.concatenate([[0], np.cumsum(counts)])
    above = np.searchsorted(rows_before, targets)
    below = np.maximum(above - 1, 0)
    closer_below = targets - rows_before[below] < rows_before[above] - targets
    cuts = np.where(closer_below, below, above)
    if held_out:
        # The cut between validation and training rows may lie at an end: buckets are not divided.
        first, last = np.flatnonzero(counts)[[0, -1]]
        between = np.clip(cuts[num_workers - 1], min(first + 1, last), last)
        cuts[: num_workers - 1] = np.minimum(cuts[: num_workers - 1], between)
        cuts[num_workers - 1 :] = np.maximum(cuts[num_workers - 1 :], between)
        cuts[num_workers - 1] = between
    return [int(cut) for cut in cuts]


def cut_marked_buckets(counts: npt.NDArray[np.int64], num_workers: int) -> list[int]:
    """Cut the buckets of one label where a column marks the validation rows.

    Args:
        counts: Validation rows in each bucket, then training rows in each, (2 * BUCKETS,).
        num_workers: Number of workers W.

    Returns:
        Cuts between 2W parts as `cut_buckets` returns them.
    """
    validation, training = (
        cut_buckets(held, num_workers, 0)[num_workers:] for held in np.split(counts, 2)
    )
    return [*validation, BUCKETS, *(BUCKETS + cut for cut in training)]


def _count_validation_rows(rows: int, validation_split: float) -> int:
    """Count the validation rows of one label: of several rows neither none nor all."""
    if validation_split == 0 or rows < 2:
        return 0
    return min(max(round(rows * validation_split), 1), rows - 1)


def part_sizes(counts: npt.NDArray[np.int64], cuts: Sequence[int]) -> npt.NDArray[np.int64]:
    """Count the rows of one label in each of the 2W parts, (2W,)."""
    rows_before = np.concatenate([[0], np.cumsum(counts)])
    sizes: npt.NDArray[np.int64] = np.diff(rows_before[[0, *cuts, counts.size]])
    return sizes


def part_of(rows: DataFrame, cuts: Mapping[int, Sequence[int]]) -> Column:
    """Return the part of a row of `hashed_rows`, see `cut_buckets`."""
    bucket = hash_bucket(rows)
    parts = [
        sum((sf.when(bucket >= cut, 1).otherwise(0) for cut in label_cuts), sf.lit(0))
        for _, label_cuts in sorted(cuts.items())
    ]
    return sf.when(sf.col("label") == 1, parts[1]).otherwise(parts[0])
