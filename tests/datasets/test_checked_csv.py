"""The dataset as the catalog uses it."""

import gzip
import json
import subprocess
import sys
from pathlib import Path

import pytest
from kedro.io import DatasetError
from kedro.io.core import AbstractDataset

from bank_spark_dl.errors import InputDataError

ROOT = Path(__file__).parents[2]
SCHEMAS = ROOT / "conf/base/schema"
NAMES = json.loads((SCHEMAS / "bank.json").read_text())["fields"]
HEADER = ",".join(field["name"] for field in NAMES)
ROW = "1,59,admin.,married,secondary,no,2343,yes,no,unknown,5,may,1042,1,-1,0,unknown,yes"
UCI_HEADER = ";".join(f'"{name}"' for name in [*HEADER.split(",")[1:-1], "y"])
UCI_ROW = (
    '58;"management";"married";"tertiary";"no";2143;"yes";"no";"unknown";5;"may";'
    '261;1;-1;0;"unknown";"no"'
)


def dataset(path, schema="bank.json", sep=",", **load_args):
    return AbstractDataset.from_config(
        "bank_raw",
        {
            "type": "bank_spark_dl.datasets.CheckedCSVDataset",
            "filepath": str(path),
            "file_format": "csv",
            "load_args": {
                "sep": sep,
                "header": True,
                "schema": {"filepath": str(SCHEMAS / schema)},
                **load_args,
            },
        },
    )


def written(path, *lines):
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_loads_typed_rows(spark, tmp_path):
    frame = dataset(written(tmp_path / "bank.csv", HEADER, ROW)).load()
    whole = {"id", "age", "balance", "day", "duration", "campaign", "pdays", "previous"}
    assert frame.columns == HEADER.split(",")
    assert {name for name, kind in frame.dtypes if kind == "int"} == whole
    assert tuple(frame.first())[:3] == (1, 59, "admin.")


def test_remembers_what_the_last_load_repaired(spark, tmp_path):
    raw = dataset(written(tmp_path / "bank.csv", HEADER, ROW.replace("admin.", " admin."), ROW))
    assert raw.repaired == {}
    assert {row.job for row in raw.load().collect()} == {"admin."}
    assert raw.repaired == {"job": 1}
    written(tmp_path / "bank.csv", HEADER, ROW)
    raw.load()
    assert raw.repaired == {}


def kept_by_executors(spark):
    return spark.sparkContext._jsc.getPersistentRDDs().size()


def test_the_files_are_read_once_and_the_rows_kept_until_release(spark, tmp_path):
    before = kept_by_executors(spark)
    raw = dataset(written(tmp_path / "bank.csv", HEADER, ROW))
    rows = raw.load()
    (tmp_path / "bank.csv").unlink()
    assert [rows.count(), rows.first()["job"]] == [1, "admin."]
    assert kept_by_executors(spark) == before + 1
    raw.release()
    assert kept_by_executors(spark) == before


def test_changed_files_are_read_anew(spark, tmp_path):
    first = dataset(written(tmp_path / "bank.csv", HEADER, ROW))
    first.load()
    second = dataset(written(tmp_path / "bank.csv", HEADER, ROW.replace("admin.", "student")))
    assert second.load().first()["job"] == "student"
    first.release()
    second.release()


def test_loads_the_form_of_bank_full(spark, tmp_path):
    path = written(tmp_path / "bank-full.csv", UCI_HEADER, UCI_ROW)
    row = dataset(path, "bank_full.json", ";").load().first()
    assert (row.age, row.job, row.balance, row.pdays, row.y) == (58, "management", 2143, -1, "no")


@pytest.mark.skipif(
    not (ROOT / "../shared/data/bank.csv").exists(),
    reason="the real file is not part of the project",
)
def test_loads_the_real_file(spark):
    assert dataset((ROOT / "../shared/data/bank.csv").resolve()).load().count() == 11_162


