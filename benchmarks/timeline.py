"""Show where the time of one `kedro run` goes: the table and the picture of docs/results.md.

Run as `python -m benchmarks.timeline [--data PATH] [--env ENV]`. The computing time of every thread
is read from /proc ten times a second, so it needs Linux.
"""

import argparse
import csv
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from dataclasses import field as attribute
from itertools import pairwise
from pathlib import Path
from typing import Final

import matplotlib.pyplot as plt
from tests.processes import process_tree

from benchmarks.memory import field, read
from benchmarks.table import write_section

ROOT = Path(__file__).parents[1]
EVERY: Final = 0.1  # seconds
TICKS: Final = os.sysconf("SC_CLK_TCK")
STEP: Final = re.compile(r"Step \d+ of \d+: (\w+)|^  (report): ", re.MULTILINE)
BEFORE, END = "start, until Spark is there", "end, after the last step"
KINDS: Final = {
    "planning": "Java: planning and code generation",
    "tasks": "Java: tasks",
    "C1": "Java: C1 compiler",
    "C2": "Java: C2 compiler",
    "collector": "Java: garbage collector",
    "driver": "Python: driver",
    "threads": "Python: driver's other threads",
    "starting": "Python: imports of workers",
    "workers": "Python: workers",
}
OF_THREADS: Final = (
    (("C1 Compiler",), "C1"),
    (("C2 Compiler",), "C2"),
    (("GC ", "G1 ", "VM Thread", "VM Periodic"), "collector"),
    (("Executor task",), "tasks"),
)


@dataclass
class Timeline:
    """Computing time of a run.

    Attributes:
        steps: Each step's name and when it began, in seconds since the start.
        moments: When it was measured, in seconds since the start.
        spent: For each moment, the seconds of each kind since the one before.
        seconds: The whole run.
    """

    steps: list[tuple[str, float]] = attribute(default_factory=lambda: [(BEFORE, 0.0)])
    moments: list[float] = attribute(default_factory=list)
    spent: list[Counter[str]] = attribute(default_factory=list)
    seconds: float = 0.0

    def of_steps(self) -> Iterator[tuple[str, float, Counter[str]]]:
        """Yield each step's name, seconds and computing time by kind; the end counts as a step."""
        ends = [begin for _, begin in self.steps[1:]] + [self.seconds]
        for (name, begin), end in zip(self.steps, ends, strict=True):
            inside = (
                spent
                for moment, spent in zip(self.moments, self.spent, strict=True)
                if begin < moment <= end  # it was spent before the moment
            )
            yield name, end - begin, sum(inside, Counter())


def follow(run: subprocess.Popen[str], output: Path) -> Timeline:
    """Measure a run until it ends."""
    found, before = Timeline(), dict[str, float]()
    started = time.monotonic()
    while run.poll() is None:
        time.sleep(EVERY)
        now, threads = time.monotonic() - started, list(computing_times(run.pid))
        spent = Counter[str]()
        for thread, kind, seconds in threads:
            spent[kind] += seconds - before.get(thread, 0.0)
            before[thread] = seconds
        found.moments.append(now)
        found.spent.append(spent)
        begun = [step or END for step, _ in STEP.findall(output.read_text(errors="replace"))]
        found.steps += [(name, now) for name in begun[len(found.steps) - 1 :]]
    found.seconds = time.monotonic() - started
    return found


def computing_times(driver: int) -> Iterator[tuple[str, str, float]]:
    """Yield each thread of a run, its kind and the seconds that it has computed."""
    for process in process_tree(driver):
        with suppress(OSError):  # it has ended meanwhile
            for thread in Path(f"/proc/{process}/task").iterdir():
                name, _, rest = read(thread / "stat").decode(errors="replace").rpartition(")")
                if rest:
                    values = rest.split()
                    computed = (int(values[11]) + int(values[12])) / TICKS
                    kind = kind_of_thread(name.partition("(")[2], int(thread.name), process, driver)
                    yield f"{thread.name} since {values[19]}", kind, computed


def kind_of_thread(name: str, thread: int, process: int, driver: int) -> str:
    """Return what a thread of a run does."""
    if process == driver:
        return "driver" if thread == process else "threads"
    if is_java(process):
        return next((kind for begins, kind in OF_THREADS if name.startswith(begins)), "planning")
    # Java starts a daemon that imports, and the daemon forks the workers.
    parent = int(field(Path(f"/proc/{process}"), "PPid") or 0)
    return "starting" if is_java(parent) or parent == driver else "workers"


def is_java(process: int) -> bool:
    """Tell whether a process is Java."""
    return read(Path(f"/proc/{process}/comm")).strip() == b"java"


