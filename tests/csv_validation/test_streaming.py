"""Files that arrive in a folder: each row is read as it is declared, or stops the stream."""

import gzip
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import SparkSession

from bank_spark_dl.csv_validation import CSVStream
from bank_spark_dl.csv_validation.options import CSVOptions
from bank_spark_dl.errors import InputDataError
from bank_spark_dl.messages.diagnostics import user_mistake
from csv_validation.calls import HEADER, PLAIN, ROWS, SCHEMA

Read = Callable[..., list[tuple[Any, ...]]]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "arriving"
    folder.mkdir()
    return folder


@pytest.fixture
def read(spark: SparkSession, folder: Path, tmp_path: Path) -> Read:
    """Return a function that reads what has arrived since it was called last."""

    def read(**options: Any) -> list[tuple[Any, ...]]:
        ignored = options.pop("ignored", ())
        per_batch = options.pop("files_per_batch", 10)
        form = CSVOptions.parse(options)
        arriving = CSVStream(spark, f"file://{folder}", SCHEMA, ignored, form)
        found: list[tuple[Any, ...]] = []
        query = (
            arriving.read("id", per_batch)
            .writeStream.foreachBatch(lambda rows, _: found.extend(map(tuple, rows.collect())))
            .option("checkpointLocation", str(tmp_path / "checkpoint"))
            .trigger(availableNow=True)
            .start()
        )
        try:
            query.awaitTermination()
        except Exception as error:
            reason = arriving.why(error)
            if reason is None:
                raise
            raise reason from error
        return sorted(found)

    return read


def test_each_file_is_read_once_with_its_name(folder: Path, read: Read) -> None:
    first = folder / "50% +1 [ä].csv"
    first.write_text(PLAIN)
    assert read() == [(*row, str(first)) for row in ROWS]
    second = folder / "sub/x=1/0.csv.gz"
    second.parent.mkdir(parents=True)
    second.write_bytes(gzip.compress(PLAIN.encode()))
    os.utime(second, (1e9, 1e9))  # decades older than what was read
    (folder / "_half.csv").write_text("id")
    (folder / "empty.csv").write_text("")
    assert read() == [(*row, str(second)) for row in ROWS]
    assert read() == []


def test_the_first_file_says_in_which_order_columns_come(folder: Path, read: Read) -> None:
    (folder / "a.csv").write_text('note,id,rate,age\n"a, b",1,1.5,30\n')
    (folder / "b.csv").write_text("note,id,rate,age\n,2,,40\n")
    assert [row[:4] for row in read(ignored=["y"], files_per_batch=1)] == [row[:4] for row in ROWS]


def test_blanks_and_line_breaks_in_quotes(folder: Path, read: Read) -> None:
    (folder / "a.csv").write_text('id,age,rate,y,note\r\n1 , 30,1.5,no,"a\r\n2,40,2.5,no,b"\r\n')
    assert [row[:5] for row in read()] == [(1, 30, 1.5, "a\n2,40,2.5,no,b", "no")]


def test_nothing_has_arrived_yet(folder: Path, read: Read) -> None:
    assert read() == []
    (folder / "a.csv").write_text(PLAIN)
    assert len(read()) == 2


def test_there_is_no_folder(folder: Path, read: Read) -> None:
    folder.rmdir()
    with pytest.raises(InputDataError) as refused:
        read()
    assert str(refused.value) == (f"{folder} does not exist. Make the folder, or correct the path.")


AGAIN = " Then run again: the stream goes on with this file."
IN_ROW_2 = ": in the row with id 2 the column "
REFUSED = {
    "not_a_number": (
        HEADER + "1,30,,,no\n2,old,,,no\n",
        IN_ROW_2
        + "'age' must hold whole numbers (int) of at least 0, but has 'old'. Correct it."
        + AGAIN,
    ),
    "too_large": (
        HEADER + "2,30,100.5,,no\n",
        IN_ROW_2 + "'rate' must hold finite numbers (double) of at most 100, but has '100.5'. "
        "Correct it." + AGAIN,
    ),
    "empty": (
        HEADER + "2,30,,, \n",
        IN_ROW_2 + "'y' must hold text, but is empty. Correct it." + AGAIN,
    ),
    "no_id": (
        HEADER + ",30,,,no\n",
        ": in the row with id (empty) the column 'id' must hold whole numbers (int), but is empty. "
        "Correct it." + AGAIN,
    ),
    "short_row": (
        HEADER + "1,30,,,no\n2,30\n",
        ": 5 fields are declared, but this row has another number: 2,30. Correct it; a field that "
        "holds a separator must stand in quotes." + AGAIN,
    ),
    "another_order": (
        "age,id,rate,note,y\n30,1,,,no\n",
        ": its columns are age, id, rate, note, y, but those of the stream are id, age, rate, "
        "note, y: all its files need the same ones in the same order. Correct this file in its "
        "place and run again.",
    ),
    "another_column": (
        "id,income,rate,note,y\n1,30,,,no\n",
        ": the header does not fit the declared schema. Missing: 'age'. Not declared: 'income'. "
        "Rename, add or remove these columns in the file, or change the schema.",
    ),
    "no_header": (
        "1,30,1.5,a,?\n",
        ": the header does not fit the declared schema. Missing: 'id', 'age', 'rate', 'note', 'y'. "
        "Not declared: '1', '30', '1.5', 'a', '?'. Rename, add or remove these columns in the "
        "file, or change the schema.",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_refused_file_is_read_once_it_is_corrected(case: str, folder: Path, read: Read) -> None:
    content, said = REFUSED[case]
    (folder / "a.csv").write_text(PLAIN)
    read()
    bad = folder / "new +1.csv"
    bad.write_text(content)
    with pytest.raises(Exception) as refused:  # noqa: PT011 (user_mistake says which)
        read()
    assert user_mistake(refused.value) == f"{bad}{said}"
    bad.write_text(PLAIN)
    assert read() == [(*row, str(bad)) for row in ROWS]


def test_a_corrupt_file(folder: Path, read: Read) -> None:
    (folder / "a.csv").write_text(PLAIN)
    packed = folder / "b.csv.gz"
    rows = "".join(
        f"{number},{number % 77},{number % 89},{number**3},no\n" for number in range(9999)
    )
    packed.write_bytes(gzip.compress((HEADER + rows).encode())[:-2000])
    with pytest.raises(InputDataError) as refused:
        read()
    assert str(refused.value) == (
        f"{packed} cannot be read to its end: it is cut off or damaged. Replace it by a whole copy."
    )


@pytest.mark.parametrize("content", [None, HEADER])
def test_a_refused_file_is_taken_away_or_emptied(
    content: str | None, folder: Path, read: Read
) -> None:
    (folder / "a.csv").write_text(PLAIN)
    bad = folder / "b.csv"
    bad.write_text(HEADER + "3,old,,,no\n")
    with pytest.raises(Exception, match="old"):
        read()
    bad.unlink() if content is None else bad.write_text(content)
    assert len(read()) == 2
