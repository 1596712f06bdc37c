"""A table of somebody else: odd names of columns, another type of the label."""

from pathlib import Path
from typing import Any

from pyspark.sql.types import StructType

from bad_inputs.project import ROOT, conf_with_schema
from bad_inputs.rows import NAMES, ROWS, Row, text, write
from bank_spark_dl.csv_validation import load_schema

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


def labelled(no: str, yes: str) -> list[Row]:
    """Write the two classes in another way."""
    return [row | {"deposit": (no, yes)[row["deposit"] == "yes"]} for row in ROWS]


def parameters_of(
    folder: Path, rows: list[Row] = ROWS, positive: str = "yes", **types: str
) -> dict[str, Any]:
    """Write the table with odd names, and say which column is what."""
    columns = {
        "id": "the.id",
        "label": "prediction",
        "positive": positive,
        "drop": [r"\${x:day}", "label_index"],  # ${...} would be OmegaConf's
        "categorical": "auto",
        "numeric": "auto",
    }
    return {
        "conf": conf_with_schema(folder, schema_with(ODD, **types), ["prediction"]),
        "raw_filepath": str(write(folder / "bank.csv", renamed(rows, ODD))),
        "data_root": str(folder / "data"),
        "data": {"columns": columns, "segments": [{"column": r"\${x}"}, {"column": "a`b"}]},
    }
