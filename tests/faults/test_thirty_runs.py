"""Thirty runs in one process leave nothing behind."""

import gc
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.faults.runs import copy_conf
from tests.processes import command_line, process_tree
from tests.spark_cluster import ENVIRONMENT, ROOT

pytestmark = pytest.mark.faults
RUNS, SETTLED = 30, 5
TRAINING = {"elephas": {"num_workers": 1, "epochs": 1}}
# Spark remembers a thousand jobs for its pages: more than five runs have.
FORGETFUL = {
    "spark.ui.retainedJobs": "100",
    "spark.ui.retainedStages": "100",
    "spark.ui.retainedTasks": "1000",
    "spark.sql.ui.retainedExecutions": "50",
}


def count() -> dict[str, Any]:
    """What this process and its children hold."""
    gc.collect()
    return {
        "threads": threading.active_count(),
        "processes": sorted(map(_command, process_tree(os.getpid()))),
        "descriptors": len(list(Path("/proc/self/fd").iterdir())),
        "files": sorted(path.name for path in Path(tempfile.gettempdir()).iterdir()),
        "python_mb": _resident_mb(os.getpid()),
        "java_mb": _java_mb(),
        "kept": _kept(),
    }


def _command(process: int) -> str:
    program, *arguments = command_line(process) or [""]
    return " ".join([Path(program).name, *arguments[-1:]])


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


def _kept() -> list[str]:
    """Blocks that Spark holds when it has had time to drop what nobody uses."""
    from pyspark import SparkContext

    if SparkContext._active_spark_context is None:
        return []
    jvm: Any = SparkContext._jvm
    blocks = [""]
    deadline = time.monotonic() + 10
    while blocks and time.monotonic() < deadline:
        gc.collect()
        jvm.System.gc()
        time.sleep(0.2)
        stores = jvm.org.apache.spark.SparkEnv.get().blockManager().master().getStorageStatus()
        blocks = " ".join(store.blocks().keys().mkString(" ") for store in stores).split()
    return sorted(blocks)


def run_again_and_again(folder: str, raw: str, conf: str) -> None:
    """Run the project in this process; print a line of JSON after each run.

    The second half of the runs finds a Spark session, as in a notebook, and leaves it running.
    """
    from kedro.framework.session import KedroSession
    from kedro.framework.startup import bootstrap_project

    from bank_spark_dl.spark.session import start_spark

    bootstrap_project(ROOT)
    parameters = TRAINING | {"data_root": folder, "raw_filepath": raw}
    create = partial(
        KedroSession.create, ROOT, env="test", runtime_params=parameters, conf_source=conf
    )
    for number in range(RUNS):
        if number == RUNS // 2:
            start_spark(create().load_context().config_loader["spark"])
        with create() as session:
            session.run()
        print(json.dumps(count()), file=sys.stderr, flush=True)


def test_thirty_runs_leave_nothing_behind(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    """Runs in one process, half in one Spark session | no process, thread, file, broadcast left"""
    record_property("times", RUNS)
    raw, temporary = tmp_path / "bank.csv", tmp_path / "tmp"
    temporary.mkdir()
    with (ROOT / "data/01_raw/bank.csv").open() as sample:
        raw.write_text("".join(next(sample) for _ in range(600)))
    command = [sys.executable, "-m", "tests.faults.test_thirty_runs"]
    done = subprocess.run(
        [*command, tmp_path / "data", raw, copy_conf(tmp_path / "conf", FORGETFUL)],
        cwd=ROOT,
        env=ENVIRONMENT | {"TMPDIR": str(temporary), "SPARK_LOCAL_DIRS": str(temporary)},
        capture_output=True,
        text=True,
        timeout=1100,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    counts = [json.loads(line) for line in done.stderr.splitlines() if line.startswith("{")]
    assert len(counts) == RUNS
    assert [entry["kept"] for entry in counts] == [[]] * RUNS
    for half in counts[: RUNS // 2], counts[RUNS // 2 :]:
        settled, last = half[SETTLED - 1], half[-1]
        for kind in ("threads", "processes", "descriptors", "files"):
            assert last[kind] == settled[kind], kind
        for memory in ("python_mb", "java_mb"):
            used = " ".join(f"{entry[memory]:.0f}" for entry in counts)
            assert last[memory] <= 1.1 * settled[memory], f"{memory}: {used}"


if __name__ == "__main__":
    run_again_and_again(*sys.argv[1:])
