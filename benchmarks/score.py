"""Time scoring from CSV to parquet beside reading and writing alone, in turn, on generated rows.

Run as `python -m benchmarks.score [--rows N] [--turns N]`. Starting Python and Spark is not in it;
checking the file, comparing it with the train rows and loading the model are.
"""

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.spark_cluster import ROOT

from bank_spark_dl.schemas import load_schema
from benchmarks.article import start
from benchmarks.driver import drive
from benchmarks.prepare import LOCAL
from benchmarks.scale import TRAINING

TRAIN_ROWS = 10_000
TRAIN = "data_processing,feature_engineering,modeling"


def scoring(raw: Path, results: Path) -> float:
    """Run the pipeline and return the seconds of its steps."""
    return drive("scoring", results, raw, LOCAL, TRAINING).seconds


def read_and_write(raw: Path) -> float:
    """Read the same rows and write as many columns, in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.score", "--alone", str(raw)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return float(done.stdout.splitlines()[-1])


def run_alone(raw: str) -> float:
    """Read typed rows without a check, write an id and two numbers of each."""
    spark = start(**{key: value for key, value in LOCAL.items() if key != "spark.master"})
    schema = load_schema(str(ROOT / "conf/base/schema/bank.json"))
    began = time.monotonic()
    rows = spark.read.csv(raw, schema=schema, header=True)
    columns = rows.selectExpr("id AS row_id", "double(age) AS probability", "double(balance) AS b")
    with tempfile.TemporaryDirectory() as folder:
        columns.write.parquet(f"{folder}/written.parquet")
        return time.monotonic() - began


def main() -> None:
    """Measure in turn and print a line for each turn and the medians."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.score", description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000, help="generated rows")
    parser.add_argument("--turns", type=int, default=1)
    parser.add_argument("--alone", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.alone:
        print(run_alone(options.alone))
        return
    rates, shares = [], []
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        few, many, results = folder / "few", folder / "many", folder / "results"
        for raw, rows in ((few, TRAIN_ROWS), (many, options.rows)):
            drive("synthetic_data", folder / "made", raw, LOCAL, {"synthetic": {"rows": rows}})
        drive(TRAIN, results, few, LOCAL, TRAINING)
        for turn in range(1, options.turns + 1):
            ours, alone = scoring(many, results), read_and_write(many)
            rates.append(options.rows / ours)
            shares.append(alone / ours)
            print(
                f"turn {turn}: {rates[-1]:,.0f} rows/s, {shares[-1]:.0%} of reading and writing "
                f"alone ({options.rows / alone:,.0f} rows/s)",
                flush=True,
            )
    print(f"medians: {statistics.median(rates):,.0f} rows/s, {statistics.median(shares):.0%}")


if __name__ == "__main__":
    main()
