"""What is seen in a table, and what follows from it."""

import csv
import random
from datetime import date, timedelta
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from bank_spark_dl.drafting.draft import Draft, draft_table
from bank_spark_dl.drafting.roles import Roles
from bank_spark_dl.drafting.source import open_table
from bank_spark_dl.errors import InputDataError

ROWS = 200
HEADER = [
    *("customer id", "age", "zip", "income", "since", "site", "note", "empty", "same", "late"),
    "left",
]


def table() -> list[list[str]]:
    """A table with one column for each thing that may be seen."""
    random.seed(1)
    rows = []
    for number in range(ROWS):
        left = random.random() < 0.3
        rows.append(
            [
                f"C-{number:05}",
                "NA" if number % 20 == 0 else str(random.randint(18, 80)),
                f"{random.randint(0, 6):05}",
                f"{random.random() * 1000:.2f}",
                str(date(2026, 1, 1) + timedelta(days=random.randint(0, 300))),
                random.choice(["north", "south", "?"]),
                f"text {random.random()}",
                "" if number else "x",
                "EU",
                str(random.randint(0, 4) + (10 if left else 0)),
                "yes" if left else "no",
            ]
        )
    return rows


def write(path: Path, rows: list[list[str]], **form: str) -> str:
    with path.open("w", newline="", encoding=form.pop("encoding", "utf-8")) as file:
        csv.writer(file, **form).writerows([HEADER, *rows])  # type: ignore[arg-type]
    return str(path)


def drafted_from(spark: SparkSession, path: str, roles: Roles) -> Draft:
    return draft_table(*open_table(spark, path), roles)


@pytest.fixture(scope="module")
def drafted(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> Draft:
    path = tmp_path_factory.mktemp("table") / "t.csv"
    return drafted_from(spark, write(path, table()), Roles("left"))


@pytest.mark.parametrize(
    ("name", "kind", "use", "reason"),
    [
        ("customer id", "string", "id", "another value in every row"),
        ("age", "int", "number", "19 to 80"),
        ("zip", "string", "category", "7 categories"),
        ("income", "double", "number", ""),
        ("since", "date", "date", ""),
        ("site", "string", "category", "2 categories"),
        ("note", "string", "dropped", "another text in nearly every row"),
        ("empty", "string", "dropped", "99.5% of its values are missing"),
        ("same", "string", "dropped", "one value: 'EU'"),
        ("late", "int", "number", "0 to 14"),
        ("left", "string", "label", "2 classes"),
    ],
)
def test_each_column_has_its_type_and_use(
    drafted: Draft, name: str, kind: str, use: str, reason: str
) -> None:
    (column,) = (column for column in drafted.columns if column.name == name)
    assert (column.kind.simpleString(), column.use) == (kind, use)
    assert reason in column.reason


def test_words_for_missing_values_are_found_and_counted(drafted: Draft) -> None:
    assert drafted.source.load_args == {"sep": ",", "missing_values": ["?", "NA"]}
    missing = {column.name: column.facts.missing for column in drafted.columns}
    assert missing["age"] == ROWS / 20
    assert missing["empty"] == ROWS - 1


def test_a_column_that_alone_foretells_the_label_is_suspicious(drafted: Draft) -> None:
    assert list(drafted.suspicious) == ["late"]
    assert drafted.suspicious["late"] == 1.0


def test_another_form_gives_the_same_columns(
    spark: SparkSession, tmp_path: Path, drafted: Draft
) -> None:
    rows = [[value.replace(".", ",") for value in row] for row in table()]
    path = write(tmp_path / "t.txt", rows, delimiter=";", encoding="cp1252")
    found = drafted_from(spark, path, Roles("left"))
    assert found.source.load_args == {"sep": ";", "decimal": ",", "missing_values": ["?", "NA"]}
    assert [(one.name, one.kind, one.use) for one in found.columns] == [
        (one.name, one.kind, one.use) for one in drafted.columns
    ]


def test_bytes_of_another_encoding_far_below_are_seen(spark: SparkSession, tmp_path: Path) -> None:
    rows = table() * 20
    rows[-1][5] = "süd"
    path = write(tmp_path / "t.csv", rows, encoding="cp1252")
    found = drafted_from(spark, path, Roles("left"))
    assert found.source.load_args["encoding"] == "ISO-8859-1"


@pytest.mark.parametrize("file_format", ["parquet", "orc", "json"])
def test_other_formats_keep_their_types(
    spark: SparkSession, tmp_path: Path, file_format: str
) -> None:
    frame = spark.range(80).selectExpr(
        "id",
        "CAST(id % 3 AS DOUBLE) x",
        "id % 2 = 0 y",
        "IF(id % 5 = 0, NULL, 'a' || id % 2) z",
        "'1' || id % 2 code",
        "date_add(DATE '2026-01-01', CAST(id % 9 AS INT)) day",
    )
    path = str(tmp_path / "t")
    frame.write.format(file_format).save(path)
    found = drafted_from(spark, path, Roles("y"))
    assert (found.source.file_format, found.label.positive) == (file_format, "true")
    assert {one.name: (one.kind.simpleString(), one.use) for one in found.columns} == {
        "id": ("bigint", "id"),
        "x": ("double", "number"),
        "y": ("boolean", "label"),
        "z": ("string", "category"),
        "code": ("string", "category"),
        "day": ("date", "date"),
    }


@pytest.mark.parametrize(
    ("label", "row_id", "part"),
    [
        ("lift", None, "has no column 'lift', which --label names. Did you mean 'left'?"),
        ("left", "customer", "has no column 'customer', which --id names"),
        ("left", "zip", "different values in 50 rows, so it does not identify a row"),
        ("site", None, "is empty in"),
        ("same", None, "must have two or more classes, but has 1: 'EU'"),
    ],
)
def test_a_table_that_cannot_be_used_is_refused(
    spark: SparkSession, tmp_path: Path, label: str, row_id: str | None, part: str
) -> None:
    path = write(tmp_path / "t.csv", table()[:50])
    with pytest.raises(InputDataError) as refused:
        drafted_from(spark, path, Roles(label, row_id=row_id))
    assert part in str(refused.value)


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("left,x\n", "has columns and no rows"),
        (
            "left,x\nyes,1\nno,1\nyes,1\nno,1\n",
            "has no column that could say anything about 'left'",
        ),
        ("%PDF-1.7 ,", "is not a CSV file but a PDF document"),
    ],
)
def test_a_file_without_a_table_is_refused(
    spark: SparkSession, tmp_path: Path, text: str, part: str
) -> None:
    path = tmp_path / "t.csv"
    path.write_text(text)
    with pytest.raises(InputDataError) as refused:
        drafted_from(spark, str(path), Roles("left"))
    assert part in str(refused.value)


