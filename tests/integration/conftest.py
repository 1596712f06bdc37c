"""Whole runs, each in a process of its own as a user starts them."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.integration.packaged import build_wheel, make_environment
from tests.made_once import made_once

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

    The processes of a test run share it.
    """

    def make(folder: Path, log: Path) -> None:
        answer = kedro_run("--env=test", f"--params=data_root={folder}")
        log.write_text(answer.stdout)

    folder, printed = made_once(tmp_path_factory, "whole", make)
    return folder, printed.read_text()


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the project's wheel."""
    return build_wheel(tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="session")
def environment(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the programs of a fresh environment that has the project from its wheel."""
    return make_environment(wheel, tmp_path_factory.mktemp("environment"))
