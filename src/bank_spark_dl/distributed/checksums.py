"""SHA-256 checksums of saved files: what is loaded is what was saved.

They reveal damage and changes, not who wrote a file: whoever can rewrite it can rewrite them.
"""

import hashlib
import json
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from zipfile import BadZipFile, ZipFile

from bank_spark_dl.errors import InputDataError

_PIECE = 2**20  # bytes
ARCHIVE_ENTRY = "checksums.json"  # Keras and NumPy ignore entries that they do not know


@dataclass(frozen=True)
class Saved:
    """Something on disk, as error messages name it.

    Attributes:
        name: Subject of the sentence, such as "The model at /models/1".
        remedy: What to do if it is damaged, a sentence.
    """

    name: str
    remedy: str

    def damaged(self, reason: str) -> InputDataError:
        """Return the error that says what is wrong with it."""
        return InputDataError(f"{self.name} is damaged: {reason}. {self.remedy}")

    def changed(self, part: str) -> InputDataError:
        """Return the error for a part that differs from what was saved."""
        return self.damaged(f"{part} is not what was saved")

    def require_same(self, expected: Mapping[str, str], found: Mapping[str, str]) -> None:
        """Compare checksums by name; raise InputDataError for the first that differs."""
        if differing := sorted(name for name, _ in expected.items() ^ found.items()):
            raise self.changed(differing[0])

    @contextmanager
    def readable(self, otherwise: str) -> Iterator[None]:
        """Call it damaged, for this reason, where a broken archive or text cannot be read."""
        try:
            yield
        except (BadZipFile, KeyError, ValueError, OSError, EOFError, zlib.error) as error:
            raise self.damaged(otherwise) from error


def sha256_of_bytes(content: bytes) -> str:
    """Hash bytes; hex."""
    return hashlib.sha256(content).hexdigest()


def seal_archive(file: Path | IO[bytes]) -> None:
    """Add the SHA-256 of each of its entries to a zip archive, such as `.keras` and `.npz`."""
    with ZipFile(file, "a") as archive:
        archive.writestr(ARCHIVE_ENTRY, json.dumps(_sha256_of_entries(archive)))


def require_sealed(path: Path, saved: Saved) -> None:
    """Compare a zip archive's entries with the checksums in it, before anything else reads it.

    Args:
        path: The archive.
        saved: How messages name it.

    Raises:
        InputDataError: It has no checksums, or is not what was saved.
    """
    unreadable = f"its {ARCHIVE_ENTRY}, or what it names, cannot be read"
    with saved.readable(unreadable), ZipFile(path) as archive:
        expected = json.loads(archive.read(ARCHIVE_ENTRY))
        found = _sha256_of_entries(archive)
    saved.require_same(expected, found)


def _sha256_of_entries(archive: ZipFile) -> dict[str, str]:
    names = (name for name in archive.namelist() if name != ARCHIVE_ENTRY)
    return {name: _sha256_of_entry(archive, name) for name in names}


def _sha256_of_entry(archive: ZipFile, name: str) -> str:
    digest = hashlib.sha256()
    with archive.open(name) as entry:
        while piece := entry.read(_PIECE):
            digest.update(piece)
    return digest.hexdigest()
