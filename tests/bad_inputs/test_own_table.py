"""A table with odd names of columns comes to a split; integration/test_own_tables.py goes on."""

import json
from pathlib import Path

from pyspark.sql import SparkSession

from bad_inputs.own_table import ODD, parameters_of
from bad_inputs.project import run
from bad_inputs.rows import NAMES, ROWS


def test_columns_of_any_name_come_to_a_split(spark: SparkSession, tmp_path: Path):
    results = tmp_path / "data"
    run(["data_processing"], **parameters_of(tmp_path))
    profile = json.loads((results / "02_intermediate/data_profile.json").read_text())
    assert set(profile["columns"]) == {ODD.get(name, name) for name in NAMES}
    clean = spark.read.parquet(str(results / "02_intermediate/bank_clean.parquet"))
    carried = {**ODD, "id": "row_id", "housing": "raw___file", "loan": "raw_features"}
    carried |= {"contact": "raw_row_id", "deposit": "raw_prediction"}
    kept = [name for name in NAMES if name not in ("day", "month")]
    assert clean.columns == [carried.get(name, name) for name in kept]
    assert sorted(tuple(map(str, row)) for row in clean.collect()) == sorted(
        tuple(row[name] for name in kept) for row in ROWS
    )
    parts = [
        spark.read.parquet(str(results / f"03_primary/{part}_rows.parquet")).groupBy(
            "raw_prediction"
        )
        for part in ("train", "test")
    ]
    yes = sum(row["deposit"] == "yes" for row in ROWS)
    train, test = ({row[0]: row[1] for row in part.count().collect()} for part in parts)
    assert test == {"yes": round(0.2 * yes), "no": round(0.2 * (300 - yes))}
    assert sum(train.values()) + sum(test.values()) == 300
