"""Measure in turn, each contestant in a process of its own, and write docs/results.md's table."""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections import defaultdict
from pathlib import Path
from typing import Any

from benchmarks.inputs import write_generated
from benchmarks.table import make_table, write_section

ROOT = Path(__file__).parents[1]


def measure(contestant: str, **arguments: Any) -> dict[str, float]:
    """Run one contestant in a new process and return its figures."""
    command = [sys.executable, "-m", "benchmarks.contestants", contestant, json.dumps(arguments)]
    done = subprocess.run(command, cwd=ROOT, text=True, capture_output=True)
    lines = [line for line in done.stdout.splitlines() if line.startswith("figures ")]
    if not lines:
        sys.exit(f"{contestant} {arguments} failed:\n{done.stderr[-3000:]}")
    print(contestant, arguments, lines[-1], flush=True)
    figures: dict[str, float] = json.loads(lines[-1].removeprefix("figures "))
    return figures


def main() -> None:
    """Run all measurements."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--data", default="data/01_raw/bank.csv", help="the bank file")
    parser.add_argument("--rows", type=int, default=1_000_000, help="generated rows")
    parser.add_argument("--repeats", type=int, default=3, help="runs of each fast contestant")
    parser.add_argument("--output", default="docs/results.md", help="page to write to")
    options = parser.parse_args()
    data = str(Path(options.data).resolve())
    if not Path(data).exists():
        parser.error(f"{options.data} does not exist: name the bank file with --data")
    results: dict[str, list[dict[str, float]]] = defaultdict(list)
    with tempfile.TemporaryDirectory() as folder:
        write_generated(Path(folder), options.rows)
        for repeat in range(options.repeats):
            for name, contestant, arguments in contest(data, folder, slow=repeat == 0):
                results[name].append(measure(contestant, **arguments))
    section = make_table(results, os.cpu_count() or 1, options.repeats)
    write_section(ROOT / options.output, section)
    print(section)


def contest(data: str, rows: str, *, slow: bool) -> list[tuple[str, str, dict[str, Any]]]:
    """List one turn of measurements: name, contestant, arguments."""
    turn: list[tuple[str, str, dict[str, Any]]] = [
        ("ours 1", "train_ours", {"data": data, "workers": 1, "prewarmed": False}),
        ("keras", "train_keras", {"data": data}),
        ("warm 1", "train_ours", {"data": data, "workers": 1, "prewarmed": True}),
        ("ours 6", "train_ours", {"data": data, "workers": 6, "prewarmed": False}),
        ("warm 6", "train_ours", {"data": data, "workers": 6, "prewarmed": True}),
        ("one by one", "train_two", {"data": data, "at_once": 1}),
        ("at once", "train_two", {"data": data, "at_once": 2}),
        ("stock 1", "train_stock", {"data": data, "workers": 1}),
        ("score ours", "score_ours", {"rows": rows}),
        ("read", "read_rows", {"rows": rows}),
        ("score stock", "score_stock", {"rows": rows}),
    ]
    if slow:
        turn += [
            ("stock 6", "train_stock", {"data": data, "workers": 6}),
            ("generated 1", "train_generated", {"rows": rows, "workers": 1}),
            ("generated 2", "train_generated", {"rows": rows, "workers": 2}),
            ("small", "train_generated", {"rows": rows, "workers": 2, "limit": 1000}),
        ]
    return turn


if __name__ == "__main__":
    main()
