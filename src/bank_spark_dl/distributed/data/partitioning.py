"""Partition rows among workers: a function of each row's id, its label and the seed.

Within each label, rows are ordered by a hash of their id and cut into equal parts: first the
validation rows of worker 0, 1, ..., then the training rows of worker 0, 1, ... Neither the order of
the rows nor how Spark had partitioned them changes anything. The cuts are found on a histogram of
the hashes, so no step sorts or numbers all rows in one place.
"""

import json
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
MOST_STRATA = 1_000
"""Labels beyond this number, and numbers, are not stratified."""
MOST_COUNTS = 1 << 20
"""Counts that the driver takes at most, each of 28 bytes in two forms: 28 MiB."""


@dataclass(frozen=True)
class TrainingColumns:
    """The columns that training reads.

    Attributes:
        features: A vector column or an array of numbers.
        label: What is predicted, any numeric type or boolean.
        row_id: Unique for each row, any type that Spark can hash.
        validation: Boolean, true for validation rows; None: the hash of the row's id decides.
        weight: Weight of each row in the loss, any numeric type; None: all are 1.
    """

    features: str
    label: str
    row_id: str
    validation: str | None = None
    weight: str | None = None


@dataclass(frozen=True)
class Strata:
    """Which rows are cut apart from others, and how finely.

    Attributes:
        number: Of labels that are stratified; 1: rows are not stratified.
        bits: Of a row's hash that make its bucket.
    """

    number: int
    bits: int = HASH_BITS

    @property
    def buckets(self) -> int:
        """Buckets of a stratum's training rows, and as many of its validation rows."""
        return 1 << self.bits

    @property
    def key(self) -> Column:
        """The column `label` of a row's stratum, a double."""
        return sf.col("label") if self.number > 1 else sf.lit(0.0).alias("label")


def strata_of(classes: int | None, *, marked: bool) -> Strata:
    """Return the strata for a number of classes, None for numbers.

    Args:
        classes: Two to `MOST_STRATA` are stratified.
        marked: Whether a column marks the validation rows.
    """
    number = classes if classes and classes <= MOST_STRATA else 1
    most = MOST_COUNTS // number >> marked
    return Strata(number, min(HASH_BITS, most.bit_length() - 1))


def hashed_rows(frame: DataFrame, columns: TrainingColumns, seed: int) -> DataFrame:
    """Select what partitioning needs.

    Args:
        frame: Rows to train on.
        columns: Names of their columns.
        seed: Changes every row's hash.

    Returns:
        Columns `label` (double), `row_hash` and `tie_breaker` (64-bit hashes that order the rows;
        the second for rows whose first is the same) and `features` (array of float); `validation`
        where a column marks the validation rows, `weight` (double) where one has their weights.
    """
    label, hashed = sf.col(quoted(columns.label)), row_hash(columns.row_id, seed)
    ties, others = [hashed, label, sf.col(quoted(columns.features))], []
    if columns.validation is not None:
        others.append(sf.col(quoted(columns.validation)).alias("validation"))
    if columns.weight is not None:
        weight = sf.col(quoted(columns.weight)).cast("double")
        ties.append(weight)
        others.append(weight.alias("weight"))
    return frame.select(
        label.cast("double").alias("label"),
        hashed.alias("row_hash"),
        sf.xxhash64(*ties).alias("tie_breaker"),
        feature_array(frame, columns.features).alias("features"),
        *others,
    )


def row_hash(row_id: str, seed: int) -> Column:
    """Return the 64-bit hash of the seed and of the column of ids."""
    return sf.xxhash64(sf.lit(seed), sf.col(quoted(row_id)))


def hash_bucket(rows: DataFrame, strata: Strata) -> Column:
    """Return the bucket of a row of `hashed_rows`.

    Returns:
        0 to `strata.buckets` - 1; where a column marks the validation rows, the others have buckets
        of their own from there on, and rows whose mark is null have none.
    """
    bucket = sf.shiftrightunsigned(sf.col("row_hash"), 64 - strata.bits).cast("int")
    if not has_marks(rows):
        return bucket
    validation = sf.col("validation")
    return bucket + sf.when(validation, 0).when(~validation, strata.buckets)


def has_marks(rows: DataFrame) -> bool:
    """Tell whether a column of `hashed_rows` marks the validation rows."""
    return "validation" in rows.columns


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
        counts: Validation rows in each bucket, then training rows in each, (2 * buckets,).
        num_workers: Number of workers W.

    Returns:
        Cuts between 2W parts as `cut_buckets` returns them.
    """
    validation, training = (
        cut_buckets(held, num_workers, 0)[num_workers:] for held in np.split(counts, 2)
    )
    buckets = counts.size // 2
    return [*validation, buckets, *(buckets + cut for cut in training)]


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


def part_of(rows: DataFrame, cuts: Mapping[int, Sequence[int]], strata: Strata) -> Column:
    """Return the part of a row of `hashed_rows`, see `cut_buckets`."""
    bucket = hash_bucket(rows, strata)
    if strata.number > 2:
        # One expression for all labels: a thousand of them would not fit into a Java method.
        text = json.dumps([list(map(int, cuts[label])) for label in sorted(cuts)])
        table = sf.from_json(sf.lit(text), "array<array<int>>")
        own = sf.element_at(table, sf.col("label").cast("int") + 1)
        return sf.size(sf.filter(own, lambda cut: cut <= bucket))
    parts = [
        sum((sf.when(bucket >= cut, 1).otherwise(0) for cut in label_cuts), sf.lit(0))
        for _, label_cuts in sorted(cuts.items())
    ]
    if strata.number == 1:
        return parts[0]
    return sf.when(sf.col("label") == 1, parts[1]).otherwise(parts[0])
