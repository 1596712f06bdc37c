"""Time and memory of each pipeline as rows grow; writes the table of docs/scale.md.

Run as `python -m benchmarks.scale [--rows 10000 100000 1000000] [--output docs/scale.md]`. The rows
are generated; the pipelines run on a standalone cluster of two executors, so that the driver is the
driver only.
"""

import argparse
import json
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

from tests.spark_cluster import ROOT, SETTINGS, running_cluster

from benchmarks.driver import MACHINE, Driven, drive
from benchmarks.table import write_section

PIPELINES = ("data_processing", "feature_engineering", "modeling", "reporting", "scoring")
ROWS = (10_000, 100_000, 1_000_000)
WORKERS = 2
SPARK = SETTINGS | {
    "spark.driver.memory": "1g",
    "spark.driver.defaultJavaOptions": "-XX:+UseSerialGC",
    "spark.executor.memory": "3g",
    "spark.executor.memoryOverhead": "1g",
    "spark.executor.cores": 1,
    "spark.sql.shuffle.partitions": 8,
}
TRAINING = {
    # A pass over the rows, and baselines that are not what is measured.
    "elephas": {"num_workers": WORKERS, "epochs": 1, "batch_size": 256},
    "baselines": {"decision_tree": {"max_depth": 3}, "logistic_regression": {"max_iter": 5}},
}
GENERATING = {"spark.master": "local[2]", "spark.driver.memory": "2g"}
Measured = dict[int, dict[str, Driven]]


def measure(rows: int, pipelines: tuple[str, ...], folder: Path, master: str) -> dict[str, Driven]:
    """Run the pipelines one after the other on so many generated rows."""
    raw, results = folder / "raw", folder / "results"
    synthetic = {"synthetic": {"rows": rows}}
    drive("synthetic_data", folder / "generated", raw, GENERATING, synthetic)
    found = {}
    for name in pipelines:
        found[name] = drive(name, results, raw, SPARK | {"spark.master": master}, TRAINING)
        shown = f"{found[name].seconds:.1f} s, {found[name].java:.0f} MiB JVM"
        print(f"{rows:,} {name}: {shown}, {found[name].python:.0f} MiB Python", flush=True)
    if "modeling" in pipelines:
        print(f"{rows:,} outside of the workers: {overhead(results):.1%} of the rounds", flush=True)
    return found


def overhead(results: Path) -> float:
    """Return the share of the rounds' time in which the slowest worker did not compute."""
    history = json.loads((results / "06_models/training_history.json").read_text())
    whole = sum(entry["seconds"] for entry in history["rounds"])
    computing = sum(max(w["seconds"] for w in entry["workers"]) for entry in history["rounds"])
    return float(1 - computing / whole)


def make_table(measured: Measured) -> str:
    """Write a line for each pipeline, and the cost of a row between the two largest sizes."""
    sizes = sorted(measured)
    lines = [
        f"| pipeline | {' | '.join(f'{rows:,} rows' for rows in sizes)} | each further million |",
        f"| --- |{' --- |' * (len(sizes) + 1)}",
    ]
    for name in measured[sizes[0]]:
        there = [rows for rows in sizes if name in measured[rows]]
        runs = {rows: measured[rows][name] for rows in there}
        cells = [_cell(runs.get(rows)) for rows in sizes]
        lines.append(f"| `{name}` | {' | '.join(cells)} | {_slope(runs)} |")
    return "\n".join(lines)


def _cell(run: Driven | None) -> str:
    if run is None:
        return "not measured"
    jobs = sum(step["jobs"] for step in run.steps.values())
    read = sum(step["bytes_read"] for step in run.steps.values()) / 1e6
    memory = f"{run.java:.0f} + {run.python:.0f} MiB"
    return f"{run.seconds:.1f} s, {jobs} jobs, {read:,.0f} MB read, driver {memory}"


def _slope(runs: Mapping[int, Driven]) -> str:
    few, many = sorted(runs)[-2:]
    seconds = (runs[many].seconds - runs[few].seconds) / (many - few) * 1e6
    return f"{seconds:.1f} s"


def main() -> None:
    """Measure each size, smallest first."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scale", description=__doc__)
    parser.add_argument("--rows", type=int, nargs="+", default=ROWS, help="sizes, at least two")
    parser.add_argument("--pipelines", nargs="+", default=PIPELINES, choices=PIPELINES)
    parser.add_argument("--output", default="docs/scale.md", help="page to write to")
    parser.add_argument("--folder", help="where rows and results go; a new one, removed at the end")
    options = parser.parse_args()
    if len(options.rows) < 2:
        parser.error("name two sizes at least")
    measured: Measured = {}
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        place = Path(folder)
        with running_cluster(place / "cluster", MACHINE, memory="4g") as cluster:
            for rows in sorted(options.rows):
                at = place / str(rows)
                measured[rows] = measure(rows, tuple(options.pipelines), at, cluster.address)
                shutil.rmtree(at)
    table = make_table(measured)
    write_section(ROOT / options.output, table)
    print(table)


if __name__ == "__main__":
    main()
