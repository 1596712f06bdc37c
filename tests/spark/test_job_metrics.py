"""What steps cost Spark, and that a wide table costs no more jobs than a narrow one."""

from pathlib import Path

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from bank_spark_dl.ml.features.fit import fit_feature_model
from bank_spark_dl.ml.raw_source import RawSource
from bank_spark_dl.parameters import Parameters
from bank_spark_dl.pipelines.data_processing.nodes import (
    check_rows,
    clean_rows,
    profile_rows,
    split_rows,
)
from bank_spark_dl.spark.job_metrics import costs_so_far
from feature_steps import make

ROWS = 400


def table(spark: SparkSession, folder: Path, texts: int, numbers: int) -> DataFrame:
    """A table on disk with as many text and number columns as asked for."""

    def drawn(name: str) -> F.Column:
        return F.pmod(F.xxhash64("id", F.lit(name)), F.lit(97))

    columns = {f"t{n}": F.concat(F.lit("v"), drawn(f"t{n}") % 5) for n in range(texts)}
    columns |= {f"n{n}": drawn(f"n{n}") * drawn(f"m{n}") for n in range(numbers)}
    label = F.when(drawn("label") < 50, "yes").otherwise("no")
    rows = spark.range(ROWS).withColumns({**columns, "deposit": label})
    path = str(folder / f"{texts}_{numbers}.parquet")
    rows.write.parquet(path)
    return spark.read.parquet(path)


def jobs(rows: DataFrame, parameters: Parameters) -> dict[str, int]:
    """Jobs of each step from raw rows to feature vectors."""
    spark, data, features = rows.sparkSession, parameters.data, parameters.features
    found, before = {}, costs_so_far(spark)

    def note(step: str) -> None:
        nonlocal before
        after = costs_so_far(spark)
        found[step], before = after.since(before)["jobs"], after

    source = RawSource("table", "", synthetic=False)
    check_rows(rows, source, data)
    note("check")
    profile_rows(rows, source, data)
    note("profile")
    clean = clean_rows(rows, data)
    train, test = split_rows(clean, data, parameters.seed)
    note("split")
    fitted = fit_feature_model(train, data, features)
    note("fit")
    for made in make(train, test, fitted, (data, features)):
        made.write.format("noop").mode("overwrite").save()
    note("make")
    return found


def test_wide_tables_cost_no_more_jobs(
    spark: SparkSession, parameters: Parameters, tmp_path: Path
) -> None:
    columns = parameters.data.columns.model_copy(
        update={"categorical": "auto", "numeric": "auto", "drop": []}
    )
    data = parameters.data.model_copy(update={"columns": columns, "segments": []})
    wide = parameters.model_copy(update={"data": data})
    narrow = jobs(table(spark, tmp_path, 2, 2), wide)
    assert jobs(table(spark, tmp_path, 20, 60), wide) == narrow
    assert all(narrow.values())


def test_jobs_and_bytes_are_those_of_the_work(spark: SparkSession, tmp_path: Path) -> None:
    rows = table(spark, tmp_path, 1, 1)
    before = costs_so_far(spark)
    rows.write.format("noop").mode("overwrite").save()
    first = costs_so_far(spark)
    assert first.since(before)["jobs"] == 1
    size = sum(part.stat().st_size for part in tmp_path.glob("*/*.parquet"))
    assert 0.5 * size < first.since(before)["bytes_read"] < 2 * size
    assert costs_so_far(spark).since(first) == {"jobs": 0, "bytes_read": 0}
