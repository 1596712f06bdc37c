"""A table that another dataset loads: of a database, or a pandas frame."""

from pathlib import Path
from typing import Any

import pytest
from kedro.io import DatasetError
from kedro.io.core import AbstractDataset
from pyspark.sql import SparkSession
from pyspark.sql.types import StructType
from tests.conftest import kept_frames

from bank_spark_dl.datasets.paths import uri_of
from bank_spark_dl.errors import InputDataError
from bank_spark_dl.spark.row_hash import hash_rows

URL = "jdbc:derby:memory:checked_table;create=true"
KINDS = {"id": "integer", "note": "string", "paid": "decimal(8,2)", "seen": "timestamp"}
ROWS = [(1, " a", "1.50", "2026-01-01 10:00:00"), (2, None, "2.25", None)]


@pytest.fixture(scope="module")
def database(spark: SparkSession) -> dict[str, Any]:
    """The configuration of a dataset that reads a table of an embedded database."""
    jvm: Any = spark._jvm
    jvm.java.lang.System.setProperty("derby.stream.error.file", "/dev/null")
    texts = spark.createDataFrame(ROWS, "id int, note string, paid string, seen string")
    rows = texts.selectExpr(*(f"CAST({name} AS {kind}) {name}" for name, kind in KINDS.items()))
    rows.write.jdbc(URL, "customers", mode="overwrite")
    return {"type": "spark.SparkJDBCDataset", "url": URL, "table": "customers"}


@pytest.fixture
def workbook(tmp_path: Path) -> dict[str, Any]:
    """The configuration of a dataset that pandas reads."""
    path = tmp_path / "customers.csv"
    path.write_text("id,note\n1,a\n2,\n")
    return {"type": "pandas.CSVDataset", "filepath": str(path)}


def dataset(config: dict[str, Any], folder: Path, kinds: dict[str, str], **load_args: Any) -> Any:
    declared = StructType()
    for name, kind in kinds.items():
        declared.add(name, kind, nullable=name != "id")
    (folder / "schema.json").write_text(declared.json())
    filepath = str(folder / "schema.json")
    return AbstractDataset.from_config(
        "bank_raw",
        {
            "type": "bank_spark_dl.datasets.CheckedTableDataset",
            "name": "customers",
            "dataset": config,
            "load_args": {"schema": {"filepath": filepath}, **load_args},
        },
    )


def source(config: dict[str, Any]) -> Any:
    kind = "bank_spark_dl.datasets.TableSourceDataset"
    return AbstractDataset.from_config(
        "raw_source", {"type": kind, "name": "customers", "dataset": config}
    )


def test_a_table_of_a_database_is_read_as_files_are(
    spark: SparkSession, database: dict[str, Any], tmp_path: Path
) -> None:
    before = kept_frames(spark)
    raw = dataset(database, tmp_path, KINDS)
    rows = raw.load()
    assert dict(rows.dtypes) == KINDS | {"id": "int"}
    found = sorted((row.id, row.note, str(row.paid)) for row in rows.collect())
    assert found == [(1, "a", "1.50"), (2, None, "2.25")]
    assert raw.repaired == {"note": 1}
    assert len(kept_frames(spark) - before) == 1
    raw.release()
    assert kept_frames(spark) == before


def test_a_pandas_frame_is_a_table(
    spark: SparkSession, workbook: dict[str, Any], tmp_path: Path
) -> None:
    raw = dataset(workbook, tmp_path, {"id": "long", "note": "string"})
    assert sorted(map(tuple, raw.load().collect())) == [(1, "a"), (2, None)]
    assert uri_of(raw) == workbook["filepath"]
    raw.release()


def test_rows_to_score_may_lack_columns(
    spark: SparkSession, workbook: dict[str, Any], tmp_path: Path
) -> None:
    raw = dataset(workbook, tmp_path, {"id": "long", "y": "string"}, ignored=["note"])
    assert raw.reads_rows_to_score
    raw.may_lack(["y"])
    assert raw.load().columns == ["id"]
    raw.release()


