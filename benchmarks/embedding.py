"""The driver's memory as a text column gets more values: its network has an Embedding for each.

Run as `python -m benchmarks.embedding [--rows 200000 1000000]`. A text column has 100 values, then
100,000; a cluster of two executors trains one epoch on the rows and scores them, so that the driver
is the driver only. Its memory is the heap that its JVM holds and the peak of its Python. What that
grows by is compared with what it must hold: the network's weights, the state of its optimizer and
the column's values.
"""

import argparse
import json
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from tests.spark_cluster import Cluster, running_cluster

from benchmarks.driver import MACHINE, Driven, drive
from benchmarks.scale import SPARK, TRAINING

PIPELINES = "data_processing,feature_engineering,modeling,scoring"
FEW, MANY = 100, 100_000  # values of the text column
KINDS = {"id": "integer", "word": "string", "x": "double", "bought": "string"}
ADAM = 2  # numbers of Adam's state for each weight
MB = 2**20


def make_rows(folder: Path, rows: int, values: int) -> tuple[Path, Path]:
    """Write random rows, each value in some of them, and their schema; return both paths."""
    random = np.random.default_rng(0)
    word = random.permutation(np.arange(rows) % values)
    x, effect = random.normal(size=rows), random.normal(size=values)
    bought = np.where(x + effect[word] + random.normal(size=rows) > 0, "yes", "no")
    words = np.array([f"word {number}" for number in range(values)], dtype=object)[word]
    table = pd.DataFrame({"id": np.arange(rows), "word": words, "x": x.round(4), "bought": bought})
    raw, schema = folder / "words.csv", folder / "words.json"
    table.to_csv(raw, index=False)
    fields = [
        {"name": name, "type": kind, "nullable": False, "metadata": {}}
        for name, kind in KINDS.items()
    ]
    schema.write_text(json.dumps({"type": "struct", "fields": fields}))
    return raw, schema


def measure(folder: Path, rows: int, values: int, cluster: Cluster) -> tuple[Driven, float]:
    """Run the pipelines on such rows.

    Returns:
        What it has cost; and the size of weights, optimizer state and values, in MiB.
    """
    raw, schema = make_rows(folder, rows, values)
    columns: dict[str, Any] = {"id": "id", "label": "bought", "positive": "yes", "drop": []}
    columns |= {"categorical": ["word"], "numeric": ["x"]}
    parameters = TRAINING | {
        "data": {"columns": columns, "availability": {}, "segments": []},
        "features": {
            "unseen_categories": "keep",
            "categories": {"min_count": 1, "max_categories": MANY, "encoding": "embedding"},
        },
    }
    source = {
        "type": "bank_spark_dl.datasets.CheckedCSVDataset",
        "filepath": str(raw),
        "load_args": {"sep": ",", "schema": {"filepath": str(schema)}},
    }
    catalog = {"bank_raw": source, "scoring_rows": source}
    settings = SPARK | {"spark.master": cluster.address}
    results = folder / "results"
    run = drive(
        *(PIPELINES, results, raw, settings, parameters, catalog, cluster.executors), live_heap=True
    )
    history = json.loads((results / "06_models/training_history.json").read_text())
    words = sum(len(f"word {number}") for number in range(values))
    return run, (4 * history["parameters"] * (1 + ADAM) + words) / MB


def main() -> None:
    """Print the driver's memory for each number of rows, and what it has grown by."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.embedding", description=__doc__)
    parser.add_argument("--rows", type=int, nargs="+", default=[200_000, 1_000_000])
    options = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as folder,
        running_cluster(Path(folder) / "cluster", MACHINE, memory="4g") as cluster,
    ):
        for rows in options.rows:
            compare(Path(folder), rows, cluster)


def compare(folder: Path, rows: int, cluster: Cluster) -> None:
    """Measure with few and with many values."""
    memory, held = {}, {}
    for values in (FEW, MANY):
        place = folder / f"{rows}-{values}"
        place.mkdir()
        run, held[values] = measure(place, rows, values, cluster)
        memory[values] = run.java + run.python
        print(
            f"{rows:,} rows, {values:,} values: the driver's JVM holds {run.java:.0f} MiB, its "
            f"Python {run.python:.0f}; weights, state and values are {held[values]:.1f} MiB",
            flush=True,
        )
    grown, needed = memory[MANY] - memory[FEW], held[MANY] - held[FEW]
    print(f"{rows:,} rows: the driver grows by {grown:.0f} MiB, {grown / needed:.1f} times that")


if __name__ == "__main__":
    main()