def with_metrics(folder: str) -> dict[str, str]:
    """Return the environment of a run whose Spark writes its metrics into a folder."""
    sink = "*.sink.csv.class=org.apache.spark.metrics.sink.CsvSink"
    Path(folder, "metrics.properties").write_text(f"{sink}\n*.sink.csv.directory={folder}\n")
    return os.environ | {"SPARK_CONF_DIR": folder}


def compilations(metrics: Path) -> int:
    """Return how often Spark compiled what it generated."""
    (file,) = metrics.glob("*CodeGenerator.compilationTime.csv")
    return int(list(csv.DictReader(file.open()))[-1]["count"])


def table(found: Timeline, jobs: dict[str, int], cores: int) -> str:
    """Write a Markdown table with a line for each step."""
    heads = ["step", "seconds", "jobs", *KINDS.values(), "idle"]
    lines = [" | ".join(heads), " | ".join("---" for _ in heads)]
    for name, seconds, spent in [*found.of_steps(), ("**all**", found.seconds, total(found))]:
        idle = cores * seconds - spent.total()
        number = sum(jobs.values()) if name == "**all**" else jobs.get(name, 0)
        cells = [f"{spent[kind]:.1f}" for kind in KINDS]
        lines.append(" | ".join([name, f"{seconds:.1f}", str(number), *cells, f"{idle:.1f}"]))
    return "\n".join(f"| {line} |" for line in lines)


def total(found: Timeline) -> Counter[str]:
    """Return the computing time of a run by kind."""
    return sum(found.spent, Counter())


def plot(found: Timeline, cores: int, path: Path) -> None:
    """Draw busy cores over time, and the steps below them."""
    figure, (busy, steps) = plt.subplots(
        2, sharex=True, figsize=(11, 8), height_ratios=(2, 3), layout="constrained"
    )
    width = 5  # half a second: the kernel counts in hundredths
    moments = [0.0, *found.moments[width - 1 :: width]]
    spans = [
        (sum(found.spent[i * width : (i + 1) * width], Counter()), end - begin)
        for i, (begin, end) in enumerate(pairwise(moments))
    ]
    heights = [[0.0, *(spent[kind] / long for spent, long in spans)] for kind in KINDS]
    busy.stackplot(moments, heights, labels=KINDS.values(), step="pre")
    busy.set(ylabel="busy cores", ylim=(0, cores * 1.05))
    busy.legend(ncols=3, loc="lower center", bbox_to_anchor=(0.5, 1))
    for row, ((name, begin), (_, seconds, _)) in enumerate(
        zip(found.steps, found.of_steps(), strict=True)
    ):
        steps.barh(row, seconds, left=begin, color="tab:gray")
        steps.text(begin + seconds + 0.2, row, f"{name} {seconds:.1f} s", va="center", fontsize=8)
    steps.invert_yaxis()
    steps.set(xlabel="seconds", yticks=[], xlim=(0, found.seconds * 1.25))
    figure.savefig(path, dpi=110)
    plt.close(figure)


def main() -> None:
    """Follow one run, print its table, and write both to the docs."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.timeline", description=__doc__)
    parser.add_argument("--data", default="data/01_raw/bank.csv", help="the bank file")
    parser.add_argument("--env", default="base", help="environment")
    parser.add_argument("--docs", default=ROOT / "docs", type=Path, help="folder to write to")
    options = parser.parse_args()
    kedro, cores = Path(sys.executable).parent / "kedro", len(os.sched_getaffinity(0))
    with tempfile.TemporaryDirectory() as folder:
        results, output = Path(folder, "results"), Path(folder, "output")
        place = f"raw_filepath={Path(options.data).resolve()},data_root={results}"
        command = [kedro, "run", f"--env={options.env}", f"--params={place}"]
        with output.open("w") as file:
            run = subprocess.Popen(
                command, cwd=ROOT, stdout=file, stderr=file, text=True, env=with_metrics(folder)
            )
            found = follow(run, output)
        if run.returncode:
            sys.exit(f"{command} failed:\n{output.read_text()[-2000:]}")
        record = json.loads((results / "08_reporting/run.json").read_text())["steps"]
        compiled = compilations(Path(folder))
    section = (
        f"One run on {cores} cores: {found.seconds:.1f} s. Spark generated code and compiled it "
        f"{compiled} times, within planning and tasks. Seconds of computing by kind:\n\n"
        f"{table(found, {name: step['jobs'] for name, step in record.items()}, cores)}\n\n"
        "![Busy cores over time, and the steps](images/timeline.png)"
    )
    print(section)
    plot(found, cores, options.docs / "images/timeline.png")
    write_section(options.docs / "results.md", section, "timeline")


if __name__ == "__main__":
    main()
