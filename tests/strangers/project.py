"""A copy of the project whose rows hold markup and whose configuration holds secrets."""

import csv
import json
import shutil
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[2]
ROWS = 4000
SCRIPT = "<script>alert(1)</script>"
FORMULA = "=1+1"
LINK = "[x](javascript:alert(2)) | **b**"
END = "</script><b>"
CATEGORIES = (SCRIPT, FORMULA, LINK, END)
COLUMN = "<i>job</i>|_x_"  # instead of job
POSITIVE = "<u>yes</u>"  # instead of yes
FILE = "rows <img src=x onerror=alert(3)> [red].csv"
# Each in another place: a dataset's credentials, the environment, spark.yml, Spark's environment.
SECRETS = ("planted-7f1c", "planted-29ab", "planted-e03d", "planted-5b68", "planted-91d4")
ENVIRONMENT = {"PLANTED": SECRETS[1], "AWS_SECRET_ACCESS_KEY": SECRETS[3]}


def make_project(folder: Path) -> Path:
    """Write the project and return its folder; `kedro run` there takes as long as --env=test."""
    project = folder / "project"
    leave = shutil.ignore_patterns("__pycache__", "*.egg-info", "local")
    for name in ("conf", "src"):
        shutil.copytree(ROOT / name, project / name, ignore=leave)
    (project / "conf/local").mkdir()  # a developer's own is no part of it
    for name in ("pyproject.toml", ".telemetry"):
        shutil.copy(ROOT / name, project)
    (project / "data").mkdir()
    _write_rows(project / "data" / FILE)
    _rename_in_schema(project / "conf/base/schema/bank.json")
    _write_conf(project / "conf")
    return project


def _write_rows(path: Path) -> None:
    with (ROOT / "data/01_raw/bank.csv").open() as sample:
        header, *rows = list(csv.reader(sample))[: ROWS + 1]
    job, label = header.index("job"), header.index("deposit")
    header[job] = COLUMN
    for number, row in enumerate(rows):
        if number % 10 < len(CATEGORIES):
            row[job] = CATEGORIES[number % 10]
        row[label] = POSITIVE if row[label] == "yes" else "no"
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([header, *rows])


def _rename_in_schema(path: Path) -> None:
    schema = json.loads(path.read_text())
    for field in schema["fields"]:
        field["name"] = COLUMN if field["name"] == "job" else field["name"]
    path.write_text(json.dumps(schema))


def _write_conf(conf: Path) -> None:
    def write(name: str, content: dict) -> None:
        (conf / "local" / name).write_text(yaml.safe_dump(content))

    base = yaml.safe_load((conf / "base/parameters.yml").read_text())["data"]
    base["columns"]["positive"] = POSITIVE
    base["columns"]["categorical"][0] = COLUMN
    base["availability"][COLUMN] = base["availability"].pop("job")
    base["segments"][-1] = {"column": COLUMN}
    _drop_from_base(conf / "base/parameters.yml", "    job: before_call\n")
    changes = yaml.safe_load((conf / "test/parameters.yml").read_text())
    write("parameters.yml", changes | {"data": base})
    write("globals.yml", {"raw_filepath": f"data/{FILE}"})
    spark = yaml.safe_load((conf / "test/spark.yml").read_text())
    secrets = {
        "spark.hadoop.fs.s3a.secret.key": SECRETS[2],
        "spark.hadoop.fs.azure.account.key.rows.dfs.core.windows.net": SECRETS[4],
    }
    write("spark.yml", spark | {"spark.ui.enabled": True} | secrets)
    write("credentials.yml", {"bucket": {"key": SECRETS[0], "token": "${oc.env:PLANTED}"}})
    metrics = "${runtime_params:data_root, ${globals:data_root}}/08_reporting/metrics.json"
    entry = {
        "type": "bank_spark_dl.datasets.ResultDataset",
        "result": "bank_spark_dl.ml.evaluation.results.Metrics",
    }
    write("catalog.yml", {"metrics": entry | {"filepath": metrics, "credentials": "bucket"}})


def _drop_from_base(path: Path, line: str) -> None:
    text = path.read_text()
    assert line in text
    path.write_text(text.replace(line, ""))
