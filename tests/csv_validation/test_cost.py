"""What a checked read costs, in Spark jobs."""

from pathlib import Path

import pytest
from pyspark.sql import SparkSession
from pyspark.sql.types import StructType

from bank_spark_dl.csv_validation import read_checked_csv
from csv_validation.calls import HEADER, PLAIN, SCHEMA


def count_jobs(spark: SparkSession, group: str, path: Path, schema: StructType) -> int:
    """Read in a job group; without adaptive execution an action is one job."""
    context = spark.sparkContext
    spark.conf.set("spark.sql.adaptive.enabled", "false")
    context.setJobGroup(group, group)
    try:
        read_checked_csv(spark, str(path), schema)
    finally:
        context.setLocalProperty("spark.jobGroup.id", None)
        spark.conf.unset("spark.sql.adaptive.enabled")
    return len(context.statusTracker().getJobIdsForGroup(group))


@pytest.mark.parametrize("columns", [1, 60])
def test_checks_all_columns_in_one_job(spark, columns, write):
    schema = StructType()
    for number in range(columns):
        schema.add(f"c{number}", "integer", nullable=False)
    row = ",".join(["1"] * columns)
    path = write("wide.csv", f"{','.join(schema.names)}\n{row}\n{row}\n")
    assert count_jobs(spark, f"wide{columns}", path, schema) == 1


def test_a_folder_of_many_files_is_one_job(spark, tmp_path, write):
    for number in range(40):
        write(f"part-{number}.csv", PLAIN)
    assert count_jobs(spark, "many", tmp_path, SCHEMA) == 1


def test_looks_for_broken_lines_only_when_something_hints_at_them(spark, write):
    quoted = write("quoted.csv", PLAIN)
    hint = write("hint.csv", HEADER + '1,30,1.5,"say ""a""",no\n')
    broken = write("broken.csv", HEADER + '1,30,1.5,"a\nb",no\n')
    assert count_jobs(spark, "quoted", quoted, SCHEMA) == 1
    assert count_jobs(spark, "hint", hint, SCHEMA) == 3
    assert count_jobs(spark, "broken", broken, SCHEMA) == 4
