"""Time `kedro draft` beside data_processing of the same rows, both as whole processes, in turn.

Run as `python -m benchmarks.draft [--rows N] [--repeats N]`.
"""

import argparse
import shutil
import statistics
import sys
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.flow import ROOT, seconds

NUMBERS, TEXTS = 9, 8


def write_table(path: Path, rows: int) -> None:
    """Write a CSV file of 20 columns: an id, numbers, texts, a date and a label."""
    draw = np.random.default_rng(1)
    table = {"id": np.arange(rows)}
    table |= {f"number{n}": draw.normal(size=rows).round(4) for n in range(NUMBERS)}
    words = np.array([f"word{n}" for n in range(50)])
    table |= {f"text{n}": draw.choice(words, rows) for n in range(TEXTS)}
    days = draw.integers(0, 1000, rows).astype("timedelta64[D]")
    table["day"] = np.datetime64("2024-01-01") + days
    table["label"] = np.where(table["number0"] + draw.normal(size=rows) > 0, "yes", "no")
    pd.DataFrame(table).to_csv(path, index=False)


def main() -> None:
    """Measure in turn and print a line for each turn and the median of the ratios."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.draft", description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000, help="rows of 20 columns")
    parser.add_argument("--repeats", type=int, default=1, help="turns")
    options = parser.parse_args()
    kedro = Path(sys.executable).parent / "kedro"
    ratios = []
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder)
        shutil.copy(ROOT / "pyproject.toml", project)
        shutil.copytree(ROOT / "conf", project / "conf")
        shutil.copytree(ROOT / "src", project / "src")
        write_table(project / "table.csv", options.rows)
        draft = (kedro, "draft", "table.csv", "--label", "label", "--env", "table", "--force")
        process = (kedro, "run", "--env=table", "--pipelines=data_processing")
        for turn in range(1, options.repeats + 1):
            drafted, processed = (seconds(*one, folder=project) for one in (draft, process))
            ratios.append(drafted / processed)
            print(
                f"turn {turn}: kedro draft {drafted:.0f} s, data_processing {processed:.0f} s: "
                f"{ratios[-1]:.2f}",
                flush=True,
            )
    print(f"median ratio {statistics.median(ratios):.2f}")


if __name__ == "__main__":
    main()
