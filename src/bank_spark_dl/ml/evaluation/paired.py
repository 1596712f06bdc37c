"""Mean differences on the same rows, with their intervals."""

from collections.abc import Mapping

from pyspark.sql import Column, Row
from pyspark.sql import functions as F

from bank_spark_dl.ml.evaluation.intervals import Interval, Sample, classes_interval, rows_interval


def difference_statistics(differences: Mapping[str, Column]) -> list[Column]:
    """Return the aggregates that mean_difference reads.

    Args:
        differences: By name the difference of a row.
    """
    return [
        F.count(F.lit(1)).alias("rows"),
        *(F.mean(column).alias(f"{name}_mean") for name, column in differences.items()),
        *(F.stddev(column).alias(f"{name}_std") for name, column in differences.items()),
    ]


def mean_difference(
    by_class: Mapping[float | None, Row], name: str, prior: float | None = None
) -> Interval:
    """Compute a mean difference from the standard error of the rows' differences.

    Args:
        by_class: The aggregates over the rows of each label and, under None, over all rows.
        name: Which difference.
        prior: Share of positives in the population that the rows stand for; None: theirs.
    """
    samples = {
        label: Sample(row[f"{name}_mean"], row[f"{name}_std"], row["rows"])
        for label, row in by_class.items()
    }
    if prior is not None and {0.0, 1.0} <= samples.keys():
        return classes_interval(samples[0.0], samples[1.0], prior)
    return rows_interval(samples[None])
