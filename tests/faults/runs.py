"""Runs in processes of their own: followed, hurt, and looked at when they are over."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pyarrow.parquet as pq
import yaml

from tests.processes import children
from tests.spark_cluster import ENVIRONMENT, ROOT

TWO_WORKERS = "elephas.num_workers=2"
WITH_SCORING = "--pipelines=data_processing,feature_engineering,modeling,reporting,scoring"
SCORES = "07_model_output/scores.parquet"
UNUSED = "day month marital education default housing loan contact poutcome campaign pdays previous"
SMALL: dict[str, dict[str, Any]] = {
    "data": {
        "columns": {
            "drop": UNUSED.split(),
            "categorical": ["job"],
            "numeric": ["age", "balance", "duration"],
        },
        "availability": {"duration": "before_call"},
        "segments": [],
    },
    "baselines": {"logistic_regression": {"max_iter": 2}, "gradient_boosting": {"max_iter": 1}},
}
"""Parameters of a run that makes every dataset, of few columns."""
QUICK = {
    "spark.sql.adaptive.enabled": False,
    "spark.sql.codegen.wholeStage": False,
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
}
"""Spark's settings for few rows: compiling queries takes longer than running them."""
PATIENCE = 60.0  # seconds until the last process of a run is gone


@dataclass
class Run:
    """A `kedro run` that has been started, in a session of its own."""

    process: subprocess.Popen[str]
    log: Path

    def wait_for(self, text: str) -> None:
        """Wait until the run has printed a text."""
        while text not in self.printed():
            if self.process.poll() is not None:
                raise AssertionError(f"The run ended without {text!r}:\n{self.printed()[-3000:]}")
            time.sleep(0.05)

    def ends(self) -> int:
        """Wait for the end and return the exit status; no process of the run may be left."""
        status = self.process.wait(timeout=300)
        deadline = time.monotonic() + PATIENCE
        while left := self.processes():
            if time.monotonic() > deadline:
                raise AssertionError(f"Left running: {left}")
            time.sleep(0.1)
        return status

    def processes(self, containing: str = "") -> dict[int, str]:
        """Command line by process id of all that the run has started."""
        found = {}
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                fields = (folder / "stat").read_text().rpartition(")")[2].split()
                command = (folder / "cmdline").read_text().replace("\0", " ")
            except OSError:
                continue
            alive = fields[0] != "Z"
            if alive and int(fields[3]) == self.process.pid and containing in command:
                found[int(folder.name)] = command
        return found

    def printed(self) -> str:
        """All of its output so far."""
        return self.log.read_text(errors="replace")


def start_run(log: Path, *arguments: str, settings: Mapping[str, str] | None = None) -> Run:
    """Start `kedro run --env=test` with few columns.

    Args:
        log: Takes the output.
        *arguments: Of the command.
        settings: Spark's, beyond those of the environment.
    """
    conf = copy_conf(log.with_name(f"{log.name}.conf"), settings or {})
    command = [Path(sys.executable).parent / "kedro", "run", "--env=test", f"--conf-source={conf}"]
    with log.open("w") as file:
        process = subprocess.Popen(
            [*command, *arguments],
            cwd=ROOT,
            env=ENVIRONMENT,
            text=True,
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    return Run(process, log)


def copy_conf(target: Path, settings: Mapping[str, str]) -> Path:
    """Copy the project's configuration, the test environment for few columns and few rows."""
    subprocess.run(["cp", "-r", ROOT / "conf", target], check=True)
    _add(target / "test/spark.yml", QUICK | dict(settings))
    _add(target / "test/parameters.yml", SMALL)
    return target


def _add(path: Path, entries: Mapping[str, Any]) -> None:
    content = yaml.safe_load(path.read_text())
    for key, value in entries.items():
        content[key] = content.get(key, {}) | value if isinstance(value, dict) else value
    path.write_text(yaml.safe_dump(content))


def kill_forks(javas: Iterable[int]) -> None:
    """Kill the Python processes that train or score for some JVMs."""
    daemons = [daemon for java in javas for daemon in children(java)]
    forks = [fork for daemon in daemons for fork in children(daemon)]
    assert forks
    for fork in forks:
        os.kill(fork, signal.SIGKILL)


def ended_in_a_sentence(run: Run, sentence: str) -> None:
    """Check that a run has ended with status 1 and a sentence, and no traceback."""
    status, printed = run.ends(), re.sub(r"\s+", " ", run.printed())
    assert status == 1, printed[-3000:]
    assert re.sub(r"\s+", " ", sentence) in printed, printed[-3000:]
    assert "Traceback" not in printed, printed[-6000:]


def weights_sha256(data: Path) -> str:
    """Return the hash of the weights that a run has trained."""
    history = json.loads((data / "06_models/training_history.json").read_text())
    return str(history["weights_sha256"])


def look_at(folder: Path) -> dict[str, int]:
    """Read every dataset of a run whole.

    Returns:
        Its rows or bytes by name.

    Raises:
        Exception: One is neither absent nor complete.
    """
    found = {}
    for path in sorted(folder.glob("*/*")):
        name = path.name
        if name.endswith(".old"):
            if not (target := _target(path)).exists():
                # Between the two renames of a swap: the next to open it finishes it.
                found[target.name] = _read(path.with_name(f".{target.name}.new"), target.suffix)
        elif not name.startswith(".") and name != "checkpoint":
            found[name] = _read(path, path.suffix)
    return found


def _target(old: Path) -> Path:
    return old.with_name(old.name.removeprefix(".").removesuffix(".old"))


def _read(path: Path, kind: str) -> int:
    if kind == ".parquet":
        assert (path / "_SUCCESS").exists(), path
        return sum(pq.read_table(part).num_rows for part in path.glob("*.parquet"))
    if kind == ".model":
        return _read_model(path)
    if kind == ".json":
        return len(json.dumps(json.loads(path.read_text())))
    if kind == ".keras":
        with ZipFile(path) as archive:
            assert archive.testzip() is None, path
    if kind == ".html":
        assert path.read_text().rstrip().endswith("</html>"), path
    return path.stat().st_size


def _read_model(path: Path) -> int:
    stages = json.loads(_line(path))["paramMap"]["stageUids"]
    folders = sorted(path.glob("stages/*"))
    assert len(folders) == len(stages), path
    for folder in folders:
        json.loads(_line(folder))
    return len(stages)


def _line(folder: Path) -> str:
    (part,) = (folder / "metadata").glob("part-*")
    return part.read_text()
