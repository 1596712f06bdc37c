"""Write a file, read it, and read it for what it is refused with."""

from collections.abc import Callable
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from bank_spark_dl.csv_validation import read_checked_csv
from bank_spark_dl.errors import InputDataError
from csv_validation.calls import SCHEMA


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    def write(name: str, content: str | bytes) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


@pytest.fixture
def read(spark: SparkSession) -> Callable[..., list[tuple[object, ...]]]:
    def read(path: Path, **options: object) -> list[tuple[object, ...]]:
        frame = read_checked_csv(spark, f"file://{path}", SCHEMA, **options).rows
        return sorted(tuple(row) for row in frame.collect())

    return read


@pytest.fixture
def refusal(spark: SparkSession) -> Callable[..., str]:
    def refusal(path: Path, **options: object) -> str:
        with pytest.raises(InputDataError) as caught:
            read_checked_csv(spark, f"file://{path}", SCHEMA, **options)
        return str(caught.value)

    return refusal
