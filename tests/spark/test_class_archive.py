import sys
from pathlib import Path

import pytest

from bank_spark_dl.errors import SurroundingsError
from bank_spark_dl.spark.class_archive import archive_options, class_archive, write_archive


@pytest.fixture
def spark_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Pretend that Spark has one jar."""
    home = tmp_path / "spark home"
    (home / "jars").mkdir(parents=True)
    (home / "jars/spark-core.jar").write_bytes(b"classes")
    monkeypatch.setenv("SPARK_HOME", str(home))
    return home


def pretend_java(folder: Path, version: str = "17.0.15") -> Path:
    """Make a program that answers -version, beside an archive of Java's own classes."""
    java = folder / "bin/java"
    java.parent.mkdir(parents=True)
    java.write_text(f"#!/bin/sh\necho 'openjdk version \"{version}\"' >&2\n")
    java.chmod(0o755)
    base = folder / "lib/server/classes.jsa"
    base.parent.mkdir(parents=True)
    base.write_bytes(b"Java's")
    return java


def writing(*contents: str) -> list[str]:
    """Return a program that writes archives where Java's options say."""
    program = f"""
import os, re
pattern = re.search('ArchiveClassesAtExit=(.+?)"', os.environ["JDK_JAVA_OPTIONS"]).group(1)
for number, content in enumerate({contents!r}):
    open(pattern.replace("%p", str(number)), "w").write(content)
"""
    return [sys.executable, "-c", program]


FAILING = [*writing("half")[:-1], writing("half")[-1] + "raise SystemExit('no Spark')"]


def test_each_java_and_each_spark_has_an_archive_of_its_own(
    spark_home: Path, tmp_path: Path
) -> None:
    java, other = pretend_java(tmp_path / "a"), pretend_java(tmp_path / "b")
    archive = class_archive(java)
    assert archive is not None
    assert archive.is_relative_to(spark_home)
    assert class_archive(java) == archive
    assert class_archive(other) != archive
    (spark_home / "jars/spark-core.jar").write_bytes(b"another release")
    assert class_archive(java) != archive


def test_java_21_and_a_java_without_its_own_archive_have_none(
    spark_home: Path, tmp_path: Path
) -> None:
    assert class_archive(pretend_java(tmp_path / "21", "21.0.8")) is None
    java = pretend_java(tmp_path / "17")
    (tmp_path / "17/lib/server/classes.jsa").unlink()
    assert class_archive(java) is None
    assert archive_options(java) == ""


def test_a_spark_without_a_folder_of_jars_has_none(spark_home: Path, tmp_path: Path) -> None:
    java = pretend_java(tmp_path / "java")
    (spark_home / "jars/gone.jar").symlink_to(tmp_path / "nowhere")
    assert class_archive(java) is None
    (spark_home / "jars").rename(spark_home / "assembly")
    assert class_archive(java) is None


def test_java_is_given_the_archive_that_is_there(spark_home: Path, tmp_path: Path) -> None:
    java = pretend_java(tmp_path / "java")
    archive = class_archive(java)
    assert archive is not None
    assert archive_options(java) == ""
    write_archive(archive, writing("Spark's"))
    assert f'"-XX:SharedArchiveFile={archive}"' in archive_options(java)  # the path has a space


def test_a_program_that_writes_an_archive_uses_none(
    spark_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    java = pretend_java(tmp_path / "java")
    archive = class_archive(java)
    assert archive is not None
    write_archive(archive, writing("Spark's"))
    assert archive_options(java)
    monkeypatch.setenv("JDK_JAVA_OPTIONS", '"-XX:ArchiveClassesAtExit=/new/%p.jsa"')
    assert archive_options(java) == ""


def test_the_largest_archive_replaces_those_that_were_there(tmp_path: Path) -> None:
    archive = tmp_path / "archives/new.jsa"
    archive.parent.mkdir()
    (archive.parent / "old.jsa").write_text("of another Java")
    write_archive(archive, writing("launcher", "Spark, the largest", "short"))
    assert archive.read_text() == "Spark, the largest"
    assert list(archive.parent.iterdir()) == [archive]


@pytest.mark.parametrize("program", [FAILING, writing()])
def test_a_program_that_fails_leaves_what_was_there(program: list[str], tmp_path: Path) -> None:
    old = tmp_path / "archives/old.jsa"
    old.parent.mkdir()
    old.write_text("of another Java")
    with pytest.raises(SurroundingsError, match="No archive was written"):
        write_archive(tmp_path / "archives/new.jsa", program)
    assert list(old.parent.iterdir()) == [old]


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "archives").write_text("a file")
    with pytest.raises(SurroundingsError, match="archives cannot be written"):
        write_archive(tmp_path / "archives/new.jsa", writing("Spark's"))
