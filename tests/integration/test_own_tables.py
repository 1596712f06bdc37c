"""Tables of other people, from the raw file to a report and to scores."""

import json
import re
from pathlib import Path

from pyspark.sql import SparkSession

from bad_inputs.own_table import ODD, labelled, parameters_of, renamed, schema_with
from bad_inputs.project import conf_with_schema, run
from bad_inputs.rows import ROWS, balanced, text, write

TO_REPORT = ["data_processing", "feature_engineering", "modeling", "reporting"]


def test_columns_of_any_name_and_a_boolean_come_to_a_report_and_to_scores(
    spark: SparkSession, tmp_path: Path
):
    rows, results = labelled("false", "true"), tmp_path / "data"
    new = write(tmp_path / "new.csv", renamed(rows, ODD))
    parameters = parameters_of(tmp_path, rows, "true", deposit="boolean") | {
        "elephas": {"batch_size": 32, "epochs": 1},
        "features": {"unseen_categories": "keep"},
        "scoring": {"input": str(new), "output": str(tmp_path / "scores")},
    }
    run(TO_REPORT, **parameters)
    run(["scoring"], **parameters)
    assert_reported(results)
    scores, tests = (
        {row["row_id"]: row["prediction"] for row in spark.read.parquet(str(path)).collect()}
        for path in (tmp_path / "scores", results / "07_model_output/test_predictions.parquet")
    )
    assert len(scores) == 300
    assert {name: scores[name] for name in tests} == tests


def test_a_number_for_a_label_comes_to_a_report(spark: SparkSession, tmp_path: Path):
    results = tmp_path / "data"
    run(
        TO_REPORT,
        conf=conf_with_schema(tmp_path, schema_with({}, deposit="double"), ["deposit"]),
        raw_filepath=str(write(tmp_path / "bank.csv", text(labelled("0", "1")))),
        data_root=str(results),
        data={"columns": {"positive": "1"}},
        elephas={"batch_size": 32, "epochs": 1},
    )
    assert_reported(results)


def assert_reported(results: Path) -> None:
    """Look for the 300 rows, and for those that say yes in each part of the split."""
    metrics = json.loads((results / "08_reporting/metrics.json").read_text())
    yes = sum(row["deposit"] == "yes" for row in ROWS)
    found = [sum(metrics[part]["confusion_matrix"][1]) for part in ("train", "test")]
    assert found == [yes - round(0.2 * yes), round(0.2 * yes)]
    assert "300 rows of" in (results / "08_reporting/report.html").read_text()


def test_twenty_rows_with_constant_columns_come_to_a_report(spark: SparkSession, tmp_path: Path):
    rows = [row | {"balance": "7"} for row in balanced(20)]
    results = tmp_path / "data"
    run(
        TO_REPORT,
        raw_filepath=str(write(tmp_path / "bank.csv", text(rows))),
        data_root=str(results),
        data={"test_fraction": 0.4},
        features={"unseen_categories": "keep"},
        elephas={"batch_size": 4, "epochs": 1, "validation_split": 0.2},
        reporting={"decision": {"bootstrap": 100}, "importance_repeats": 1},
    )
    page = (results / "08_reporting/report.html").read_text()
    words = re.sub(r"<script.*?</script>|<[^>]*>", "", page, flags=re.DOTALL)
    assert "20 rows of" in words
    metrics = json.loads((results / "08_reporting/metrics.json").read_text())
    assert [metrics[part]["rows"] for part in ("data", "train", "test")] == [20, 12, 8]
