"""Time `kedro run` beside the article's flow, both as whole processes, in turn.

Run as `python -m benchmarks.flow [--data PATH] [--repeats N]`.
"""

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]


def seconds(*command: str | Path, folder: Path = ROOT) -> float:
    """Run a command in a folder to its end and return how long it took."""
    started = time.monotonic()
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{command} failed:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return time.monotonic() - started


def main() -> None:
    """Measure in turn and print a line for each turn and the medians."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.flow", description=__doc__)
    parser.add_argument("--data", default="data/01_raw/bank.csv", help="the bank file")
    parser.add_argument("--repeats", type=int, default=1, help="turns")
    options = parser.parse_args()
    data = str(Path(options.data).resolve())
    kedro = Path(sys.executable).parent / "kedro"
    ours, article = [], []
    for turn in range(1, options.repeats + 1):
        with tempfile.TemporaryDirectory() as folder:
            params = f"--params=raw_filepath={data},data_root={folder}"
            ours.append(seconds(kedro, "run", params))
        article.append(seconds(sys.executable, "-m", "benchmarks.article", data, "1"))
        ratio = ours[-1] / article[-1]
        print(f"turn {turn}: kedro run {ours[-1]:.0f} s, article {article[-1]:.0f} s: {ratio:.2f}")
    ratio = statistics.median(a / b for a, b in zip(ours, article, strict=True))
    print(
        f"medians: kedro run {statistics.median(ours):.0f} s, "
        f"article {statistics.median(article):.0f} s, ratio {ratio:.2f}"
    )


if __name__ == "__main__":
    main()
