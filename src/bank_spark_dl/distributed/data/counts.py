"""Count rows by label and bucket of hashes, and measure labels that are numbers.

Sums are made of whole numbers: they are the same however Spark divides the rows.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from math import sqrt

import numpy as np
import numpy.typing as npt
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as sf

from bank_spark_dl.distributed.data.partitioning import Strata, has_marks, hash_bucket

LARGEST_LABEL = 3.4e38
"""Largest size of a label that is a number: float32 holds it."""
LARGEST_WEIGHT = 1e12
WEIGHT_SUM = "decimal(38,12)"
"""Type in which weights are summed: of doubles the order of the rows would decide the last bits."""
_LEVELS = 1 << 20
"""Labels are measured in so many steps between the smallest and the largest."""
_WEIGHT_LEVELS = 1 << 40
"""Weights of labels are measured in so many steps between 0 and the largest."""

Counts = Mapping[int, npt.NDArray[np.int64]]


@dataclass(frozen=True)
class RowCounts:
    """How many rows have which label.

    Attributes:
        strata: How rows are stratified.
        rows: For each stratum an array of rows by bucket, (buckets,), or (2 * buckets,) with marked
            validation rows.
        weights: For each stratum the sum of its rows' weights, of which each is 1 by default.
        limits: Smallest and largest label of rows that weigh more than 0, where labels are not
            stratified.
        largest_weight: Of a row.
    """

    strata: Strata
    rows: Counts
    weights: tuple[float, ...]
    limits: tuple[float, float] | None = None
    largest_weight: float = 1.0


@dataclass(frozen=True)
class NumberLabel:
    """Mean and standard deviation of labels that are numbers, weighted.

    Attributes:
        mean: In the label's units.
        scale: Above 0, in the label's units.
    """

    mean: float = 0.0
    scale: float = 1.0


def count_rows(rows: DataFrame, strata: Strata, classes: int | None) -> RowCounts | None:
    """Count rows by stratum and bucket of hashes, in one Spark job, or two with weights or numbers.

    Args:
        rows: Result of `hashed_rows`.
        strata: How rows are stratified.
        classes: Labels are 0 to classes - 1; None: numbers.

    Returns:
        The counts; None if there is another label, a mark that is null, or no weight, see
        `is_label` and `is_weight`.
    """
    table = rows.groupBy(strata.key, hash_bucket(rows, strata).alias("bucket")).count().toArrow()
    labels = table["label"].to_numpy()  # null is NaN
    if not np.isin(labels, np.arange(strata.number)).all() or table["bucket"].null_count:
        return None
    size = (2 if has_marks(rows) else 1) * strata.buckets
    counts = {label: np.zeros(size, dtype=np.int64) for label in range(strata.number)}
    for label, buckets in counts.items():
        chosen = labels == label
        buckets[table["bucket"].to_numpy()[chosen]] = table["count"].to_numpy()[chosen]
    plain = RowCounts(strata, counts, tuple(float(held.sum()) for held in counts.values()))
    if "weight" not in rows.columns and strata.number > 1:
        return plain
    return _with_figures(plain, rows, classes)


def _with_figures(counts: RowCounts, rows: DataFrame, classes: int | None) -> RowCounts | None:
    """Add what is measured of each stratum besides its rows; None as in `count_rows`."""
    strata, label = counts.strata, sf.col("label")
    weight = sf.col("weight") if "weight" in rows.columns else sf.lit(1.0)
    counted, valid = sf.when(is_weight(weight), weight), is_weight(weight)
    if strata.number == 1:
        valid = valid & is_label(label, classes)
    weighing = sf.when(weight > 0, label)
    found = (
        rows.groupBy(strata.key)
        .agg(
            sf.sum(counted.cast(WEIGHT_SUM)).alias("weight"),
            sf.max(counted).alias("largest"),
            sf.min(weighing).alias("lowest"),
            sf.max(weighing).alias("highest"),
            sf.max(~valid).alias("invalid"),
        )
        .collect()
    )
    if any(row["invalid"] for row in found):
        return None
    weights = {int(row["label"]): float(row["weight"]) for row in found}
    lowest, highest = (
        [row[n] for row in found if row[n] is not None] for n in ("lowest", "highest")
    )
    return replace(
        counts,
        weights=tuple(weights.get(stratum, 0.0) for stratum in counts.rows),
        limits=(min(lowest), max(highest)) if strata.number == 1 and lowest else None,
        largest_weight=max((row["largest"] for row in found), default=1.0),
    )


def is_label(label: Column, classes: int | None) -> Column:
    """Whether a double is a label: 0 to classes - 1, or any number that float32 holds."""
    if classes is None:
        known = label.between(-LARGEST_LABEL, LARGEST_LABEL)
    else:
        known = label.between(0, classes - 1) & (label == sf.floor(label))
    return sf.coalesce(known, sf.lit(False))  # NaN is larger than any number


def is_weight(weight: Column) -> Column:
    """Whether a double is a weight: 0 to `LARGEST_WEIGHT`."""
    return sf.coalesce(weight.between(0, LARGEST_WEIGHT), sf.lit(False))


def measure_label(rows: DataFrame, counts: RowCounts) -> NumberLabel:
    """Compute mean and standard deviation of labels that are numbers, in one Spark job.

    Labels count to a millionth of the distance between the smallest and the largest, weights to a
    millionth of a millionth of the largest.

    Args:
        rows: Result of `hashed_rows`.
        counts: Result of `count_rows`; the smallest and the largest label differ.
    """
    low, high = counts.limits or (0.0, 0.0)
    step = (high - low) / _LEVELS
    weight = sf.lit(1)
    if "weight" in rows.columns:
        rows = rows.where("weight > 0")
        levels = sf.floor(sf.col("weight") / counts.largest_weight * _WEIGHT_LEVELS)
        weight = levels.cast("decimal(14,0)")
    level = sf.floor((sf.col("label") - low) / step)
    sums = (weight * power for power in (sf.lit(1), level, level * level))
    found = rows.agg(*(sf.sum(part.cast("decimal(38,0)")) for part in sums)).head()
    total, first, second = (Fraction(int(part)) for part in found or ())
    mean = first / total
    deviation = sqrt(second / total - mean * mean)
    return NumberLabel(low + step * float(mean), step * deviation or 1.0)
