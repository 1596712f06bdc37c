"""Thirty runs in one process leave nothing behind, each with Spark of its own or all with one."""

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
from tests.processes import command_line, process_tree
from tests.spark_cluster import ENVIRONMENT, ROOT

pytestmark = pytest.mark.faults
RUNS, SETTLED = 30, 5
OWN, SHARED = "spark-of-its-own", "one-spark-for-all"
TRAINING = {"elephas": {"num_workers": 1, "epochs": 1}}


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
        "blocks": _blocks(),
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


def _blocks() -> list[str]:
    """Kinds of blocks that Spark holds: broadcasts and kept rows."""
    from pyspark import SparkContext

    if SparkContext._active_spark_context is None:
        return []
    jvm: Any = SparkContext._jvm
    stores = jvm.org.apache.spark.SparkEnv.get().blockManager().master().getStorageStatus()
    names = " ".join(store.blocks().keys().mkString(" ") for store in stores).split()
    return sorted(name.partition("_")[0] for name in names)


def run_again_and_again(folder: str, raw: str, conf: str, session: str) -> None:
    """Run the project in this process; print a line of JSON after each run."""
    from kedro.config import OmegaConfigLoader
    from kedro.framework.session import KedroSession
    from kedro.framework.startup import bootstrap_project

    from bank_spark_dl.spark import start_spark

    bootstrap_project(ROOT)
    if session == SHARED:
        start_spark(OmegaConfigLoader(conf, env="test", base_env="base")["spark"])
    parameters = TRAINING | {"data_root": folder, "raw_filepath": raw}
    for _ in range(RUNS):
        with KedroSession.create(
            ROOT, env="test", conf_source=conf, runtime_params=parameters
        ) as session:
            session.run()
        print(json.dumps(count()), file=sys.stderr, flush=True)


@pytest.mark.parametrize("session", [OWN, SHARED])
def test_thirty_runs_leave_nothing_behind(
    tmp_path: Path, session: str, record_property: Callable[[str, object], None]
) -> None:
    """Runs one after the other in one process | no process, thread, file, broadcast or memory"""
    record_property("times", RUNS)
    raw, temporary = tmp_path / "bank.csv", tmp_path / "tmp"
    temporary.mkdir()
    with (ROOT / "data/01_raw/bank.csv").open() as sample:
        raw.write_text("".join(next(sample) for _ in range(600)))
    command = [sys.executable, "-m", "tests.faults.test_thirty_runs"]
    done = subprocess.run(
        [*command, tmp_path / "data", raw, copy_conf(tmp_path / "conf", {}), session],
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
    for kind in ("threads", "processes", "descriptors", "files", "blocks"):
        assert last[kind] == settled[kind], kind
    for memory in ("python_mb", "java_mb"):
        assert last[memory] <= 1.1 * settled[memory], [entry[memory] for entry in counts]


if __name__ == "__main__":
    run_again_and_again(*sys.argv[1:])
