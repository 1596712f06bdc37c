"""Permutation importance of raw columns (Breiman, 2001)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from pyspark.sql import Column, DataFrame, Row, Window
from pyspark.sql import functions as F

from bank_spark_dl.ml.column_names import LABEL_INDEX, ROW_ID, shown_name
from bank_spark_dl.ml.evaluation.paired import difference_statistics
from bank_spark_dl.spark.sql import quoted

SHUFFLED, REPEAT, PLACE, DONOR = "__shuffled__", "__repeat__", "__place__", "__donor__"

Groups = Sequence[Sequence[str]]
"""Columns that are shuffled together: each row gets the values of one other row."""


@dataclass(frozen=True)
class Lost:
    """What is lost when a group of columns is shuffled.

    Attributes:
        columns: Their raw names.
        by_class: See ml.evaluation.paired.mean_difference.
        before: By figure its mean without shuffling.
    """

    columns: tuple[str, ...]
    by_class: Mapping[float | None, Row]
    before: Mapping[str, float]


def permutation_importance(
    rows: DataFrame,
    score: Callable[[DataFrame], DataFrame],
    groups: Groups,
    repeats: int,
    seed: int,
    figures: Mapping[str, Column],
    by_class: bool = False,
) -> list[Lost]:
    """Measure how much worse the model gets when the values of a group of columns are shuffled.

    Each group's values are shuffled among the rows, several times, and everything that the model
    derives from them changes with them. All copies are scored in one pass.

    Args:
        rows: Held-out raw rows with `row_id` and `label_index`; they are ordered in one task, once
            for each repeat, so they should be a sample.
        score: Adds to raw columns what the figures are made of.
        groups: The columns to shuffle, each in one group.
        repeats: How often each group is shuffled.
        seed: Of the shuffles.
        figures: Figures of a row by name; the greater, the worse.
        by_class: Whether the rows of each label are also measured by themselves.

    Returns:
        What is lost for each group, in their order.
    """
    scored = score(shuffled_copies(rows, groups, repeats, seed))
    each_copy = scored.groupBy(ROW_ID, SHUFFLED).agg(
        F.max(LABEL_INDEX).alias(LABEL_INDEX),
        *(F.mean(column).alias(name) for name, column in figures.items()),
    )
    sets = [[SHUFFLED], [SHUFFLED, LABEL_INDEX]] if by_class else [[SHUFFLED]]
    totals = (
        each_copy.withColumns({name: _lost(name, len(groups)) for name in figures})
        .groupingSets(sets, SHUFFLED, LABEL_INDEX)
        .agg(*difference_statistics({name: F.col(name) for name in figures}))
        .collect()
    )
    found = [
        {row[LABEL_INDEX]: row for row in totals if row[SHUFFLED] == n}
        for n in range(len(groups) + 1)
    ]
    unshuffled = found.pop()[None]
    before = {name: unshuffled[f"{name}_mean"] for name in figures}
    return [
        Lost(tuple(map(shown_name, columns)), by_class, before)
        for columns, by_class in zip(groups, found, strict=True)
    ]


def _lost(name: str, unshuffled: int) -> Column:
    """Subtract from a shuffled copy's figure that of the same row as it was."""
    as_it_was = F.when(F.col(SHUFFLED) == unshuffled, F.col(name))
    before = F.max(as_it_was).over(Window.partitionBy(ROW_ID))
    return F.coalesce(as_it_was, F.col(name) - before)


def shuffled_copies(rows: DataFrame, groups: Groups, repeats: int, seed: int) -> DataFrame:
    """Copy each row once for each group and repeat, with another row's values in that group.

    Args:
        rows: Rows with a `row_id`.
        groups: The columns to shuffle, each in one group.
        repeats: How often each group is shuffled.
        seed: Of the shuffles.

    Returns:
        The copies with `__shuffled__`: the position of the shuffled group, or, for a copy as it
        was, their number. A shuffle keeps each column's values, each as often as before.
    """
    group_of = {name: number for number, names in enumerate(groups) for name in names}
    repeated = rows.withColumn(REPEAT, F.explode(F.sequence(F.lit(1), F.lit(repeats))))
    takers = repeated.withColumn(PLACE, _drawn_place(F.lit("taker"), seed))
    donors = repeated.select(
        REPEAT,
        _drawn_place(F.lit("donor"), seed).alias(PLACE),
        F.struct(*(F.col(quoted(name)) for name in group_of)).alias(DONOR),
    )
    # Spark would put what is small here into one task. It is large once it is copied and scored.
    tasks = int(rows.sparkSession.conf.get("spark.sql.shuffle.partitions") or 1)
    return (
        takers.join(donors, [REPEAT, PLACE])
        .repartition(tasks, ROW_ID)
        .withColumn(SHUFFLED, F.explode(F.sequence(F.lit(0), F.lit(len(groups)))))
        .withColumns({name: _value(name, group) for name, group in group_of.items()})
        .drop(REPEAT, PLACE, DONOR)
    )


def _value(name: str, group: int) -> Column:
    """Take a column's value from the other row where the column's group is shuffled."""
    other = F.col(DONOR).getField(name)
    return F.when(F.col(SHUFFLED) == group, other).otherwise(F.col(quoted(name)))


def _drawn_place(part: Column, seed: int) -> Column:
    drawn = F.xxhash64(part, F.lit(seed), F.col(REPEAT), F.col(ROW_ID))
    return F.row_number().over(Window.partitionBy(REPEAT).orderBy(drawn, ROW_ID))
