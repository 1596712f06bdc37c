"""A stream killed at any moment: each row that came in comes out once."""

import csv
import os
import random
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread

import pytest
from pyspark.sql import SparkSession

from tests.faults.runs import start_run
from tests.spark_cluster import ROOT

pytestmark = pytest.mark.faults
KILLS, ROWS_PER_FILE, PAUSE = 3, 40, 0.3
TRAINING = "--pipelines=data_processing,feature_engineering,modeling"


@contextmanager
def files_arrive(folder: Path) -> Iterator[list[int]]:
    """Put files into a folder, one after the other, until the block ends.

    Yields:
        The ids that are in them, as they come.
    """
    with (ROOT / "data/01_raw/bank.csv").open(newline="") as sample:
        header, *rows = csv.reader(sample)
    ids: list[int] = []
    over = Event()

    def put_files() -> None:
        for first in range(0, len(rows), ROWS_PER_FILE):
            part = rows[first : first + ROWS_PER_FILE]
            beside = folder / f".{first}"
            with beside.open("w", newline="") as file:
                csv.writer(file).writerows([header, *part])
            beside.rename(folder / f"{first}.csv")
            ids.extend(int(row[0]) for row in part)
            if over.wait(PAUSE):
                return

    thread = Thread(target=put_files)
    thread.start()
    try:
        yield ids
    finally:
        over.set()
        thread.join()


def test_three_kills_of_a_stream_lose_and_double_nothing(
    tmp_path: Path, spark: SparkSession, record_property: Callable[[str, object], None]
) -> None:
    """A stream is killed (SIGKILL) at a random moment and restarted | each row is scored once"""
    record_property("times", KILLS)
    data, arriving, output = tmp_path / "data", tmp_path / "arriving", tmp_path / "scores"
    arriving.mkdir()
    assert start_run(tmp_path / "training", TRAINING, f"--params=data_root={data}").ends() == 0
    places = f"scoring_stream.input={arriving},scoring_stream.output={output}"
    stream = ("--pipelines=scoring_stream", f"--params=data_root={data},{places}")
    endless = (stream[0], f"{stream[1]},scoring_stream.every=1,scoring_stream.files_per_batch=3")
    moments = random.Random(3)
    written = [0]
    with files_arrive(arriving) as ids:
        for number in range(KILLS):
            run = start_run(tmp_path / f"kill{number}", *endless)
            run.wait_for("  stream_drift (")  # a batch is through, the next one on its way
            time.sleep(moments.uniform(0, 5))
            os.killpg(run.process.pid, signal.SIGKILL)
            run.ends()
            written.append(spark.read.parquet(str(output)).count())
    assert written == sorted(set(written)), "a run that was killed had written nothing"
    last = start_run(tmp_path / "last", *stream)
    assert last.ends() == 0, last.printed()[-3000:]
    scored = [row["row_id"] for row in spark.read.parquet(str(output)).select("row_id").collect()]
    assert len(ids) > written[-1]
    assert sorted(scored) == sorted(ids)
