"""Writes what was tried, how often and what happened to docs/reliability.md."""

from collections import Counter
from pathlib import Path

import pytest

from bad_inputs.read import READ
from bad_inputs.refused import REFUSED
from tests.faults.runs import SCORES, TWO_WORKERS, WITH_SCORING, start_run, weights_sha256
from tests.made_once import made_once

PAGE = Path(__file__).parents[2] / "docs/reliability.md"
HEAD = """# What runs survive

Written by `make test-faults`, which hurts whole runs of the test environment, each in a process of
its own, and then reads every dataset, compares the weights and looks for processes that are left.

| what was tried | times | what happened |
| --- | --- | --- |
"""
TAIL = """
Data lost: none. `make test` tries {read} odd files that are read as they are and {refused} that are
refused in one paragraph, with nothing written: `tests/bad_inputs`.

A dataset is written beside the old one and put in its place by renaming. On a local disk and on
HDFS that is whole or not at all; a swap that was interrupted between its two renames is finished by
whoever opens the dataset next. Object stores (S3, GCS, ADLS without a hierarchical namespace) copy
where others rename: a run that is killed in that moment can leave a frame or a model half copied,
and runs do not lock each other out. Run again before you use what lies there.
"""


FOLDER = Path(__file__).parent
LONGEST = "test_thirty_runs"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let each test tell, wherever it runs, what it tries and what happens: its docstring.

    The longest begins first, so that no process waits for it at the end.
    """
    items.sort(key=lambda item: LONGEST not in item.nodeid)
    for item in items:
        doc = getattr(getattr(item, "obj", None), "__doc__", None)
        if item.get_closest_marker("faults") and doc:
            item.user_properties.append(("row", doc))


@pytest.fixture(scope="session")
def unhurt(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the results of a run that nothing happens to.

    The processes of a test run share it.
    """

    def make(data: Path, log: Path) -> None:
        given = f"data_root={data},{TWO_WORKERS},scoring.output={data / SCORES}"
        run = start_run(log.with_suffix(".run"), WITH_SCORING, f"--params={given}")
        assert run.ends() == 0, run.printed()[-3000:]
        log.write_text(run.printed())

    return made_once(tmp_path_factory, "unhurt", make)[0]


@pytest.fixture(scope="session")
def expected_sha256(unhurt: Path) -> str:
    """Return the hash of the weights of such a run."""
    return weights_sha256(unhurt)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Return where a run may write."""
    return tmp_path / "data"


class Table:
    """Counts the tests that passed; without all of them the page stays as it was."""

    def __init__(self) -> None:
        self.times: Counter[str] = Counter()
        self.complete = True

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.complete &= report.passed
        found = dict(report.user_properties)
        if report.when == "call" and "row" in found:
            self.times[str(found["row"])] += int(str(found.get("times", 1)))

    def pytest_sessionfinish(self, exitstatus: int) -> None:
        if exitstatus == 0 and self.complete and self.times:
            rows = (row.split(" | ") for row in sorted(self.times))
            lines = [
                f"| {tried} | {self.times[f'{tried} | {happened}']} | {happened} |"
                for tried, happened in rows
            ]
            tail = TAIL.format(read=len(READ), refused=len(REFUSED))
            PAGE.write_text(HEAD + "\n".join(lines) + "\n" + tail)


def pytest_configure(config: pytest.Config) -> None:
    whole = [Path(argument).resolve() for argument in config.args] == [FOLDER]
    counts_all = not hasattr(config, "workerinput")  # a process of xdist sees only its own tests
    if counts_all and whole and config.option.markexpr == "faults" and not config.option.keyword:
        config.pluginmanager.register(Table())
