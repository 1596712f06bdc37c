"""Time everything up to features beside the article's way, in turn, on generated rows.

Run as `python -m benchmarks.prepare [--rows N] [--turns N]`: load, profile, split, features.
Starting Python and Spark is not in it. The article profiles nothing, and collects the table to the
driver twice for each numeric column.
"""

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.spark_cluster import ROOT

from benchmarks.article import load_and_split, start
from benchmarks.driver import drive

LOCAL = {
    "spark.master": "local[*]",
    "spark.driver.memory": "4g",
    "spark.driver.maxResultSize": "2g",
    "spark.sql.shuffle.partitions": 4,
}
ARTICLE = {"spark.driver.memory": "8g", "spark.driver.maxResultSize": "0"}
PIPELINES = "data_processing,feature_engineering"


def ours(raw: Path, folder: Path) -> float:
    """Run both pipelines and return the seconds of their steps."""
    with tempfile.TemporaryDirectory(dir=folder) as results:
        return drive(PIPELINES, Path(results), raw, LOCAL, {}).seconds


def article(raw: Path) -> float:
    """Run the same steps of the article's script in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.prepare", "--article", str(raw)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return float(done.stdout.splitlines()[-1])


def run_article(raw: str) -> float:
    """Load and make features as the article does; both parts are computed and thrown away."""
    spark = start(**ARTICLE)
    began = time.monotonic()
    for part in load_and_split(spark, raw):
        part.write.format("noop").mode("overwrite").save()
    return time.monotonic() - began


def main() -> None:
    """Measure in turn and print a line for each turn and the median ratio."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.prepare", description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000, help="generated rows")
    parser.add_argument("--turns", type=int, default=1)
    parser.add_argument("--article", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.article:
        print(run_article(options.article))
        return
    ratios = []
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        raw = folder / "raw"
        rows = {"synthetic": {"rows": options.rows}}
        drive("synthetic_data", folder / "generated", raw, LOCAL, rows)
        for turn in range(1, options.turns + 1):
            mine, theirs = ours(raw, folder), article(raw)
            ratios.append(mine / theirs)
            print(
                f"turn {turn}: {mine:.1f} s, article {theirs:.1f} s: {ratios[-1]:.2f}", flush=True
            )
    print(f"{options.rows:,} rows, median ratio {statistics.median(ratios):.2f}")


if __name__ == "__main__":
    main()
