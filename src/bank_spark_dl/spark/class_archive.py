"""Java's class-data archive of Spark: its classes are read and verified once, not at every start.

Java calls this AppCDS. An archive serves one Java and one Spark. Java itself refuses the archive of
others and starts without. Java 21 refuses each one, because Spark's class path names folders that
are not there.
"""

import hashlib
import os
import subprocess
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from bank_spark_dl.errors import SurroundingsError
from bank_spark_dl.spark.java import java_version

JAVA_VERSION = 17
FOLDER = "class_archives"  # below Spark's home, beside the jars
_JAVA_OPTIONS = "JDK_JAVA_OPTIONS"  # a variable that each Java reads
_WRITE = "-XX:ArchiveClassesAtExit"
_QUIET = "-Xlog:cds*=off"  # another class path, by spark.driver.extraClassPath say, is no mistake


def class_archive(java: Path) -> Path | None:
    """Return where the archive of a Java and of the installed Spark belongs.

    Args:
        java: The java program.

    Returns:
        The file, which may not be there yet; None for another Java than 17, and for one without an
        archive of its own classes, which Spark's extends.
    """
    if java_version(java) != JAVA_VERSION:
        return None
    try:
        return _archive_path(java)
    except (OSError, IndexError):  # Spark has no folder of jars, say, or a jar cannot be read
        return None


def _archive_path(java: Path) -> Path | None:
    """Name the archive by path, size and date of Java's own archive and of Spark's jars."""
    from pyspark.find_spark_home import _find_spark_home

    base = java.resolve().parents[1] / "lib" / "server" / "classes.jsa"
    if not base.is_file():
        return None
    spark_home = Path(_find_spark_home())  # type: ignore[no-untyped-call]
    files = [base, *sorted((spark_home / "jars").iterdir())]
    stats = [(file, file.stat()) for file in files]
    key = "\n".join(f"{file} {stat.st_size} {int(stat.st_mtime)}" for file, stat in stats)
    return spark_home / FOLDER / f"{hashlib.sha256(key.encode()).hexdigest()[:16]}.jsa"


def archive_options(java: Path) -> str:
    """Return Java's options that use the archive.

    They are empty where there is none, and in a program of `write_archive`: Java does not write an
    archive while it uses one.
    """
    archive = class_archive(java)
    writes = _WRITE in os.environ.get(_JAVA_OPTIONS, "")
    if writes or archive is None or not archive.is_file():
        return ""
    return f' "-XX:SharedArchiveFile={archive}" {_QUIET}'


def write_archive(archive: Path, program: Sequence[str]) -> None:
    """Archive the classes that a program loads which starts Spark.

    Args:
        archive: The file to write. It replaces those of other Javas and Sparks in its folder.
        program: The command and its arguments. It runs to its end, in the working directory.

    Raises:
        SurroundingsError: The folder cannot be written, or the program failed.
    """
    try:
        archive.parent.mkdir(exist_ok=True)
        with TemporaryDirectory(dir=archive.parent) as folder:
            made = _run(program, Path(folder))
            for old in archive.parent.glob("*.jsa"):
                old.unlink(missing_ok=True)
            made.replace(archive)
    except OSError as error:
        raise SurroundingsError(
            f"{archive.parent} cannot be written ({error.strerror}). Runs work without the "
            "archive; they start some seconds later."
        ) from error


def _run(program: Sequence[str], folder: Path) -> Path:
    """Run a program; every JVM that it starts writes an archive when it ends."""
    options = f'"{_WRITE}={folder}/%p.jsa"'
    run = subprocess.run(  # ends when the last JVM has closed its standard output
        program,
        env=os.environ | {_JAVA_OPTIONS: options},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    written = sorted(folder.glob("*.jsa"), key=lambda file: file.stat().st_size)
    if run.returncode != 0 or not written:
        said = " ".join(f"{run.stdout} {run.stderr}".split())[-300:]
        raise SurroundingsError(f"No archive was written: {' '.join(program)} failed ({said}).")
    return written[-1]
