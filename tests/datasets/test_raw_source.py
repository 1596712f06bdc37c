"""What a raw file is known by."""

import hashlib
from pathlib import Path
from unittest.mock import Mock

import pytest
from kedro.io import DatasetError
from pyspark.sql import SparkSession

from bank_spark_dl.datasets import RawSourceDataset, raw_source


def sha256(path: Path | str) -> str:
    return RawSourceDataset(filepath=str(path), given=str(path)).load().sha256


@pytest.fixture
def folder(spark: SparkSession, tmp_path: Path) -> Path:
    (tmp_path / "rows/july").mkdir(parents=True)
    (tmp_path / "rows/june.csv").write_text("id\n1\n")
    (tmp_path / "rows/july/first.csv").write_text("id\n2\n")
    return tmp_path / "rows"


def test_a_file_is_known_by_its_content(folder: Path) -> None:
    assert sha256(folder / "june.csv") == hashlib.sha256(b"id\n1\n").hexdigest()


def test_a_folder_is_known_by_all_files_that_are_read(folder: Path) -> None:
    before = sha256(folder)
    (folder / "_SUCCESS").touch()
    (folder / ".june.csv.crc").write_text("x")
    assert sha256(folder) == before
    (folder / "july/first.csv").write_text("id\n3\n")
    assert sha256(folder) != before


@pytest.mark.parametrize(("largest", "here"), [(0, 3), (5, 1), (raw_source.LARGEST, 0)])
def test_tasks_hash_many_files_and_the_driver_the_large_ones(
    folder: Path, largest: int, here: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(raw_source, "LARGEST", largest)
    on_driver = Mock(side_effect=raw_source.sha256_of)
    monkeypatch.setattr(raw_source, "sha256_of", on_driver)
    (folder / "july/empty.csv").touch()
    (folder / "100% [a+b].csv").write_text("id\n44\n")
    paths = sorted(path for path in map(str, folder.rglob("*.csv")) if Path(path).stat().st_size)
    hashes = [hashlib.sha256(Path(path).read_bytes()).hexdigest() for path in paths]
    assert len(hashes) == 3
    assert sha256(folder) == hashlib.sha256("".join(hashes).encode()).hexdigest()
    assert on_driver.call_count == here


def test_a_pattern_is_known_by_the_files_it_stands_for(folder: Path) -> None:
    assert sha256(folder / "*/*.csv") == sha256(folder / "july/first.csv")
    assert sha256(folder / "*") == sha256(folder)


def test_nothing_is_refused(folder: Path) -> None:
    with pytest.raises(DatasetError) as refused:
        sha256(folder / "may.csv")
    assert "may.csv does not exist. Correct the path." in str(refused.value.__cause__)
