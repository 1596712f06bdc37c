"""No step brings rows to the driver: what tasks send there does not grow with the rows."""

from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import SparkSession

from bad_inputs.project import run
from bank_spark_dl.distributed.data import partitioning as layout
from bank_spark_dl.ml import hash_ranges
from bank_spark_dl.ml.evaluation import comparison, decision
from tests.conftest import SAMPLE, kept_frames

PIPELINES = ["data_processing", "feature_engineering", "modeling", "reporting", "scoring"]
FEW, MANY = 3_000, 11_000
ROW = 2.0  # bytes that no row passes with, compressed as results are


def stages(spark: SparkSession) -> dict[int, int]:
    """Bytes that the tasks of each stage have sent to the driver as results, by stage."""
    context: Any = spark.sparkContext._jsc.sc()
    context.listenerBus().waitUntilEmpty(10_000)
    gateway: Any = spark.sparkContext._gateway
    quantiles = gateway.new_array(gateway.jvm.double, 0)
    statuses = gateway.jvm.java.util.ArrayList()
    found = context.statusStore().stageList(None, False, False, quantiles, statuses)
    each = [found.apply(n) for n in range(found.size())]
    return {stage.stageId(): stage.resultSize() for stage in each}


def sent_to_driver(spark: SparkSession, folder: Path, rows: int) -> int:
    """Run everything on so many rows of the sample; return the bytes of all results."""
    raw = folder / f"{rows}.csv"
    with SAMPLE.open() as lines:
        raw.write_text("".join(islice(lines, rows + 1)))
    before = max(stages(spark), default=-1)
    results = str(folder / str(rows))
    scores = {"input": str(raw), "output": f"{results}/scores.parquet"}
    few_points = {"curve_points": 10, "importance_rows": 500}
    run(PIPELINES, data_root=results, raw_filepath=str(raw), scoring=scores, reporting=few_points)
    return sum(size for stage, size in stages(spark).items() if stage > before)


def test_results_do_not_grow_with_rows(
    spark: SparkSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Histograms that a few thousand rows fill: their size is a constant, whatever the rows.
    monkeypatch.setattr(layout, "HASH_BITS", 6)
    monkeypatch.setattr(decision, "BINS", 20)
    monkeypatch.setattr(comparison, "BINS", 1)
    monkeypatch.setattr(hash_ranges, "RUN_BITS", 4)
    before = kept_frames(spark)
    few, many = (sent_to_driver(spark, tmp_path, rows) for rows in (FEW, MANY))
    assert few > 0
    assert (many - few) / (MANY - FEW) < ROW
    assert kept_frames(spark) == before


def test_the_bytes_of_collected_rows_are_seen(spark: SparkSession) -> None:
    before = stages(spark)
    spark.range(10_000).collect()
    sent = sum(size for stage, size in stages(spark).items() if stage not in before)
    assert sent > 10_000 * ROW
