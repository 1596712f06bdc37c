"""Which file Spark says it could not read to its end."""

import pytest

from bank_spark_dl.csv_validation.corrupt_files import corrupt_file

READING = "Encountered error while reading file file:///rows/a%20b.csv.gz. "


@pytest.mark.parametrize("kind", ["", ".NO_HINT", ".CANNOT_READ_FILE_FOOTER"])
def test_a_corrupt_file_is_named(kind: str) -> None:
    error = RuntimeError(f"[FAILED_READ_FILE{kind}] {READING}SQLSTATE: KD001")
    assert corrupt_file(error) == "file:///rows/a b.csv.gz"


@pytest.mark.parametrize(
    "text", ["Something else.", f"[FAILED_READ_FILE.FILE_NOT_EXIST] {READING}"]
)
def test_a_file_that_went_away_is_not_damaged(text: str) -> None:
    assert corrupt_file(RuntimeError(text)) is None
