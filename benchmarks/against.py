"""Time the two-class engine of this source tree beside that of an earlier commit, in turn.

Run as `python -m benchmarks.against COMMIT [--rows N] [--turns N]`. Each measurement has a process
of its own, which fits and scores three times: the third time counts. The commit's source lies in a
git worktree that is removed at the end; rows and session are those of this tree.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks import inputs
from benchmarks.contestants import CORES, classifier, elapsed
from benchmarks.flow import ROOT

TIMES = 3


@contextmanager
def source_of(commit: str, folder: Path) -> Iterator[Path]:
    """Check a commit out into a folder that does not exist yet."""
    git = ("git", "-C", str(ROOT), "worktree")
    added = subprocess.run(
        [*git, "add", "--quiet", "--detach", str(folder), commit], text=True, capture_output=True
    )
    if added.returncode:
        sys.exit(
            f"The commit {commit} cannot be checked out ({added.stderr.strip()}): a shallow clone "
            "has no earlier ones until `git fetch --unshallow`."
        )
    try:
        yield folder / "src"
    finally:
        subprocess.run([*git, "remove", "--force", str(folder)], check=True)


def measure(source: Path, rows: Path) -> dict[str, Any]:
    """Fit and score in a process of its own, with the package in a source folder."""
    command = [sys.executable, "-m", "benchmarks.against", "--rows-at", str(rows), str(source)]
    environment = os.environ | {"PYTHONPATH": str(source)}
    done = subprocess.run(command, cwd=ROOT, env=environment, text=True, capture_output=True)
    if done.returncode:
        sys.exit(f"The package in {source} failed:\n{done.stderr[-3000:]}")
    figures: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return figures


def time_engine(source: str, rows: str) -> dict[str, Any]:
    """Return the seconds of the last fit and of the last scores, and the hash of the weights."""
    import bank_spark_dl

    if not Path(bank_spark_dl.__file__).is_relative_to(source):
        raise ImportError(f"{bank_spark_dl.__file__} is not in {source}.")
    spark = inputs.start_session(CORES, engine=True)
    frame = spark.read.parquet(rows).cache()
    frame.count()
    estimator = classifier(num_workers=CORES, epochs=1)
    models: list[Any] = []
    fits = [elapsed(lambda: models.append(estimator.fit(frame))) for _ in range(TIMES)]
    scores = models[-1].score(frame, "row_id").write.format("noop").mode("overwrite")
    scoring = [elapsed(scores.save) for _ in range(TIMES)]
    sha256 = models[-1].history.weights_sha256
    return {"fit": fits[-1], "score": scoring[-1], "weights": sha256}


def compare(here: Sequence[dict[str, Any]], there: Sequence[dict[str, Any]], commit: str) -> None:
    """Print medians and ratios with their range, and whether the weights are the same."""
    for figure in ("fit", "score"):
        ours, theirs = ([turn[figure] for turn in turns] for turns in (here, there))
        ratios = [one / other for one, other in zip(ours, theirs, strict=True)]
        print(
            f"{figure}: {statistics.median(ours):.2f} s, {commit} {statistics.median(theirs):.2f} "
            f"s, median ratio {statistics.median(ratios):.2f} "
            f"({min(ratios):.2f} to {max(ratios):.2f})"
        )
    same = len({turn["weights"] for turn in [*here, *there]}) == 1
    print("weights: the same sha256" if same else "weights: another sha256")


def main() -> None:
    """Measure in turn, print a line for each turn and compare."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.against", description=__doc__)
    parser.add_argument("commit", help="to compare with; a commit of this repository")
    parser.add_argument("--rows", type=int, default=400_000, help="generated rows")
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--rows-at", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.rows_at:
        print(json.dumps(time_engine(options.commit, options.rows_at)))
        return
    here: list[dict[str, Any]] = []
    there: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        with source_of(options.commit, folder / "commit") as source:
            inputs.write_generated(folder / "rows", options.rows)
            for turn in range(1, options.turns + 1):
                here.append(measure(ROOT / "src", folder / "rows"))
                there.append(measure(source, folder / "rows"))
                print(f"turn {turn}: here {here[-1]}, {options.commit} {there[-1]}", flush=True)
    compare(here, there, options.commit)


if __name__ == "__main__":
    main()