@pytest.mark.parametrize(
    ("roles", "uses"),
    [
        (Roles("left", time="since"), {"since": "time", "customer id": "id"}),
        (Roles("left", time=":order"), {"since": "date"}),
        (Roles("left", group="zip"), {"zip": "group", "since": "date"}),
    ],
)
def test_what_holds_rows_out_is_no_input(
    spark: SparkSession, tmp_path: Path, roles: Roles, uses: dict[str, str]
) -> None:
    found = drafted_from(spark, write(tmp_path / "t.csv", table()), roles)
    assert (found.time, found.group) == (roles.time, roles.group)
    assert {column.name: column.use for column in found.columns if column.name in uses} == uses


@pytest.mark.parametrize(
    ("roles", "part"),
    [
        (Roles("left", time="site"), "'site', which --time names, is of the type string"),
        (Roles("left", time="age"), "'age', which --time names, has no value in 10 rows"),
        (Roles("left", group="customer id"), "which --group names, has another value in every row"),
    ],
)
def test_what_cannot_hold_rows_out_is_refused(
    spark: SparkSession, tmp_path: Path, roles: Roles, part: str
) -> None:
    path = write(tmp_path / "t.csv", table())
    with pytest.raises(InputDataError) as refused:
        drafted_from(spark, path, roles)
    assert part in str(refused.value)


def test_files_of_a_folder_may_order_their_columns_otherwise(
    spark: SparkSession, tmp_path: Path
) -> None:
    folder = tmp_path / "t"
    folder.mkdir()
    rows = table()
    write(folder / "a.csv", rows[:100])
    turned = [list(reversed(row)) for row in [HEADER, *rows[100:]]]
    with (folder / "b.csv").open("w", newline="") as file:
        csv.writer(file).writerows(turned)
    found = drafted_from(spark, str(folder), Roles("left"))
    assert found.rows == ROWS
    assert {one.name: one.use for one in found.columns} == {
        one.name: one.use
        for one in drafted_from(spark, write(tmp_path / "t.csv", rows), Roles("left")).columns
    }


def test_files_of_a_folder_need_the_same_columns(spark: SparkSession, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("left,x\nyes,1\n")
    (tmp_path / "b.csv").write_text("left,z\nyes,1\n")
    with pytest.raises(InputDataError, match=r"b\.csv: the header does not fit"):
        drafted_from(spark, str(tmp_path), Roles("left"))
