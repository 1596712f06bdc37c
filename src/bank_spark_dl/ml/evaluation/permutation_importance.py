"""Permutation importance of raw columns (Breiman, 2001)."""

from collections.abc import Sequence

from pyspark.ml import PipelineModel
from pyspark.ml.functions import vector_to_array
from pyspark.sql import Column, DataFrame, Row, Window
from pyspark.sql import functions as F

from bank_spark_dl.ml.column_names import LABEL_INDEX, ROW_ID, shown_name
from bank_spark_dl.ml.evaluation.intervals import Sample, classes_interval, rows_interval
from bank_spark_dl.ml.evaluation.metrics import is_right, row_loss
from bank_spark_dl.ml.evaluation.results import ColumnImportance
from bank_spark_dl.spark.sql import quoted

SHUFFLED, REPEAT, PLACE = "__shuffled__", "__repeat__", "__place__"
DONOR, COPY = "__donor__", "__copy__"
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
    """Measure how much worse the model gets when a group of columns tells it nothing.

    Each group's values are dealt anew among the rows, several times; everything that the model
    derives from them follows. All copies are scored in one pass.

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
    figures = {"log_loss": row_loss(), "accuracy": -is_right().cast("double")}
    each_row = scored.groupBy(ROW_ID).agg(
        F.max(LABEL_INDEX).alias(LABEL_INDEX),
        *(
            F.mean(F.when(F.col(SHUFFLED) == number, figures[key])).alias(f"{key}_{number}")
            for key in FIGURES
            for number in range(len(groups) + 1)
        ),
    )
    lost = {
        (key, number): F.col(f"{key}_{number}") - F.col(f"{key}_{len(groups)}")
        for key in FIGURES
        for number in range(len(groups))
    }
    totals = each_row.groupingSets([[], [LABEL_INDEX]], LABEL_INDEX).agg(
        F.count(F.lit(1)).alias("rows"),
        *(F.mean(column).alias(_name(key, "mean")) for key, column in lost.items()),
        *(F.stddev(column).alias(_name(key, "std")) for key, column in lost.items()),
    )
    by_class = {row[LABEL_INDEX]: row for row in totals.collect()}
    found = [_describe(names, number, by_class, prior) for number, names in enumerate(groups)]
    return tuple(sorted(found, key=lambda group: -group.log_loss.mean))


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
    copies = F.array(
        *(
            F.struct(
                F.lit(number).alias(SHUFFLED),
                *(
                    (F.col(DONOR).getField(name) if group == number else F.col(quoted(name))).alias(
                        name
                    )
                    for name, group in group_of.items()
                ),
            )
            for number in range(len(groups) + 1)
        )
    )
    kept = [F.col(quoted(name)) for name in rows.columns if name not in group_of]
    # Spark would put what is small here into one task. It is large once it is copied and scored.
    tasks = int(rows.sparkSession.conf.get("spark.sql.shuffle.partitions") or 1)
    return (
        takers.join(donors, [REPEAT, PLACE])
        .repartition(tasks, ROW_ID)
        .select(*kept, F.explode(copies).alias(COPY))
        .select(*kept, f"{COPY}.*")
    )


def _drawn_place(part: Column, seed: int) -> Column:
    drawn = F.xxhash64(part, F.lit(seed), F.col(REPEAT), F.col(ROW_ID))
    return F.row_number().over(Window.partitionBy(REPEAT).orderBy(drawn, ROW_ID))


def _name(key: tuple[str, int], statistic: str) -> str:
    return f"{key[0]}_{key[1]}_{statistic}"


def _describe(
    names: Sequence[str], number: int, by_class: dict[float | None, Row], prior: float | None
) -> ColumnImportance:
    """Describe what a group loses, from the totals of each class and, under None, of all rows."""
    shown = tuple(shown_name(name) for name in names)

    def sample(label: float | None, key: str) -> Sample:
        row = by_class[label]
        mean, deviation = (row[_name((key, number), part)] for part in ("mean", "std"))
        return Sample(mean, deviation, row["rows"])

    loss = rows_interval(*sample(None, "log_loss"))
    if prior is not None and {0.0, 1.0} <= by_class.keys():
        loss = classes_interval(sample(0.0, "log_loss"), sample(1.0, "log_loss"), prior)
    return ColumnImportance(
        column=", ".join(shown),
        columns=shown,
        log_loss=loss,
        accuracy=rows_interval(*sample(None, "accuracy")),
    )
