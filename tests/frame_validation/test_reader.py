"""What is read of Parquet, ORC and JSON lines, and what is refused with which words."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from pyspark.sql import SparkSession
from pyspark.sql.types import (
    BooleanType,
    DataType,
    DateType,
    DecimalType,
    DoubleType,
    IntegerType,
    StringType,
    StructField,
    StructType,
    TimestampType,
)

from bank_spark_dl.errors import InputDataError
from bank_spark_dl.frame_validation import read_checked_frame

TYPES_OF_SPARK: dict[str, DataType] = {
    "int": IntegerType(),
    "double": DoubleType(),
    "decimal(6,2)": DecimalType(6, 2),
    "boolean": BooleanType(),
    "date": DateType(),
    "timestamp": TimestampType(),
    "string": StringType(),
}
FORMATS = ["parquet", "orc", "json"]
KINDS = {
    "id": "int",
    "age": "int",
    "rate": "double",
    "price": "decimal(6,2)",
    "paid": "boolean",
    "day": "date",
    "at": "timestamp",
    "note": "string",
    "y": "string",
}
SCHEMA = StructType(
    [
        StructField(
            name,
            TYPES_OF_SPARK[kind],
            nullable=name not in ("id", "y"),
            metadata={"min": 0} if name == "age" else {},
        )
        for name, kind in KINDS.items()
    ]
)
ROWS = """
    (1, 30, 1.5D, cast(2.25 AS decimal(6,2)), true, date'2024-02-29',
     timestamp'2024-02-29 10:30:00', 'a, "b"', 'yes'),
    (2, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 'no')
