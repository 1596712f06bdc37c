"""Tables of other people: odd names of columns, labels that are no texts."""

import json
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import SparkSession
from pyspark.sql.types import StructType

from bad_inputs.project import conf_with_schema, run
from bad_inputs.rows import NAMES, ROWS, Row, text, write
from bank_spark_dl.csv_validation import load_schema

ROOT = Path(__file__).parents[2]
ODD = {
    "id": "the.id",
    "age": "Age",
    "balance": "age",
    "job": "a`b",
    "marital": "*",
    "education": "${x}",
    "housing": "__file",
    "loan": "features",
    "contact": "row_id",
    "day": "${x:day}",
    "month": "label_index",
    "poutcome": "größe, 'of' \"it\"",
    "deposit": "prediction",
}


def schema_with(names: dict[str, str], **types: str) -> StructType:
    content = load_schema(ROOT / "conf/base/schema/bank.json").jsonValue()
    for field in content["fields"]:
        field["type"] = types.get(field["name"], field["type"])
        field["name"] = names.get(field["name"], field["name"])
    return StructType.fromJson(content)


def renamed(rows: list[Row], names: dict[str, str]) -> str:
    return text(
        [{names.get(name, name): value for name, value in row.items()} for row in rows],
        [names.get(name, name) for name in NAMES],
    )


def parameters_of(folder: Path) -> dict[str, Any]:
    """Write the table with odd names, and say which column is what."""
    columns = {
        "id": "the.id",
        "label": "prediction",
        "drop": [r"\${x:day}", "label_index"],  # ${...} would be OmegaConf's
        "categorical": "auto",
        "numeric": "auto",
    }
    return {
        "conf": conf_with_schema(folder, schema_with(ODD), ["prediction"]),
        "raw_filepath": str(write(folder / "bank.csv", renamed(ROWS, ODD))),
        "data_root": str(folder / "data"),
        "data": {"columns": columns, "segments": [{"column": r"\${x}"}, {"column": "a`b"}]},
    }


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


def test_columns_of_any_name_come_to_a_report_and_to_scores(spark: SparkSession, tmp_path: Path):
    new = write(tmp_path / "new.csv", renamed(ROWS, {**ODD, "id": "the.id"}))
    parameters = parameters_of(tmp_path) | {
        "elephas": {"batch_size": 32, "epochs": 1},
        "features": {"unseen_categories": "keep"},
        "scoring": {"input": str(new), "output": str(tmp_path / "scores")},
    }
    run(["data_processing", "feature_engineering", "modeling", "reporting"], **parameters)
    run(["scoring"], **parameters)
    page = (tmp_path / "data/08_reporting/report.html").read_text()
    assert "300 rows from" in page
    scores, tests = (
        {row["row_id"]: row["prediction"] for row in spark.read.parquet(str(path)).collect()}
        for path in (
            tmp_path / "scores",
            tmp_path / "data/07_model_output/test_predictions.parquet",
        )
    )
    assert len(scores) == 300
    assert {name: scores[name] for name in tests} == tests


@pytest.mark.parametrize(
    ("kind", "values", "positive"),
    [("boolean", ("false", "true"), "true"), ("double", ("0", "1"), "1")],
)
def test_labels_that_are_no_texts_come_to_a_report(
    kind: str, values: tuple[str, str], positive: str, spark: SparkSession, tmp_path: Path
):
    rows = [row | {"deposit": values[row["deposit"] == "yes"]} for row in ROWS]
    results = tmp_path / "data"
    options: dict[str, Any] = {"data": {"columns": {"positive": positive}}}
    run(
        ["data_processing", "feature_engineering", "modeling", "reporting"],
        conf=conf_with_schema(tmp_path, schema_with({}, deposit=kind), ["deposit"]),
        raw_filepath=str(write(tmp_path / "bank.csv", text(rows))),
        data_root=str(results),
        elephas={"batch_size": 32, "epochs": 1},
        **options,
    )
    metrics = json.loads((results / "08_reporting/metrics.json").read_text())
    yes = sum(row["deposit"] == "yes" for row in ROWS)
    found = [sum(metrics[part]["confusion_matrix"][1]) for part in ("train", "test")]
    assert found == [yes - round(0.2 * yes), round(0.2 * yes)]
    assert "300 rows from" in (results / "08_reporting/report.html").read_text()
