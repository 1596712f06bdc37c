"""Writes what was tried, how often and what happened to docs/reliability.md."""

from collections import Counter
from pathlib import Path

import pytest

from bad_inputs.read import READ
from bad_inputs.refused import REFUSED

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


class Table:
    """Counts the tests that passed; a failed one leaves the page as it was."""

    def __init__(self) -> None:
        self.times: Counter[str] = Counter()
        self.docs: dict[str, str] = {}

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        for item in items:
            doc = getattr(getattr(item, "obj", None), "__doc__", None)
            if item.get_closest_marker("faults") and doc:
                self.docs[item.nodeid] = doc

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "call" and report.passed and report.nodeid in self.docs:
            times = dict(report.user_properties).get("times", 1)
            self.times[self.docs[report.nodeid]] += int(str(times))

    def pytest_sessionfinish(self, exitstatus: int) -> None:
        if exitstatus == 0 and self.times.keys() == set(self.docs.values()) and self.times:
            rows = (doc.split(" | ") for doc in self.times)
            lines = [
                f"| {tried} | {times} | {happened} |"
                for (tried, happened), times in zip(rows, self.times.values(), strict=True)
            ]
            tail = TAIL.format(read=len(READ), refused=len(REFUSED))
            PAGE.write_text(HEAD + "\n".join(lines) + "\n" + tail)


def pytest_configure(config: pytest.Config) -> None:
    if config.option.markexpr == "faults" and not config.option.keyword:
        config.pluginmanager.register(Table())
