"""Time and Spark jobs as columns grow: load, profile, split, features and a training of one epoch.

Run as `python -m benchmarks.wide [--rows N]`. One text column has 20 values, then 200; beside it
stand 30 numbers, then 300.
"""

import argparse
import json
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.driver import Driven, drive
from benchmarks.prepare import LOCAL
from benchmarks.scale import TRAINING

PIPELINES = "data_processing,feature_engineering,modeling"
SIZES = ((20, 30), (200, 300))  # values of the text column, columns of numbers


def make_rows(folder: Path, rows: int, values: int, numbers: int) -> tuple[Path, Path]:
    """Write random rows and their schema; return both paths."""
    random = np.random.default_rng(0)
    table: dict[str, Any] = {"id": np.arange(rows)}
    table["word"] = [f"word {number}" for number in random.integers(values, size=rows)]
    table |= {f"x{n}": random.normal(size=rows).round(4) for n in range(numbers)}
    table["bought"] = np.where(table["x0"] + random.normal(size=rows) > 0, "yes", "no")
    raw, schema = folder / "wide.csv", folder / "wide.json"
    pd.DataFrame(table).to_csv(raw, index=False)
    kinds = dict.fromkeys(table, "double") | {"id": "integer", "word": "string", "bought": "string"}
    fields = [
        {"name": name, "type": kind, "nullable": False, "metadata": {}}
        for name, kind in kinds.items()
    ]
    schema.write_text(json.dumps({"type": "struct", "fields": fields}))
    return raw, schema


def measure(folder: Path, rows: int, values: int, numbers: int) -> Driven:
    """Run the pipelines on such rows."""
    raw, schema = make_rows(folder, rows, values, numbers)
    columns = {"id": "id", "label": "bought", "positive": "yes", "drop": []}
    data = {
        "columns": columns | {"categorical": "auto", "numeric": "auto"},
        "availability": {},
        "segments": [],
    }
    source = {
        "type": "bank_spark_dl.datasets.CheckedCSVDataset",
        "filepath": str(raw),
        "load_args": {"sep": ",", "schema": {"filepath": str(schema)}},
    }
    parameters = TRAINING | {"data": data}
    return drive(PIPELINES, folder / "results", raw, LOCAL, parameters, {"bank_raw": source})


def main() -> None:
    """Print a line for each size, and what a column costs."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.wide", description=__doc__)
    parser.add_argument("--rows", type=int, default=20_000)
    options = parser.parse_args()
    for values, numbers in SIZES:
        with tempfile.TemporaryDirectory() as folder:
            run = measure(Path(folder), options.rows, values, numbers)
        jobs = sum(step["jobs"] for step in run.steps.values())
        inputs = values + numbers
        print(
            f"{values} values, {numbers} numbers: {run.seconds:.1f} s, {jobs} jobs, "
            f"{run.seconds / inputs * 1000:.0f} ms for each of {inputs} inputs",
            flush=True,
        )
        for name, step in run.steps.items():
            print(f"  {name}: {step['seconds']:.1f} s, {step['jobs']} jobs")


if __name__ == "__main__":
    main()
