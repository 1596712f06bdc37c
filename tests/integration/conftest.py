"""The project as others get it, made once for all processes of a test run."""

from pathlib import Path

import pytest

from tests.integration.packaged import build_wheel, make_environment
from tests.made_once import made_once


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the project's wheel."""

    def make(folder: Path, log: Path) -> None:
        log.write_text(str(build_wheel(folder)))

    return Path(made_once(tmp_path_factory, "wheel", make)[1].read_text())


@pytest.fixture(scope="session")
def environment(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the programs of a fresh environment that has the project from its wheel."""

    def make(folder: Path, log: Path) -> None:
        folder.mkdir()
        log.write_text(str(make_environment(wheel, folder)))

    return Path(made_once(tmp_path_factory, "environment", make)[1].read_text())
