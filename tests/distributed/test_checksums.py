"""Archives that hold checksums of what they hold."""

import zipfile
from pathlib import Path

import pytest

from bank_spark_dl.distributed.checksums import Saved, require_sealed, seal_archive
from bank_spark_dl.errors import InputDataError

SAVED = Saved("The file", "Write it again.")


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a", "1")
        archive.writestr("b", "2")
    return path


def refusal(path: Path) -> str:
    with pytest.raises(InputDataError) as refused:
        require_sealed(path, SAVED)
    return str(refused.value)


def test_what_was_sealed_is_accepted(archive: Path) -> None:
    seal_archive(archive)
    require_sealed(archive, SAVED)


def test_an_entry_more_is_named(archive: Path) -> None:
    seal_archive(archive)
    with zipfile.ZipFile(archive, "a") as more:
        more.writestr("c", "3")
    assert refusal(archive) == "The file is damaged: c is not what was saved. Write it again."


@pytest.mark.parametrize("content", [None, b"", b"no archive"], ids=str)
def test_what_was_never_sealed_or_is_no_archive_is_refused(
    archive: Path, content: bytes | None
) -> None:
    if content is not None:
        archive.write_bytes(content)
    assert refusal(archive) == (
        "The file is damaged: its checksums.json, or what it names, cannot be read. Write it again."
    )
