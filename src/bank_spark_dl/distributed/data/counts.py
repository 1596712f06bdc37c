"""Count rows by label and bucket of hashes, and measure labels that are numbers.

Sums are made of whole numbers: they are the same however Spark divides the rows.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import sqrt
from typing import Any

import numpy as np
import numpy.typing as npt
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as sf

from bank_spark_dl.distributed.data.partitioning import Strata, has_marks, hash_bucket

LARGEST_LABEL = 3.4e38
"""Largest size of a label that is a number: float32 holds it."""
LARGEST_WEIGHT = 1e12
_WEIGHT_SUM = "decimal(38,12)"
_LEVELS = 1 << 20
"""Labels are measured in so many steps between the smallest and the largest."""

Counts = Mapping[int, npt.NDArray[np.int64]]


@dataclass(frozen=True)
class RowCounts:
    """How many rows have which label.

    Attributes:
        strata: How rows are stratified.
        rows: For each stratum an array of rows by bucket, (buckets,), or (2 * buckets,) with marked
            validation rows.
        weights: For each stratum the sum of its rows' weights, of which each is 1 by default.
        limits: Smallest and largest label, where labels are numbers.
        largest_weight: Of a row.
    """

    strata: Strata
    rows: Counts
    weights: tuple[float, ...]
    limits: tuple[float, float] = (0.0, 0.0)
    largest_weight: float = 1.0


@dataclass(frozen=True)
class NumberLabel:
    """How labels that are numbers are standardized: the mean becomes 0, the scale 1.

    Attributes:
        mean: Of the rows' labels, weighted.
        scale: Their standard deviation, above 0; 1 where they are not standardized.
    """

    mean: float = 0.0
    scale: float = 1.0


def count_rows(rows: DataFrame, strata: Strata, classes: int | None) -> RowCounts | None:
    """Count rows by stratum and bucket of hashes, in one Spark job.

    Args:
        rows: Result of `hashed_rows`.
        strata: How rows are stratified.
        classes: Labels are 0 to classes - 1; None: numbers.

    Returns:
        The counts; None if there is another label, a mark that is null, or no weight, see
        `is_label` and `is_weight`.
    """
    weighted = "weight" in rows.columns
    key = sf.col("label") if strata.number > 1 else sf.lit(0.0).alias("label")
    grouped = rows.groupBy(key, hash_bucket(rows, strata).alias("bucket"))
    table = grouped.agg(
        sf.count("*").alias("count"), *_figures(strata, classes, weighted)
    ).toArrow()
    labels = table["label"].to_numpy()  # null is NaN
    if not np.isin(labels, np.arange(strata.number)).all() or table["bucket"].null_count:
        return None
    found: dict[str, Any] = {name: table[name].to_pylist() for name in table.column_names[3:]}
    if any(found.get("invalid", ())):
        return None
    size = (2 if has_marks(rows) else 1) * strata.buckets
    counts = {label: np.zeros(size, dtype=np.int64) for label in range(strata.number)}
    weights = []
    for label, buckets in counts.items():
        chosen = labels == label
        buckets[table["bucket"].to_numpy()[chosen]] = table["count"].to_numpy()[chosen]
        weights.append(
            float(sum(np.array(found["weight"])[chosen])) if weighted else float(buckets.sum())
        )
    return RowCounts(
        strata,
        counts,
        tuple(weights),
        (
            min(found.get("lowest", [0.0]), default=0.0),
            max(found.get("highest", [0.0]), default=0.0),
        ),
        max(found.get("largest_weight", [1.0]), default=1.0),
    )


def _figures(strata: Strata, classes: int | None, weighted: bool) -> list[Column]:
    """Return what is measured of each bucket besides its rows."""
    figures, valid = [], sf.lit(True)
    if strata.number == 1:
        valid = is_label(sf.col("label"), classes)
        figures += [sf.min("label").alias("lowest"), sf.max("label").alias("highest")]
    if weighted:
        weight = sf.col("weight")
        valid = valid & is_weight(weight)
        figures.append(sf.sum(weight.cast(_WEIGHT_SUM)).alias("weight"))
        figures.append(sf.max(weight).alias("largest_weight"))
    return [*figures, sf.max(~valid).alias("invalid")] if figures else []


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
    millionth of the largest.

    Args:
        rows: Result of `hashed_rows`.
        counts: Result of `count_rows`; the smallest and the largest label differ.
    """
    low, high = counts.limits
    step = (high - low) / _LEVELS
    weight = sf.lit(1)
    if "weight" in rows.columns:
        weight = sf.floor(sf.col("weight") / counts.largest_weight * _LEVELS)
    level = sf.floor((sf.col("label") - low) / step)
    sums = (weight * power for power in (sf.lit(1), level, level * level))
    found = rows.agg(*(sf.sum(part.cast("decimal(20,0)")) for part in sums)).head()
    total, first, second = (Fraction(int(part)) for part in found or ())
    mean = first / total
    deviation = sqrt(second / total - mean * mean)
    return NumberLabel(low + step * float(mean), step * deviation or 1.0)
