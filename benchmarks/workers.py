"""What a round costs beside the workers' computing, by number of workers.

Run as `python -m benchmarks.workers`. On this machine workers take turns on the cores, so their
computing is added up and shared out among the cores; the rest is Spark's scheduling, sending
weights to workers and back, and merging them.
"""

import json
import os
import statistics
import subprocess
import sys

from tests.spark_cluster import ROOT

from benchmarks.scale_table import fit_line

NUMBERS = (1, 2, 4, 8, 16, 32)
ROWS_PER_WORKER, EPOCHS = 1_000, 6
CORES = os.cpu_count() or 1


def measure(workers: int) -> float:
    """Train in a new process; return the median seconds of a round outside of the workers."""
    command = [sys.executable, "-m", "benchmarks.workers", str(workers)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return float(done.stdout.splitlines()[-1])


def train(workers: int) -> float:
    """Train the article's network, rounds as short as they can be."""
    from benchmarks import inputs
    from benchmarks.contestants import classifier

    spark = inputs.start_session(CORES, engine=True)
    frame = inputs.generated_frame(spark, workers * ROWS_PER_WORKER)
    rounds = classifier(num_workers=workers, epochs=EPOCHS).fit(frame).history.rounds
    return statistics.median(
        entry.seconds - sum(worker.seconds for worker in entry.workers) / CORES
        for entry in rounds[1:]  # the first one compiles
    )


def workers_table() -> str:
    """Write the seconds by number of workers, and the line through them."""
    found = {workers: measure(workers) for workers in NUMBERS}
    fixed, each = fit_line(found)
    return "\n".join(
        [
            f"| workers | {' | '.join(map(str, found))} | fitted |",
            f"| --- |{' --- |' * (len(found) + 1)}",
            "| seconds of a round outside of them | "
            f"{' | '.join(f'{seconds:.2f}' for seconds in found.values())} "
            f"| {fixed:.2f} s + {each:.3f} s for each worker |",
        ]
    )


if __name__ == "__main__":
    if len(sys.argv) > 1:
        print(json.dumps(train(int(sys.argv[1]))))
    else:
        print(workers_table())
