"""A `kedro run` as a driver: how long its steps take, and how much memory it needs at most."""

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from tests.spark_cluster import ENVIRONMENT, ROOT, children

from benchmarks.memory import field

# Long runs are worth the JVM's second compiler.
MACHINE = {name: value for name, value in ENVIRONMENT.items() if name != "JDK_JAVA_OPTIONS"}
BASE = "cluster"
"""The environment that is measured, but for the settings that a small machine needs."""


@dataclass(frozen=True)
class Driven:
    """What a run has cost.

    Attributes:
        steps: From `run.json`: seconds, jobs and bytes read of each step.
        java: Most memory that the driver's JVM has had, in MiB; or held, see `drive`.
        python: The same of the driver's Python.
        executor: Most memory that an executor, its Python processes included, has had, in MiB;
            what these share is counted once.
    """

    steps: Mapping[str, Mapping[str, Any]]
    java: float
    python: float
    executor: float

    @property
    def seconds(self) -> float:
        """Time of all steps; starting Python and Spark is not in it."""
        return float(sum(step["seconds"] for step in self.steps.values()))


def configure(
    data_root: Path,
    settings: Mapping[str, Any],
    parameters: Mapping[str, Any],
    catalog: Mapping[str, Any] | None = None,
) -> Path:
    """Copy the project's configuration for one run, and return where the copy lies.

    Args:
        data_root: Where results lie.
        settings: Spark's, in place of those of conf/cluster.
        parameters: Sections of parameters.yml that differ from the base.
        catalog: Datasets that differ from the base.
    """
    data_root.mkdir(parents=True, exist_ok=True)
    conf = data_root / "conf"
    shutil.rmtree(conf, ignore_errors=True)
    shutil.copytree(ROOT / "conf", conf)
    spark = conf / BASE / "spark.yml"
    spark.write_text(yaml.safe_dump(yaml.safe_load(spark.read_text()) | dict(settings)))
    (conf / BASE / "parameters.yml").write_text(yaml.safe_dump(dict(parameters)))
    if catalog is not None:
        (conf / BASE / "catalog.yml").write_text(yaml.safe_dump(dict(catalog)))
    return conf


def drive(
    pipeline: str,
    data_root: Path,
    raw: Path,
    settings: Mapping[str, Any],
    parameters: Mapping[str, Any],
    catalog: Mapping[str, Any] | None = None,
    executors: Callable[[], list[int]] = list,
    *,
    live_heap: bool = False,
) -> Driven:
    """Run one pipeline in a process of its own; see `configure`.

    Args:
        pipeline: Its name.
        data_root: Where results lie.
        raw: The rows to read.
        settings: Spark's.
        parameters: Sections of parameters.yml.
        catalog: Datasets.
        executors: Returns the process ids of the executors that there are.
        live_heap: Whether to measure what the JVM holds, see `benchmarks.live_heap`, instead of its
            resident memory; the run takes longer.
    """
    conf = configure(data_root, settings, parameters, catalog)
    held = data_root / "live_heap"
    kedro = [str(Path(sys.executable).parent / "kedro")]
    if live_heap:
        kedro = [sys.executable, "-m", "benchmarks.live_heap", str(held)]
    command = [*kedro, "run", f"--pipelines={pipeline}"]
    given = ",".join(
        [
            f"data_root={data_root}",
            f"raw_filepath={raw}",
            f"scoring.input={raw}",
            f"scoring.output={data_root}/scores.parquet",
            f"synthetic.path={raw}",
        ]
    )
    before = recorded_steps(data_root)
    with (data_root / "log").open("w") as log:
        process = subprocess.Popen(
            [*command, f"--env={BASE}", f"--conf-source={conf}", f"--params={given}"],
            cwd=ROOT,
            env=MACHINE,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
        java = python = executor = 0.0
        while process.poll() is None:
            python = max(python, _peak_mb(process.pid))
            java = max([java, *map(_peak_mb, children(process.pid))])
            executor = max([executor, *map(_tree_mb, executors())])
            time.sleep(0.5)
    if process.returncode:
        sys.exit(f"{pipeline} failed:\n{(data_root / 'log').read_text()[-3000:]}")
    steps = recorded_steps(data_root)
    done = {name: step for name, step in steps.items() if step != before.get(name)}
    return Driven(done, float(held.read_text()) if live_heap else java, python, executor)


def recorded_steps(data_root: Path) -> dict[str, Any]:
    """Return what `run.json` says of the steps that have run."""
    path = data_root / "08_reporting/run.json"
    steps: dict[str, Any] = json.loads(path.read_text())["steps"] if path.exists() else {}
    return steps


def _peak_mb(process: int) -> float:
    return int(field(Path(f"/proc/{process}"), "VmHWM") or 0) / 1024


def _tree_mb(process: int) -> float:
    """Return the memory of a process and its descendants now, shared pages counted once."""
    own = field(Path(f"/proc/{process}"), "Pss", file="smaps_rollup")
    return int(own or 0) / 1024 + sum(map(_tree_mb, children(process)))
