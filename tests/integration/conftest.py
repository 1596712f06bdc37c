"""Whole runs, each in a process of its own as a user starts them."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from bank_spark_dl.locks import locked
from tests.integration.packaged import build_wheel, make_environment

ROOT = Path(__file__).parents[2]
Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="session")
def kedro_run() -> Run:
    """Return a function that calls `kedro run` with arguments and checks its exit status."""

    def run(*arguments: str, status: int = 0, folder: Path = ROOT) -> subprocess.CompletedProcess:
        answer = subprocess.run(
            [Path(sys.executable).parent / "kedro", "run", *arguments],
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=900,
        )
        assert answer.returncode == status, answer.stdout[-3000:] + answer.stderr[-3000:]
        return answer

    return run


@pytest.fixture(scope="session")
def whole(kedro_run: Run, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """Return the results of one whole run of the test environment, and what it printed.

    The processes of a test run share it: whoever needs it first makes it.
    """
    ours = tmp_path_factory.getbasetemp()
    shared = ours.parent if "PYTEST_XDIST_WORKER" in os.environ else ours
    folder, printed = shared / "whole", shared / "whole.txt"
    with locked(folder):
        if not printed.exists():
            answer = kedro_run("--env=test", f"--params=data_root={folder}")
            printed.write_text(answer.stdout)
    return folder, printed.read_text()


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the project's wheel."""
    return build_wheel(tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="session")
def environment(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the programs of a fresh environment that has the project from its wheel."""
    return make_environment(wheel, tmp_path_factory.mktemp("environment"))
