"""Time scoring from CSV to parquet beside reading and writing alone, in turn, on generated rows.

Run as `python -m benchmarks.score [--rows N] [--turns N]`. Each contestant has a process of its own
and works there twice: for the first time its JVM loads and compiles what it runs, which is its
start-up. Starting Python and Spark is not in it; checking the file, comparing it with the train
rows and loading the model are.
"""

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from kedro.framework.session import KedroSession
from kedro.framework.startup import bootstrap_project
from tests.spark_cluster import ROOT

from bank_spark_dl.schemas import load_schema
from benchmarks.article import start
from benchmarks.driver import BASE, configure, drive, recorded_steps
from benchmarks.prepare import LOCAL
from benchmarks.scale import TRAINING

TRAIN_ROWS = 10_000
TRAIN = "data_processing,feature_engineering,modeling"
SCORING = ("measure_drift", "accept_rows", "score_rows")
TIMES = ("for the first time", "again")


def contestant(name: str, *arguments: Path) -> list[float]:
    """Let a contestant work in a process of its own; return the seconds of both times."""
    command = [sys.executable, "-m", "benchmarks.score", f"--{name}", *map(str, arguments)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return [float(word) for word in done.stdout.splitlines()[-1].split()]


def score(raw: str, results: str) -> list[float]:
    """Run the pipeline twice and return the seconds of its steps."""
    bootstrap_project(ROOT)
    conf = configure(Path(results), LOCAL, TRAINING)
    scoring = {"input": raw, "output": f"{results}/scores.parquet"}
    seconds = []
    for _ in TIMES:
        with KedroSession.create(
            ROOT,
            env=BASE,
            conf_source=str(conf),
            runtime_params={"data_root": results, "scoring": scoring},
        ) as session:
            session.run(pipeline_names=["scoring"])
        steps = recorded_steps(Path(results))
        seconds.append(sum(steps[name]["seconds"] for name in SCORING if name in steps))
    return seconds


def read_and_write(raw: str) -> list[float]:
    """Read typed rows without a check, write an id and two numbers of each; do it twice."""
    spark = start(**{key: value for key, value in LOCAL.items() if key != "spark.master"})
    schema = load_schema(str(ROOT / "conf/base/schema/bank.json"))
    seconds = []
    for _ in TIMES:
        began = time.monotonic()
        rows = spark.read.csv(raw, schema=schema, header=True)
        chosen = rows.selectExpr("id AS row_id", "double(age) AS a", "double(balance) AS b")
        with tempfile.TemporaryDirectory() as folder:
            chosen.write.parquet(f"{folder}/written.parquet")
            seconds.append(time.monotonic() - began)
    return seconds


def main() -> None:
    """Measure in turn and print a line for each turn and time, and the medians."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.score", description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000, help="generated rows")
    parser.add_argument("--turns", type=int, default=1)
    parser.add_argument("--ours", nargs=2, help=argparse.SUPPRESS)
    parser.add_argument("--alone", nargs=1, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.ours or options.alone:
        print(*(score(*options.ours) if options.ours else read_and_write(*options.alone)))
        return
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        few, many, results = folder / "few", folder / "many", folder / "results"
        for raw, rows in ((few, TRAIN_ROWS), (many, options.rows)):
            drive("synthetic_data", folder / "made", raw, LOCAL, {"synthetic": {"rows": rows}})
        drive(TRAIN, results, few, LOCAL, TRAINING)
        turns = [
            (contestant("ours", many, results), contestant("alone", many))
            for _ in range(options.turns)
        ]
    for place, when in enumerate(TIMES):
        ours, alone = (statistics.median(turn[who][place] for turn in turns) for who in (0, 1))
        print(
            f"{when}: {options.rows / ours:,.0f} rows/s, {alone / ours:.0%} of what reading and "
            f"writing alone reach ({options.rows / alone:,.0f} rows/s); medians of {len(turns)}"
        )


if __name__ == "__main__":
    main()
