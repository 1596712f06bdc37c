"""Time and memory of each pipeline as rows and workers grow; writes the tables of docs/scale.md.

Run as `python -m benchmarks.scale [--rows 10000 100000 ...] [--output docs/scale.md]`. The rows are
generated; the pipelines run on a standalone cluster of two executors with one core each, so that
the driver is the driver only. With ten million rows it takes an hour.
"""

import argparse
import json
import shutil
import tempfile
from pathlib import Path

from tests.spark_cluster import ROOT, SETTINGS, Cluster, running_cluster

from benchmarks.driver import MACHINE, Driven, drive
from benchmarks.scale_table import scale_tables
from benchmarks.table import write_section
from benchmarks.workers import workers_table

PIPELINES = ("data_processing", "feature_engineering", "modeling", "reporting", "scoring")
ROWS = (10_000, 100_000, 1_000_000, 10_000_000)
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


def measure(rows: int, folder: Path, cluster: Cluster) -> tuple[dict[str, Driven], float]:
    """Run the pipelines one after the other on so many generated rows.

    Returns:
        What each has cost, and the share of the rounds' time outside of the workers.
    """
    raw, results = folder / "raw", folder / "results"
    synthetic = {"synthetic": {"rows": rows}}
    drive("synthetic_data", folder / "generated", raw, GENERATING, synthetic)
    settings = SPARK | {"spark.master": cluster.address}
    found = {}
    for name in PIPELINES:
        run = drive(name, results, raw, settings, TRAINING, executors=cluster.executors)
        print(
            f"{rows:,} {name}: {run.seconds:.1f} s; driver {run.java:.0f} + {run.python:.0f} MiB, "
            f"executor {run.executor:.0f} MiB",
            flush=True,
        )
        found[name] = run
    return found, outside_of_workers(results)


def outside_of_workers(results: Path) -> float:
    """Return the share of the rounds' time in which the slowest worker did not compute."""
    history = json.loads((results / "06_models/training_history.json").read_text())
    whole = sum(entry["seconds"] for entry in history["rounds"])
    computing = sum(max(w["seconds"] for w in entry["workers"]) for entry in history["rounds"])
    return float(1 - computing / whole)


def main() -> None:
    """Measure each size, smallest first, then rounds of more and more workers."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scale", description=__doc__)
    parser.add_argument("--rows", type=int, nargs="+", default=ROWS, help="sizes, at least two")
    parser.add_argument("--output", default="docs/scale.md", help="page to write to")
    parser.add_argument("--folder", help="where rows and results go; a new one, removed at the end")
    options = parser.parse_args()
    if len(options.rows) < 2:
        parser.error("name two sizes at least")
    measured: dict[str, dict[int, Driven]] = {name: {} for name in PIPELINES}
    outside = {}
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        place = Path(folder)
        with running_cluster(place / "cluster", MACHINE, memory="4g") as cluster:
            for rows in sorted(options.rows):
                found, outside[rows] = measure(rows, place / str(rows), cluster)
                for name, run in found.items():
                    measured[name][rows] = run
                shutil.rmtree(place / str(rows))
    section = f"{scale_tables(measured, outside)}\n\n{workers_table()}"
    write_section(ROOT / options.output, section)
    print(section)


if __name__ == "__main__":
    main()
