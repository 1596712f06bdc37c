"""Time scoring from CSV to parquet beside reading and writing alone, in turn, on generated rows.

Run as `python -m benchmarks.score [--rows N] [--turns N]`. Each contestant has a process and a
Spark session of its own and does its work there several times: the first time the JVM loads and
compiles what it runs, which is its start-up. Starting Python and Spark is not in it; checking the
file, comparing it with the train rows and loading the model are.
"""

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import yaml
from kedro.framework.session import KedroSession
from kedro.framework.startup import bootstrap_project
from tests.spark_cluster import ROOT

from bank_spark_dl.csv_validation import load_schema
from bank_spark_dl.spark.session import start_spark
from benchmarks.article import start
from benchmarks.driver import BASE, configure, drive, recorded_steps
from benchmarks.prepare import LOCAL
from benchmarks.scale import TRAINING

TRAIN_ROWS = 10_000
TRAIN = "data_processing,feature_engineering,modeling"
SCORING = ("measure_drift", "accept_rows", "score_rows")
TIMES, WARM = 5, 3  # the last ones are warm


def contestant(name: str, *arguments: Path) -> list[float]:
    """Let a contestant work in a process of its own; return the seconds of each time."""
    command = [sys.executable, "-m", "benchmarks.score", f"--{name}", *map(str, arguments)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return [float(word) for word in done.stdout.splitlines()[-1].split()]


def score(raw: str, results: str) -> list[float]:
    """Run the pipeline again and again; return the seconds of its steps each time."""
    bootstrap_project(ROOT)
    conf = configure(Path(results), LOCAL, TRAINING)
    settings = yaml.safe_load((conf / "base/spark.yml").read_text())
    start_spark(settings | yaml.safe_load((conf / BASE / "spark.yml").read_text()))
    scoring = {"input": raw, "output": f"{results}/scores.parquet"}
    seconds = []
    for _ in range(TIMES):
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
    """Read typed rows without a check, write an id and two numbers of each; again and again."""
    spark = start(**{key: value for key, value in LOCAL.items() if key != "spark.master"})
    schema = load_schema(str(ROOT / "conf/base/schema/bank.json"))
    seconds = []
    for _ in range(TIMES):
        began = time.monotonic()
        rows = spark.read.csv(raw, schema=schema, header=True)
        chosen = rows.selectExpr("id AS row_id", "double(age) AS a", "double(balance) AS b")
        with tempfile.TemporaryDirectory() as folder:
            chosen.write.parquet(f"{folder}/written.parquet")
            seconds.append(time.monotonic() - began)
    return seconds


def main() -> None:
    """Measure in turn and print the medians of all turns."""
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
    for when, times in (("first time", slice(0, 1)), ("warm", slice(-WARM, None))):
        ours, alone = (
            statistics.median(seconds for turn in turns for seconds in turn[who][times])
            for who in (0, 1)
        )
        print(
            f"{when}: {options.rows / ours:,.0f} rows/s, {alone / ours:.0%} of what reading and "
            f"writing alone reach ({options.rows / alone:,.0f} rows/s)"
        )


if __name__ == "__main__":
    main()
