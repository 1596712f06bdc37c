"""Which raw columns a scoring model relies on: what is lost when their values are shuffled."""

from collections.abc import Sequence
from typing import Any

from pyspark.ml import PipelineModel
from pyspark.ml.functions import vector_to_array
from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from bank_spark_dl.ml.columns import ROW_ID
from bank_spark_dl.ml.evaluation import is_right, row_loss
from bank_spark_dl.ml.intervals import rows_interval

SHUFFLED, REPEAT, PLACE, DONOR = "__shuffled__", "__repeat__", "__place__", "__donor__"


def permutation_importance(
    rows: DataFrame,
    model: PipelineModel,
    columns: Sequence[str],
    repeats: int,
    seed: int,
) -> list[dict[str, Any]]:
    """Measure how much worse the model gets when one column tells it nothing (Breiman, 2001).

    Each column's values are dealt anew among the rows, several times; everything that the model
    derives from the column follows. All copies are scored in one pass.

    Args:
        rows: Held-out raw rows with `row_id` and `label_index`; they are ordered in one task, once
            for each repeat, so they should be a sample.
        model: From raw columns to `probability` and `prediction`.
        columns: The columns to shuffle.
        repeats: How often each column is shuffled.
        seed: Of the shuffles.

    Returns:
        For each column its name as `column`, and as `log_loss` (nats per row) and `accuracy` what
        is lost: `mean`, `low` and `high` of its 95% interval over rows. The worst loss comes first.
    """
    copies = shuffled_copies(rows, columns, repeats, seed)
    scored = model.transform(copies).withColumn(
        "probability", vector_to_array(F.col("probability"))[1]
    )
    figures = {"log_loss": row_loss(), "accuracy": -is_right().cast("double")}
    each_row = scored.groupBy(ROW_ID).agg(
        *(
            F.mean(F.when(F.col(SHUFFLED) == number, figure)).alias(f"{name}_{number}")
            for name, figure in figures.items()
            for number in range(len(columns) + 1)
        )
    )
    lost = [
        F.col(f"{name}_{number}") - F.col(f"{name}_{len(columns)}")
        for name in figures
        for number in range(len(columns))
    ]
    answer = each_row.agg(F.count(F.lit(1)), *map(F.mean, lost), *map(F.stddev, lost)).collect()[0]
    count, means, deviations = answer[0], answer[1 : len(lost) + 1], answer[len(lost) + 1 :]
    intervals = [
        rows_interval(mean, deviation, count)
        for mean, deviation in zip(means, deviations, strict=True)
    ]
    found = [
        {"column": column, "log_loss": loss, "accuracy": accuracy}
        for column, loss, accuracy in zip(
            columns, intervals[: len(columns)], intervals[len(columns) :], strict=True
        )
    ]
    return sorted(found, key=lambda entry: -entry["log_loss"]["mean"])


def shuffled_copies(rows: DataFrame, columns: Sequence[str], repeats: int, seed: int) -> DataFrame:
    """Copy each row once for each column and repeat, with another row's value in that column.

    Args:
        rows: Rows with a `row_id`.
        columns: The columns to shuffle.
        repeats: How often each is shuffled.
        seed: Of the shuffles.

    Returns:
        The copies with `__shuffled__`: the position of the shuffled column, or, for a copy as it
        was, their number. A shuffle keeps each column's values, each as often as before.
    """
    numbers = F.sequence(F.lit(1), F.lit(repeats))
    repeated = rows.withColumn(REPEAT, F.explode(numbers))
    takers = repeated.withColumn(PLACE, _drawn_place(F.lit("taker"), seed))
    donors = repeated.select(
        REPEAT, _drawn_place(F.lit("donor"), seed).alias(PLACE), F.struct(*columns).alias(DONOR)
    )
    copies = F.array(
        *(
            F.struct(
                F.lit(number).alias(SHUFFLED),
                *(
                    F.col(DONOR)[name].alias(name) if position == number else F.col(name)
                    for position, name in enumerate(columns)
                ),
            )
            for number in range(len(columns) + 1)
        )
    )
    kept = [name for name in rows.columns if name not in columns]
    return (
        takers.join(donors, [REPEAT, PLACE])
        .select(*kept, F.explode(copies).alias("copy"))
        .select(*kept, "copy.*")
    )


def _drawn_place(part: Column, seed: int) -> Column:
    drawn = F.xxhash64(part, F.lit(seed), F.col(REPEAT), F.col(ROW_ID))
    return F.row_number().over(Window.partitionBy(REPEAT).orderBy(drawn, ROW_ID))