"""
Save = Callable[..., Path]
Refusal = Callable[..., str]


@pytest.fixture
def save(spark: SparkSession, tmp_path: Path) -> Save:
    """Save the two rows with some columns replaced by SQL expressions, in one file."""

    def save(file_format: str, *expressions: str, columns: str = "*", name: str = "rows") -> Path:
        rows = spark.sql(f"SELECT * FROM VALUES {ROWS} AS t({', '.join(KINDS)})")
        for expression in expressions:
            value, column = expression.rsplit(" AS ", 1)
            rows = rows.selectExpr(
                *(f"`{n}`" for n in rows.columns if n != column), f"{value} AS `{column}`"
            )
        path = tmp_path / name
        rows.selectExpr(columns.split(",")).coalesce(1).write.format(file_format).mode(
            "overwrite"
        ).save(str(path))
        return path

    return save


@pytest.fixture
def refusal(spark: SparkSession) -> Refusal:
    def refusal(path: Path, file_format: str, schema: StructType = SCHEMA, **options: Any) -> str:
        with pytest.raises(InputDataError) as caught:
            read_checked_frame(spark, str(path), file_format, schema, **options)
        return str(caught.value).replace(str(path), "PATH")

    return refusal


def rows_of(spark: SparkSession, path: Path, file_format: str, **options: Any) -> list[Any]:
    read = read_checked_frame(spark, str(path), file_format, SCHEMA, **options)
    assert read.rows.columns == [n for n in KINDS if n not in options.get("ignored", ())]
    return sorted(tuple(row) for row in read.rows.collect())


@pytest.mark.parametrize("file_format", FORMATS)
def test_values_of_all_types_are_read_in_any_order_of_columns(
    file_format: str, spark: SparkSession, save: Save
) -> None:
    expected = [tuple(row) for row in spark.sql(f"VALUES {ROWS}").collect()]
    path = save(file_format, "y AS y", "rate AS rate")
    assert rows_of(spark, path, file_format) == expected
    read = read_checked_frame(spark, f"{path}/part*", file_format, SCHEMA)
    for file in path.iterdir():
        file.unlink()  # one pass has read the rows and keeps them
    assert read.rows.count() == 2
    assert read.repaired == {}


@pytest.mark.parametrize("file_format", FORMATS)
def test_narrower_numbers_and_nan_are_read(
    file_format: str, spark: SparkSession, save: Save
) -> None:
    path = save(file_format, "smallint(id) AS id", "double('NaN') AS rate")
    rows = rows_of(spark, path, file_format)
    assert [(row[0], row[2]) for row in rows] == [(1, None), (2, None)]


@pytest.mark.parametrize("file_format", FORMATS)
def test_blanks_around_texts_are_removed_and_counted(
    file_format: str, spark: SparkSession, save: Save
) -> None:
    path = save(file_format, "if(id = 1, ' yes ', y) AS y", "' ' AS note")
    read = read_checked_frame(spark, str(path), file_format, SCHEMA)
    assert read.repaired == {"note": 2, "y": 1}
    assert sorted(map(tuple, read.rows.select("id", "note", "rate", "y").collect())) == [
        (1, None, 1.5, "yes"),
        (2, None, None, "no"),
    ]


BAD = {
    "below_min": (
        "if(id = 2, -3, age) AS age",
        "column 'age' must hold whole numbers (int) of at least 0, but 1 of 2 rows has something "
        "else: row 2 of FILE has '-3'. Correct these values, or change the column in the schema.",
    ),
    "empty": (
        "if(id = 1, NULL, y) AS y",
        "column 'y' must hold text, but 1 of 2 rows has something else: row 1 of FILE is empty. "
        "Fill these fields, or declare the column nullable in the schema.",
    ),
    "nan_where_a_number_must_stand": (
        "double('NaN') AS rate",
        "column 'rate' must hold finite numbers (double), but 2 of 2 rows have something else: "
        "row 1 of FILE is empty, row 2 of FILE is empty. "
        "Fill these fields, or declare the column nullable in the schema.",
    ),
    "infinity": (
        "if(id = 1, double('-inf'), rate) AS rate",
        "column 'rate' must hold finite numbers (double), but 1 of 2 rows has something else: "
        "row 1 of FILE has '-Infinity'. Correct these values, or change the column in the schema.",
    ),
}


@pytest.mark.parametrize("file_format", FORMATS)
@pytest.mark.parametrize("case", BAD)
def test_a_value_is_refused_as_in_csv(
    case: str, file_format: str, save: Save, refusal: Refusal
) -> None:
    expression, message = BAD[case]
    path = save(file_format, expression)
    (file,) = (file.name for file in path.iterdir() if file.name.startswith("part-"))
    nullable = {field.name: field.nullable for field in SCHEMA} | {"rate": False}
    fields = [StructField(f.name, f.dataType, nullable[f.name], f.metadata) for f in SCHEMA]
    schema = StructType(fields) if case.startswith("nan") else SCHEMA
    said = refusal(path, file_format, schema)
    if file_format == "json":
        said = said.replace('"-Infinity"', "-Infinity")
    assert said == f"PATH: {message.replace('FILE', file)}"


@pytest.mark.parametrize("file_format", FORMATS)
def test_columns_are_compared(file_format: str, save: Save, refusal: Refusal) -> None:
    path = save(file_format, "1 AS zip", "id AS Age", columns="id,zip,Age,rate,price,paid,day,at,y")
    said = refusal(path, file_format)
    assert "its columns do not fit the declared schema." in said
    assert "Missing: 'note'." in said or file_format == "json"
    assert "Not declared: 'zip', 'Age' (did you mean 'age'?)." in said


@pytest.mark.parametrize("file_format", FORMATS)
def test_a_column_that_no_file_has_is_missing(
    file_format: str, spark: SparkSession, save: Save, refusal: Refusal
) -> None:
    path = save(file_format, columns="id,rate,price,paid,day,at,note")
    assert "Missing: 'age'. Rename" in refusal(path, file_format, ignored=["y"])
    read = read_checked_frame(
        spark, str(path), file_format, SCHEMA, ignored=["y"], optional=["age"]
    )
    assert read.rows.columns == ["id", "rate", "price", "paid", "day", "at", "note"]


@pytest.mark.parametrize("file_format", FORMATS)
def test_names_are_found_with_other_blanks(
    file_format: str, spark: SparkSession, save: Save, refusal: Refusal
) -> None:
    columns = ",".join(f"{name} AS ` {name}`" if name == "rate" else name for name in KINDS)
    path = save(file_format, columns=columns)
    assert [row[2] for row in rows_of(spark, path, file_format)] == [1.5, None]
    path = save(file_format, columns=f"{columns},rate")
    assert "More than once: 'rate'." in refusal(path, file_format)


TYPES = {
    "id": ("bigint(id)", "holds long there, and the schema declares int"),
    "rate": ("string(rate)", "holds text (string) there, and the schema declares double"),
    "price": ("cast(1 AS decimal(7,3))", "holds decimal(7,3) there"),
    "day": ("at", "holds timestamp there, and the schema declares date"),
    "note": ("array(note)", "holds array<string> there, and the schema declares text"),
}


@pytest.mark.parametrize("file_format", ["parquet", "orc"])
@pytest.mark.parametrize("column", TYPES)
def test_a_type_that_does_not_fit(
    column: str, file_format: str, save: Save, refusal: Refusal
) -> None:
    expression, message = TYPES[column]
    said = refusal(save(file_format, f"{expression} AS {column}"), file_format)
    assert f"column '{column}' {message}" in said
    assert said.endswith("Change the type in the schema, or in the table.")


@pytest.mark.parametrize("file_format", ["parquet", "orc"])
def test_files_of_different_layouts(
    file_format: str, spark: SparkSession, save: Save, tmp_path: Path, refusal: Refusal
) -> None:
    save(file_format, name="all/a")
    save(file_format, "smallint(age) AS age", "y AS y", name="all/b")
    assert len(rows_of(spark, tmp_path / "all", file_format)) == 4
    save(file_format, columns="id,age", name="all/c")
    assert "/all/c/part-" in refusal(tmp_path / "x/../all", file_format).split(":")[0]


@pytest.mark.parametrize("file_format", ["parquet", "json"])
def test_folders_give_columns(
    file_format: str, spark: SparkSession, tmp_path: Path, refusal: Refusal
) -> None:
    path = tmp_path / "rows"
    rows = spark.sql("SELECT * FROM VALUES (1, 2, 'a/b c+'), (2, 3, NULL) AS t(id, n, site)")
    rows.write.partitionBy("n", "site").format(file_format).save(str(path))
    schema = StructType().add("id", "integer").add("site", "string").add("n", "integer")
    read = read_checked_frame(spark, str(path), file_format, schema)
    assert sorted(map(tuple, read.rows.collect())) == [(1, "a/b c+", 2), (2, None, 3)]
    assert "Not declared: 'n'." in refusal(path, file_format, StructType([schema[0], schema[1]]))
    (path / "n=2").rename(path / "n=x")
    assert "column 'n' must hold whole numbers (int), but 1 of 2" in refusal(
        path, file_format, schema
    )


@pytest.mark.parametrize("file_format", ["parquet", "orc"])
def test_damaged_files(file_format: str, save: Save, refusal: Refusal) -> None:
    (file,) = save(file_format).glob("part-*")
    whole = file.read_bytes()
    file.with_name(f".{file.name}.crc").unlink()
    file.write_bytes(whole[: len(whole) // 2])
    assert "file, or it is cut off or damaged. Replace it by a whole copy" in refusal(
        file, file_format
    )
    damaged = bytearray(whole)
    damaged[4 : len(whole) // 2] = b"\xff" * (len(whole) // 2 - 4)
    file.write_bytes(damaged)
    assert "it is cut off or damaged" in refusal(file, file_format)


def test_an_empty_table(spark: SparkSession, save: Save, refusal: Refusal) -> None:
    path = save("parquet", name="full")
    spark.read.parquet(str(path)).limit(0).coalesce(1).write.parquet(f"{path}/none")
    assert refusal(path / "none", "parquet").endswith(
        "has no rows. Replace it by a file with data."
    )


def test_a_table_of_pandas(spark: SparkSession, tmp_path: Path) -> None:
    days = pd.to_datetime(["2024-02-29 10:30", None])
    table = pd.DataFrame({"id": [1, 2], "at": days, "none": [None, None], "x": [1.5, float("nan")]})
    table["kind"] = pd.Categorical(["a", None])
    table.to_parquet(tmp_path / "a.parquet")
    schema = StructType().add("id", "long").add("at", "timestamp").add("none", "integer")
    schema.add("x", "double").add("kind", "string")
    read = read_checked_frame(spark, str(tmp_path / "a.parquet"), "parquet", schema)
    assert sorted(map(tuple, read.rows.collect())) == [
        (1, days[0].to_pydatetime(), None, 1.5, "a"),
        (2, None, None, None, None),
    ]


JSON = StructType().add("id", "integer", nullable=False).add("a", "double").add("b", "string")
LINES = {
    "text_for_a_number": (
        '{"id": 1, "a": 2, "b": ""}\n\n{"id": "39"}',
        "column 'id' must hold whole numbers (int), but 1 of 2 rows has something else: row 2 has "
        "'\"39\"'. Correct these values, or change the column in the schema.",
    ),
    "fraction": ('{"id": 1.5, "a": 1, "b": ""}', "row 1 has '1.5'. Correct these values"),
    "malformed": (
        '{"id": 1, "a": 2, "b": "x"}\n{"id": 2, "a"\n[1]\n',
        "each line must be a JSON object, but 2 of 3 rows are something else: row 2 has "
        "'{\"id\": 2, \"a\"', row 3 has '[1]'. Correct these lines.",
    ),
    "array": (
        '[{"id": 1},\n{"id": 2}]',
        "its first line is no JSON object: '[{\"id\": 1},'. Write one object a line",
    ),
    "unknown_later": ('{"id": 1, "a": 2, "b": "x"}\n{"id": 2, "zip": 1}', "Not declared: 'zip'."),
    "doubled_later": ('{"id": 1, "a": 2, "b": "x"}\n{"id": 2, "id": 1}', "More than once: 'id'."),
    "missing": ('{"id": 1, "a": 2}\n{"id": 2}', "Missing: 'b'."),
    "too_large": ('{"id": 3000000000, "a": 1, "b": "x"}', "declare a wider type (long or double)"),
}


@pytest.mark.parametrize("case", LINES)
def test_lines_of_json_that_are_refused(case: str, tmp_path: Path, refusal: Refusal) -> None:
    content, message = LINES[case]
    path = tmp_path / "a.jsonl"
    path.write_text(content)
    assert message in refusal(path, "json", JSON)


def test_lines_of_json_may_lack_what_is_nullable(spark: SparkSession, tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('\ufeff{"id": 1}\n{"b": "ä", "id": 2}\r\n{"id": 3, "a": 4, "b": null}\n')
    read = read_checked_frame(spark, str(path), "json", JSON)
    assert read.rows.collect() == [(1, None, None), (2, None, "ä"), (3, 4.0, None)]
