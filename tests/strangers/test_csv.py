"""CSV outputs: a spreadsheet that opens one computes nothing."""

import csv
from pathlib import Path

from pyspark.sql import SparkSession

from bank_spark_dl.datasets import SparkFrameDataset

DANGEROUS = ["=1+1", "+cmd", "-2+3", "@sum(a)", "\t=1", "=HYPERLINK(1)"]
PLAIN = ["-1", "+4", "-1.5", "a=b", "x", "", None]


def test_formulas_are_quoted(spark: SparkSession, tmp_path: Path) -> None:
    rows = [(text, -1.0) for text in DANGEROUS + PLAIN]
    frame = spark.createDataFrame(rows, "`=row id` string, probability double").coalesce(1)
    save_args = {"header": True, "quoteAll": True, "emptyValue": "", "escape": '"'}
    path = tmp_path / "scores.csv"
    SparkFrameDataset(filepath=str(path), file_format="csv", save_args=save_args).save(frame)
    (part,) = path.glob("part-*.csv")
    with part.open(newline="") as file:
        header, *found = list(csv.reader(file))
    assert header == ["'=row id", "probability"]
    assert [row[0] for row in found] == [*(f"'{x}" for x in DANGEROUS), *(x or "" for x in PLAIN)]
    assert {row[1] for row in found} == {"-1.0"}


def test_parquet_keeps_what_it_is_given(spark: SparkSession, tmp_path: Path) -> None:
    frame = spark.createDataFrame([(text,) for text in DANGEROUS], "x string")
    dataset = SparkFrameDataset(filepath=str(tmp_path / "x.parquet"))
    dataset.save(frame)
    assert sorted(row.x for row in dataset.load().collect()) == sorted(DANGEROUS)
