"""The README and the pages that teach by example: every snippet is pasted, and runs."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SCORED = "data/07_model_output/scores.parquet/_SUCCESS"
# Each page, and what its snippets leave behind.
PAGES = {
    "README.md": ["data/08_reporting/report.html", SCORED],
    "docs/index.md": ["data/08_reporting/report.html", SCORED],
    "docs/your-own-table.md": [
        "data/machines/08_reporting/report.html",
        "data/machines/07_model_output/scores.parquet/_SUCCESS",
    ],
    "docs/engine.md": ["model/metadata"],
}
# Snippets that begin so install packages or run these tests: they are not run here.
SKIPPED = ("make install", "make test", "make lint")
FENCED = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


class Project:
    """A clean copy of the project, as `git clone` and `make install` leave it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.done: set[str] = set()  # a snippet that stands on two pages runs once
        self.printed = ""
        listed = subprocess.run(
            ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
        )
        for name in listed.stdout.rstrip("\0").split("\0"):
            if (ROOT / name).is_file():
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(ROOT / name, folder / name)
        # The test environment's small network, as settings of this machine: minutes less.
        for file in (folder / "conf/test").glob("[ps]*.yml"):
            shutil.copy(file, folder / "conf/local")
        (folder / ".venv").mkdir()
        for part in Path(sys.prefix).iterdir():
            (folder / ".venv" / part.name).symlink_to(part)
        stamp = folder / ".venv/.installed"  # newer than the lock: up to date
        stamp.unlink(missing_ok=True)
        stamp.touch()

    def paste(self, language: str, code: str) -> None:
        """Run a snippet in a new shell or interpreter."""
        programs = self.folder / ".venv/bin"
        command = {"bash": ["bash", "-euo", "pipefail"], "python": [str(programs / "python")]}
        answer = subprocess.run(
            [*command[language], "-c", code],
            cwd=self.folder,
            env=os.environ
            | {
                "PATH": f"{programs}:{os.environ['PATH']}",
                "PYTHONPATH": str(self.folder / "src"),
                "COLUMNS": "100",
            },
            capture_output=True,
            text=True,
            timeout=400,
        )
        said = answer.stdout[-3000:] + answer.stderr[-3000:]
        assert answer.returncode == 0, f"{code}\n{said}"
        self.printed += answer.stdout


def snippets(page: str) -> Iterator[tuple[str, str]]:
    """Yield language and code of what is to be run."""
    for language, code in FENCED.findall((ROOT / page).read_text(encoding="utf-8")):
        if language in ("bash", "python") and not code.startswith(SKIPPED):
            yield language, code


def outputs(page: str) -> list[str]:
    """Return the lines that a page shows as what its snippets print."""
    fenced = FENCED.findall((ROOT / page).read_text(encoding="utf-8"))
    return [line for language, code in fenced if language == "text" for line in code.splitlines()]


def squeezed(line: str) -> str:
    """Return a line with single blanks: a table is as wide as the terminal."""
    return " ".join(line.split())


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    return Project(tmp_path_factory.mktemp("clone"))


@pytest.mark.parametrize(("page", "left"), PAGES.items())
def test_every_snippet_can_be_pasted(page: str, left: list[str], project: Project) -> None:
    for language, code in snippets(page):
        if code not in project.done:
            project.paste(language, code)
            project.done.add(code)
    assert [name for name in left if not (project.folder / name).exists()] == []
    printed = set(map(squeezed, project.printed.splitlines()))
    assert [line for line in outputs(page) if squeezed(line) not in printed] == []


@pytest.mark.parametrize("page", PAGES)
def test_what_is_not_run_holds_no_command(page: str) -> None:
    for language, code in FENCED.findall((ROOT / page).read_text(encoding="utf-8")):
        assert language in ("bash", "python") or not re.search(r"(?m)^\s*(make|kedro) ", code)
