"""Files through Hadoop, whatever they are called."""

import hashlib
from pathlib import Path
from types import SimpleNamespace

import pytest
from pyspark.sql import SparkSession

from bank_spark_dl.spark import hadoop_fs

CONTENT = bytes(range(256)) * 40  # more than Py4J sends at a time


@pytest.mark.parametrize("name", ["a.bin", "a b [1] +50%.bin", "größe.bin"])
def test_what_is_written_is_read_and_hashed(spark: SparkSession, tmp_path: Path, name: str) -> None:
    path = str(tmp_path / name)
    hadoop_fs.write_bytes(spark, path, CONTENT)
    hadoop_fs.write_bytes(spark, path, CONTENT)
    assert hadoop_fs.read_bytes(spark, path) == Path(path).read_bytes() == CONTENT
    assert hadoop_fs.sha256_of(spark, path) == hashlib.sha256(CONTENT).hexdigest()


def test_names_in_a_folder(spark: SparkSession, tmp_path: Path) -> None:
    for name in ("b", ".a", "c/d"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    assert hadoop_fs.names_in(spark, str(tmp_path)) == [".a", "b", "c"]
    assert hadoop_fs.names_in(spark, str(tmp_path / "b")) == ["b"]
    assert hadoop_fs.names_in(spark, str(tmp_path / "none")) == []
    system, root = hadoop_fs.locate(spark, str(tmp_path))
    below = [status.getPath().getName() for status in hadoop_fs.files_below(system, root)]
    assert sorted(below) == [".a", "b", "d"]


def test_files_are_renamed_and_deleted(spark: SparkSession, tmp_path: Path) -> None:
    one, other = str(tmp_path / "one"), str(tmp_path / "other")
    Path(one).touch()
    hadoop_fs.rename(spark, one, other)
    assert (hadoop_fs.exists(spark, one), hadoop_fs.exists(spark, other)) == (False, True)
    hadoop_fs.delete(spark, other)
    hadoop_fs.delete(spark, other)
    assert not Path(other).exists()


def test_a_file_system_that_refuses_a_new_name_is_an_error(
    spark: SparkSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    refusing = SimpleNamespace(rename=lambda *_: False)  # as HDFS answers
    monkeypatch.setattr(hadoop_fs, "locate", lambda _, path: (refusing, path))
    with pytest.raises(OSError, match="one could not be renamed to other"):
        hadoop_fs.rename(spark, "one", "other")


@pytest.mark.parametrize(
    ("path", "shown"),
    [("file:///a/b", "/a/b"), ("file:/a/b", "/a/b"), ("/a", "/a"), ("s3a://b/a", "s3a://b/a")],
)
def test_a_local_path_is_shown_without_its_scheme(path: str, shown: str) -> None:
    assert hadoop_fs.shown(path) == shown
