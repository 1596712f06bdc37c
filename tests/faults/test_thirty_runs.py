"""Thirty runs in one process leave nothing behind."""

import gc
import json
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.faults.runs import copy_conf
from tests.spark_cluster import ENVIRONMENT, ROOT, children

pytestmark = pytest.mark.faults
RUNS, SETTLED = 30, 5
TRAINING = {"elephas": {"num_workers": 1, "epochs": 1}}


def count() -> dict[str, Any]:
    """What this process and its children hold."""
    gc.collect()
    return {
        "threads": threading.active_count(),
        "processes": sorted(_command(child) for child in _descendants(os.getpid())),
        "descriptors": len(list(Path("/proc/self/fd").iterdir())),
        "files": sorted(path.name for path in Path(tempfile.gettempdir()).iterdir()),
        "python_mb": _resident_mb(os.getpid()),
        "java_mb": _java_mb(),
    }


def _descendants(process: int) -> list[int]:
    own = children(process)
    return [*own, *(other for child in own for other in _descendants(child))]


def _command(process: int) -> str:
    try:
        words = Path(f"/proc/{process}/cmdline").read_text().split("\0")
    except OSError:
        return ""
    return Path(words[0]).name + " " + words[-2] if len(words) > 1 else words[0]


def _resident_mb(process: int) -> float:
    status = Path(f"/proc/{process}/status").read_text()
    (line,) = [line for line in status.splitlines() if line.startswith("VmRSS")]
    return int(line.split()[1]) / 1024


def _java_mb() -> float:
    """What lives on the heap after garbage is collected."""
    from pyspark import SparkContext

    jvm: Any = SparkContext._jvm
    jvm.System.gc()
    runtime = jvm.Runtime.getRuntime()
    return (runtime.totalMemory() - runtime.freeMemory()) / 2**20


def run_again_and_again(folder: str, raw: str, conf: str) -> None:
    """Run the project in this process; print a line of JSON after each run."""
    from kedro.framework.session import KedroSession
    from kedro.framework.startup import bootstrap_project

    bootstrap_project(ROOT)
    parameters = TRAINING | {"data_root": folder, "raw_filepath": raw}
    for _ in range(RUNS):
        with KedroSession.create(
            ROOT, env="test", conf_source=conf, runtime_params=parameters
        ) as session:
            session.run()
        print(json.dumps(count()), file=sys.stderr, flush=True)


def test_thirty_runs_leave_nothing_behind(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    """Runs one after the other in one process | no process, thread, file or memory left behind"""
    record_property("times", RUNS)
    raw, temporary = tmp_path / "bank.csv", tmp_path / "tmp"
    temporary.mkdir()
    with (ROOT / "data/01_raw/bank.csv").open() as sample:
        raw.write_text("".join(next(sample) for _ in range(600)))
    command = [sys.executable, "-m", "tests.faults.test_thirty_runs"]
    done = subprocess.run(
        [*command, tmp_path / "data", raw, copy_conf(tmp_path / "conf", {})],
        cwd=ROOT,
        env=ENVIRONMENT | {"TMPDIR": str(temporary), "SPARK_LOCAL_DIRS": str(temporary)},
        capture_output=True,
        text=True,
        timeout=1100,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    counts = [json.loads(line) for line in done.stderr.splitlines() if line.startswith("{")]
    assert len(counts) == RUNS
    settled, last = counts[SETTLED - 1], counts[-1]
    for kind in ("threads", "processes", "descriptors", "files"):
        assert last[kind] == settled[kind], kind
    for memory in ("python_mb", "java_mb"):
        assert last[memory] <= 1.1 * settled[memory], [entry[memory] for entry in counts]


if __name__ == "__main__":
    run_again_and_again(*sys.argv[1:])
