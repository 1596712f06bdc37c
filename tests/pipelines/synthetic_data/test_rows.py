"""What the drawn rows look like, and that they never change."""

import json
from pathlib import Path

import pytest
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as sf

from bank_spark_dl.datasets import SyntheticCSVDataset
from bank_spark_dl.parameters import SyntheticOptions
from bank_spark_dl.pipelines.synthetic_data.figures import Histogram, Label, load_figures
from bank_spark_dl.pipelines.synthetic_data.nodes import COLUMNS, draw_columns, generate_rows

ROOT = Path(__file__).parents[3]
SAMPLE = ROOT / "data/01_raw/bank.csv"
SKEWED = {"balance", "duration", "campaign", "pdays", "previous"}


@pytest.fixture(scope="module")
def rows(spark: SparkSession) -> DataFrame:
    frame, _ = generate_rows(SyntheticOptions(rows=11_162, seed=1, path="unused"))
    return frame.cache()


def test_the_embedded_sample_is_what_the_generator_writes(
    spark: SparkSession, tmp_path: Path
) -> None:
    marker = SAMPLE.with_name("bank.csv.synthetic.json")
    facts = json.loads(marker.read_text())
    again = tmp_path / "bank.csv"
    options = SyntheticOptions(rows=facts["rows"], seed=facts["seed"], path=str(again))
    SyntheticCSVDataset(filepath=str(again)).save(generate_rows(options))
    assert again.read_bytes() == SAMPLE.read_bytes()
    assert (tmp_path / marker.name).read_bytes() == marker.read_bytes()


def test_partitions_do_not_change_a_row(spark: SparkSession) -> None:
    one, seven = (
        draw_columns(spark.range(1, 2001, numPartitions=n), load_figures(), 1) for n in (1, 7)
    )
    assert seven.rdd.getNumPartitions() == 7
    assert one.collect() == seven.collect()


def test_rows_do_not_depend_on_how_many_there_are(spark: SparkSession, rows: DataFrame) -> None:
    few, _ = generate_rows(SyntheticOptions(rows=100, seed=1, path="unused"))
    assert few.collect() == rows.filter("id <= 100").collect()


def test_another_seed_draws_other_rows(spark: SparkSession, rows: DataFrame) -> None:
    other, _ = generate_rows(SyntheticOptions(rows=11_162, seed=2, path="unused"))
    drawn, others = (set(frame.drop("id").collect()) for frame in (rows, other))
    assert len(drawn & others) < 10


def test_columns_and_types_are_those_of_the_declared_schema(rows: DataFrame) -> None:
    declared = json.loads((ROOT / "conf/base/schema/bank.json").read_text())["fields"]
    assert [(f.name, f.dataType.typeName()) for f in rows.schema] == [
        (field["name"], field["type"]) for field in declared
    ]
    assert rows.columns == list(COLUMNS)


def test_ids_count_from_one(rows: DataFrame) -> None:
    bounds = rows.agg(sf.count_distinct("id"), sf.min("id"), sf.max("id")).first()
    assert bounds == (11_162, 1, 11_162)


@pytest.mark.parametrize("name", [name for name in COLUMNS if name != "id"])
def test_values_are_those_of_the_real_file(rows: DataFrame, name: str) -> None:
    column = load_figures().columns[name]
    seen = {row[0] for row in rows.select(name).distinct().collect()}
    if isinstance(column, Histogram):
        assert min(seen) >= column.edges[0]
        assert max(seen) < column.edges[-1]
    else:
        assert seen == set(column.values)


def test_first_contacts_have_no_history(rows: DataFrame) -> None:
    never, none, unknown = (
        sf.col("pdays") == -1,
        sf.col("previous") == 0,
        sf.col("poutcome") == "unknown",
    )
    assert rows.filter((never != none) | (never != unknown)).count() == 0
    assert 0.7 < rows.filter(never).count() / rows.count() < 0.8


def test_days_are_in_the_calendar(rows: DataFrame) -> None:
    date = sf.to_date(sf.concat_ws(" ", "day", "month", sf.lit("2010")), "d MMM yyyy")
    assert rows.filter(date.isNull()).count() == 0


def test_the_label_is_as_frequent_as_in_the_real_file(rows: DataFrame) -> None:
    positive = rows.filter("deposit = 'yes'").count()
    assert positive / 11_162 == pytest.approx(5_289 / 11_162, abs=0.01)


@pytest.mark.parametrize("statistic", [sf.skewness, sf.kurtosis])
def test_the_same_columns_are_skewed(rows: DataFrame, statistic: object) -> None:
    numbers = ["age", *sorted(SKEWED)]
    values = rows.agg(*(statistic(name).alias(name) for name in numbers)).first()  # type: ignore[operator]
    assert {name for name in numbers if abs(values[name]) > 2} == SKEWED


def test_shares_come_out_as_they_went_in(rows: DataFrame) -> None:
    month = load_figures().columns["month"]
    assert not isinstance(month, Histogram | Label)
    counts = {row["month"]: row["count"] for row in rows.groupBy("month").count().collect()}
    for name, share in zip(month.values, month.shares["all"], strict=True):
        spread = (share * (1 - share) / 11_162) ** 0.5
        assert counts[name] / 11_162 == pytest.approx(share, abs=4 * spread)