def test_an_input_error_is_the_cause(spark, tmp_path):
    path = written(tmp_path / "bank.csv", HEADER, ROW.replace(",1042,", ",-3,"))
    with pytest.raises(DatasetError) as caught:
        dataset(path).load()
    assert isinstance(caught.value.__cause__, InputDataError)
    assert str(caught.value.__cause__) == (
        f"{path}: column 'duration' must hold whole numbers (int) of at least 0, but 1 of 1 rows "
        "has something else: row 1 has '-3'. "
        "Correct these values, or change the column in the schema."
    )


def test_exists(spark, tmp_path):
    assert not dataset(tmp_path / "no.csv").exists()
    assert dataset(written(tmp_path / "bank.csv", HEADER)).exists()


def test_refuses_to_save(spark, tmp_path):
    with pytest.raises(DatasetError, match="read-only: raw data is never written by a run"):
        dataset(tmp_path / "bank.csv").save(spark.range(1))
    assert not (tmp_path / "bank.csv").exists()


@pytest.mark.parametrize("change", [{"file_format": "json"}, {"load_args": {}}])
def test_needs_csv_and_a_schema(tmp_path, change):
    config = {
        "type": "bank_spark_dl.datasets.CheckedCSVDataset",
        "filepath": str(tmp_path / "bank.csv"),
        "load_args": {"schema": {"filepath": str(SCHEMAS / "bank.json")}},
    }
    with pytest.raises(DatasetError, match="needs `file_format: csv` and `schema"):
        AbstractDataset.from_config("bank_raw", config | change)


def test_remote_paths_need_no_python_file_system(tmp_path):
    for path in ("s3://bucket/bank.csv", "hdfs://host/bank.csv"):
        assert dataset(path)._spark_path.endswith("/bank.csv")


def test_previews_the_first_rows(tmp_path):
    path = written(tmp_path / "bank.csv", "\ufeff" + HEADER, *[ROW] * 9)
    preview = dataset(path).preview(nrows=2)
    assert preview == {
        "index": [0, 1],
        "columns": HEADER.split(","),
        "data": [ROW.split(","), ROW.split(",")],
    }


def test_previews_gzip_and_folders(tmp_path):
    (tmp_path / "_SUCCESS").touch()
    (tmp_path / "part-1.csv.gz").write_bytes(gzip.compress(f"{HEADER}\n{ROW}\n".encode()))
    assert dataset(tmp_path).preview()["data"] == [ROW.split(",")]
    assert dataset(tmp_path / "part-1.csv.gz").preview()["data"] == [ROW.split(",")]


def test_previews_in_the_declared_form(tmp_path):
    lines = f"{HEADER}\n{ROW}\n".replace(",", "\t").replace("\n", "é\n")
    (tmp_path / "bank.tsv").write_bytes(lines.encode("latin-1"))
    previewed = dataset(tmp_path / "bank.tsv", sep="\\t", encoding="ISO-8859-1").preview()
    assert previewed["data"] == [f"{ROW}é".split(",")]


def test_a_preview_starts_no_spark(tmp_path):
    path = written(tmp_path / "bank.csv", HEADER, ROW)
    code = f"""
from kedro.io.core import AbstractDataset
from pyspark import SparkContext
config = {{"type": "bank_spark_dl.datasets.CheckedCSVDataset", "filepath": {str(path)!r},
    "load_args": {{"schema": {{"filepath": {str(SCHEMAS / "bank.json")!r}}}}}}}
assert AbstractDataset.from_config("bank_raw", config).preview()["data"]
assert SparkContext._gateway is None
"""
    subprocess.run([sys.executable, "-c", code], check=True)


def test_order_is_for_rows_to_train_on(spark, tmp_path):
    path = written(tmp_path / "bank.csv", HEADER, ROW, ROW)
    raw = dataset(path, order=True)
    assert sorted(row[":order"] for row in raw.load().collect()) == [0, 1]
    raw.release()
    for load_args in ({"order": True, "ignored": ["deposit"]}, {"order": "yes"}):
        with pytest.raises(DatasetError, match="true only for rows to train on"):
            dataset(path, **load_args)
