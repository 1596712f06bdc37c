"""Find the frequent categories of columns, without bringing the rare ones to the driver."""

from collections.abc import Mapping
from dataclasses import replace

from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F

from bank_spark_dl.errors import InputDataError
from bank_spark_dl.ml.features.columns import FeatureColumns, check_any
from bank_spark_dl.ml.features.inputs import InputValues
from bank_spark_dl.parameters import CategoryOptions, ColumnOptions
from bank_spark_dl.spark.adaptive_execution import one_job_per_action


def keep_frequent(
    rows: DataFrame,
    columns: FeatureColumns,
    values: InputValues,
    options: ColumnOptions,
    categories: CategoryOptions,
) -> tuple[FeatureColumns, InputValues]:
    """Choose the categories that get an input, and leave out columns without any.

    Args:
        rows: Train rows with derived columns; one Spark job runs over them unless all are kept.
        columns: The inputs.
        values: Their values.
        options: Says which columns are listed.
        categories: Which categories are kept.

    Raises:
        InputDataError: A listed column has no category that is kept.
        ParameterError: No input is left.
    """
    if categories.keep_all():
        return columns, values
    frequent = frequent_categories(rows, values.texts, categories)
    rare = [name for name, kept in frequent.items() if not kept]
    needed = f"no value has {categories.min_count} train rows"
    listed = [name for name in rare if name in options.listed()]
    if listed:
        raise InputDataError(
            f"data.columns.categorical names {', '.join(listed)}, where {needed}: take it out of "
            "the list, or set a lower features.categories.min_count."
        )
    kept = {name: labels for name, labels in frequent.items() if labels}
    left_out = {**columns.left_out, **dict.fromkeys(rare, needed)}
    texts = {name: values.texts[name] for name in kept}
    return (
        check_any(replace(columns, categorical=tuple(kept), left_out=left_out)),
        replace(values, texts=texts, frequent=kept),
    )


def frequent_categories(
    rows: DataFrame, texts: Mapping[str, str], options: CategoryOptions
) -> dict[str, list[str]]:
    """Find the frequent categories of all columns in one Spark job.

    Args:
        rows: Train rows.
        texts: Categories in SQL, by raw name.
        options: How frequent, and how many.

    Returns:
        By raw name, the most frequent first, ties in alphabetical order.
    """
    names, found = list(texts), {name: list[str]() for name in texts}
    if not texts:
        return found
    pairs = F.array(
        *(
            F.struct(F.lit(place).alias("column"), F.expr(sql).alias("value"))
            for place, sql in enumerate(texts.values())
        )
    )
    there = rows.select(F.explode(pairs).alias("pair")).select("pair.*").where("value IS NOT NULL")
    counts = there.groupBy("column", "value").count().where(F.col("count") >= options.min_count)
    if options.max_categories is not None:
        by_column = Window.partitionBy("column").orderBy(F.desc("count"), "value")
        ranked = counts.withColumn("rank", F.row_number().over(by_column))
        counts = ranked.where(F.col("rank") <= options.max_categories)
    # Sorted by Spark: a row for each of many values would take ten times the driver's memory.
    ordered = F.array_sort(F.collect_list(F.struct(-F.col("count"), "value")))
    columns = counts.groupBy("column").agg(ordered.alias("kept")).select("column", "kept.value")
    with one_job_per_action(rows.sparkSession):
        return found | {names[place]: values for place, values in columns.collect()}