@pytest.mark.parametrize(
    ("kinds", "part"),
    [
        ({"id": "long"}, "customers: its columns do not fit the declared schema. Not declared: 'n"),
        (
            {"id": "long", "note": "integer"},
            "column 'note' holds text (string) there, and the schema",
        ),
        ({"note": "string", "id": "integer"}, "'id' holds long there, and the schema declares int"),
    ],
)
def test_what_is_not_declared_is_refused(
    spark: SparkSession, workbook: dict[str, Any], tmp_path: Path, kinds: dict[str, str], part: str
) -> None:
    with pytest.raises(DatasetError) as caught:
        dataset(workbook, tmp_path, kinds).load()
    assert isinstance(caught.value.__cause__, InputDataError)
    assert part in str(caught.value.__cause__)


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("id,note\n,a\n2,b\n", "column 'id' must hold finite numbers (double), but 1 of 2 rows"),
        ("id,note\n", "customers has no rows"),
    ],
)
def test_a_value_that_is_not_declared_is_refused(
    spark: SparkSession, workbook: dict[str, Any], tmp_path: Path, text: str, part: str
) -> None:
    Path(workbook["filepath"]).write_text(text)
    config = workbook | {"load_args": {"dtype": {"id": "float64", "note": "object"}}}
    with pytest.raises(DatasetError) as caught:
        dataset(config, tmp_path, {"id": "double", "note": "string"}).load()
    assert part in str(caught.value.__cause__)


@pytest.mark.parametrize(
    ("config", "part"),
    [
        ({"type": "MemoryDataset", "data": {"a": 1}}, "customers is no table: it loads dict"),
        (
            {"type": "spark.SparkJDBCDataset", "url": URL, "table": "gone"},
            "The dataset customers cannot be loaded: java.sql.SQLSyntaxErrorException: ",
        ),
        (
            {"type": "pandas.CSVDataset", "filepath": "/nowhere/t.csv"},
            "cannot be loaded: [Errno 2] No such file or directory",
        ),
    ],
)
def test_what_is_no_table_is_refused_in_one_sentence(
    database: dict[str, Any], tmp_path: Path, config: dict[str, Any], part: str
) -> None:
    with pytest.raises(DatasetError) as caught:
        dataset(config, tmp_path, KINDS).load()
    assert part in str(caught.value.__cause__)
    assert "\n" not in str(caught.value.__cause__)


def test_a_column_of_several_types_is_refused(spark: SparkSession, tmp_path: Path) -> None:
    import pandas as pd

    mixed = pd.DataFrame({"id": [1, 2], "note": ["a", 3]})
    config = {"type": "MemoryDataset", "data": mixed}
    with pytest.raises(DatasetError) as caught:
        dataset(config, tmp_path, KINDS).load()
    assert "has a column with values of several types" in str(caught.value.__cause__)
    assert "column note" in str(caught.value.__cause__)


@pytest.mark.parametrize("load_args", [{"order": True}, {"sep": ";"}])
def test_what_the_catalog_must_say(
    workbook: dict[str, Any], tmp_path: Path, load_args: dict[str, Any]
) -> None:
    with pytest.raises(DatasetError, match=f"load_args, not {next(iter(load_args))}. Remove it"):
        dataset(workbook, tmp_path, KINDS, **load_args)


@pytest.mark.parametrize("load_args", [None, {"ignored": ["y"]}, {"schema": "customers.json"}])
def test_a_table_without_a_schema_is_refused(
    workbook: dict[str, Any], load_args: dict[str, Any] | None
) -> None:
    entry = {"type": "bank_spark_dl.datasets.CheckedTableDataset", "name": "customers"}
    given = {} if load_args is None else {"load_args": load_args}
    with pytest.raises(DatasetError) as refused:
        AbstractDataset.from_config("bank_raw", {**entry, "dataset": workbook, **given})
    assert "needs `schema: {filepath: ...}` in load_args to check the table customers. Set" in str(
        refused.value
    )


def test_a_table_is_known_by_its_rows_in_any_order(spark: SparkSession) -> None:
    rows = spark.createDataFrame([(1, "a"), (2, None)], "id int, note string")
    same = rows.orderBy("id", ascending=False).repartition(3)
    assert hash_rows(rows) == hash_rows(same)
    others = [
        rows.limit(1),
        rows.union(rows),
        rows.withColumnRenamed("note", "text"),
        rows.withColumn("note", rows["id"].cast("string")),
    ]
    assert len({hash_rows(rows), *map(hash_rows, others)}) == 1 + len(others)


def test_the_source_names_the_dataset(database: dict[str, Any]) -> None:
    found = source(database).load()
    assert (found.source, len(found.sha256), found.synthetic) == ("customers", 64, False)
