"""Permutation importance of raw columns (Breiman, 2001)."""

from collections.abc import Sequence

from pyspark.ml import PipelineModel
from pyspark.ml.functions import vector_to_array
from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from bank_spark_dl.ml.column_names import LABEL_INDEX, ROW_ID, shown_name
from bank_spark_dl.ml.evaluation.metrics import is_right, row_loss
from bank_spark_dl.ml.evaluation.paired import difference_statistics, mean_difference
from bank_spark_dl.ml.evaluation.results import ColumnImportance
from bank_spark_dl.spark.sql import quoted

SHUFFLED, REPEAT, PLACE, DONOR = "__shuffled__", "__repeat__", "__place__", "__donor__"
FIGURES = ("log_loss", "accuracy")

Groups = Sequence[Sequence[str]]
"""Columns that are shuffled together: each row gets the values of one other row."""


def permutation_importance(
    rows: DataFrame,
    model: PipelineModel,
    groups: Groups,
    repeats: int,
    seed: int,
    prior: float | None = None,
) -> tuple[ColumnImportance, ...]:
    """Measure how much worse the model gets when the values of a group of columns are shuffled.

    Each group's values are shuffled among the rows, several times, and everything that the model
    derives from them changes with them. All copies are scored in one pass.

    Args:
        rows: Held-out raw rows with `row_id` and `label_index`; they are ordered in one task, once
            for each repeat, so they should be a sample.
        model: From raw columns to `probability` and `prediction`.
        groups: The columns to shuffle, each in one group.
        repeats: How often each group is shuffled.
        seed: Of the shuffles.
        prior: Share of positives in the population that the rows stand for; None: theirs.

    Returns:
        What is lost for each group, the greatest loss first.
    """
    scored = model.transform(shuffled_copies(rows, groups, repeats, seed)).withColumn(
        "probability", vector_to_array(F.col("probability"))[1]
    )
    each_copy = scored.groupBy(ROW_ID, SHUFFLED).agg(
        F.max(LABEL_INDEX).alias(LABEL_INDEX),
        F.mean(row_loss()).alias("log_loss"),
        F.mean(-is_right().cast("double")).alias("accuracy"),
    )
    totals = (
        each_copy.withColumns({name: _lost(name, len(groups)) for name in FIGURES})
        .where(F.col(SHUFFLED) < len(groups))
        .groupingSets([[SHUFFLED], [SHUFFLED, LABEL_INDEX]], SHUFFLED, LABEL_INDEX)
        .agg(*difference_statistics({name: F.col(name) for name in FIGURES}))
        .collect()
    )
    found = []
    for number, columns in enumerate(groups):
        by_class = {row[LABEL_INDEX]: row for row in totals if row[SHUFFLED] == number}
        shown = tuple(shown_name(name) for name in columns)
        loss = mean_difference(by_class, "log_loss", prior)
        accuracy = mean_difference(by_class, "accuracy")
        found.append(ColumnImportance(", ".join(shown), shown, loss, accuracy))
    return tuple(sorted(found, key=lambda group: -group.log_loss.mean))


def _lost(name: str, unshuffled: int) -> Column:
    """Subtract from a copy's figure that of the same row as it was."""
    as_it_was = F.when(F.col(SHUFFLED) == unshuffled, F.col(name))
    return F.col(name) - F.max(as_it_was).over(Window.partitionBy(ROW_ID))


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
