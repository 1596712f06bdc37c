"""A `.keras` file with checksums inside: what is loaded is what was saved, and holds no code."""

import hashlib
import json
import zlib
from pathlib import Path
from zipfile import BadZipFile, ZipFile

from bank_spark_dl.distributed.runtime.safe_keras import refuse_code
from bank_spark_dl.errors import InputDataError

CHECKSUMS = "checksums.json"  # Keras passes over what it does not know


def seal(path: Path) -> None:
    """Add the SHA-256 of each of its entries to a `.keras` file."""
    with ZipFile(path, "a") as archive:
        archive.writestr(CHECKSUMS, json.dumps(_sha256_of_entries(archive)))


def require_sealed(path: Path, source: str) -> None:
    """Check a `.keras` file before Keras opens it.

    Args:
        path: The file.
        source: Where it comes from, for the message.

    Raises:
        InputDataError: It has no checksums, is not what was saved, or holds code.
    """
    try:
        with ZipFile(path) as archive:
            expected = json.loads(archive.read(CHECKSUMS))
            found = _sha256_of_entries(archive)
            config = archive.read("config.json").decode()
    except (BadZipFile, KeyError, ValueError, OSError, EOFError, zlib.error) as error:
        raise _damaged(source, f"its {CHECKSUMS}, or what it names, cannot be read") from error
    changed = sorted(name for name, _ in expected.items() ^ found.items())
    if changed:
        raise _damaged(source, f"{changed[0]} is not what was saved")
    refuse_code(config, source)


def _sha256_of_entries(archive: ZipFile) -> dict[str, str]:
    names = (name for name in archive.namelist() if name != CHECKSUMS)
    return {name: hashlib.sha256(archive.read(name)).hexdigest() for name in names}


def _damaged(source: str, reason: str) -> InputDataError:
    return InputDataError(
        f"The network {source} is damaged: {reason}. Run the pipeline that writes it again."
    )
