"""Each row of a stream is in its output once, wherever it was killed."""

import shutil
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from kedro.io import DatasetError
from pyspark.sql import SparkSession

from bank_spark_dl.datasets import StreamSinkDataset
from bank_spark_dl.errors import InputDataError
from bank_spark_dl.ml.streaming import StreamPlan


class Stream:
    """Lines that arrive in files, and what is written of them."""

    def __init__(self, spark: SparkSession, folder: Path) -> None:
        self.spark, self.arriving, self.output = spark, folder / "arriving", folder / "output"
        self.arriving.mkdir()

    def arrive(self, *lines: str) -> None:
        for line in lines:
            (self.arriving / line).write_text(line)

    def start(self, every: int | None = None, checkpoint: str | None = None) -> StreamSinkDataset:
        rows = self.spark.readStream.option("maxFilesPerTrigger", 1).text(str(self.arriving))
        sink = StreamSinkDataset(filepath=str(self.output))
        # Kedro would wrap what is refused.
        StreamSinkDataset.save.__wrapped__(sink, StreamPlan(rows, every, checkpoint))
        return sink

    def run(self, checkpoint: str | None = None) -> None:
        self.start(checkpoint=checkpoint).load().awaitTermination()

    def written(self) -> list[str]:
        return sorted(row["value"] for row in self.spark.read.parquet(str(self.output)).collect())

    def forget(self, folder: str, batch: int) -> None:
        """Undo what a killed stream had not done yet."""
        (self.output / folder / str(batch)).unlink()
        (self.output / folder / f".{batch}.crc").unlink(missing_ok=True)


@pytest.fixture
def stream(spark: SparkSession, tmp_path: Path) -> Stream:
    return Stream(spark, tmp_path)


def test_it_goes_on_where_it_ended(stream: Stream) -> None:
    stream.arrive("a", "b")
    stream.run()
    stream.arrive("c")
    stream.run()
    stream.run()
    assert stream.written() == ["a", "b", "c"]


def test_killed_before_its_log_names_what_was_written(stream: Stream) -> None:
    stream.arrive("a", "b")
    stream.run()
    stream.forget("_checkpoint/commits", 1)
    stream.forget("_spark_metadata", 1)
    assert len(stream.written()) == 1
    stream.run()
    assert stream.written() == ["a", "b"]
    files = [pq.read_table(file) for file in stream.output.glob("*.parquet")]
    assert sum(part.num_rows for part in files) == 3  # a reader that does not know the log


def test_killed_between_its_log_and_its_checkpoint(stream: Stream) -> None:
    stream.arrive("a", "b")
    stream.run()
    stream.forget("_checkpoint/commits", 1)
    stream.arrive("c")
    stream.run()
    assert stream.written() == ["a", "b", "c"]


def test_killed_in_its_first_batch(stream: Stream) -> None:
    stream.arrive("a")
    stream.run()
    stream.forget("_checkpoint/commits", 0)
    stream.forget("_spark_metadata", 0)
    stream.run()
    assert stream.written() == ["a"]


def test_it_looks_again_and_again(stream: Stream) -> None:
    stream.arrive("a")
    query = stream.start(every=1).load()
    query.processAllAvailable()
    stream.arrive("b")
    query.processAllAvailable()
    assert query.isActive
    query.stop()
    assert stream.written() == ["a", "b"]


def test_a_checkpoint_elsewhere(stream: Stream, tmp_path: Path) -> None:
    elsewhere = str(tmp_path / "elsewhere")
    stream.arrive("a")
    stream.run(checkpoint=elsewhere)
    stream.run(checkpoint=elsewhere)
    assert stream.written() == ["a"]
    assert not (stream.output / "_checkpoint").exists()
    with pytest.raises(InputDataError, match=r"_checkpoint has no record of that stream"):
        stream.run()


@pytest.mark.parametrize(
    ("lost", "reason"),
    [
        ("_checkpoint", "it holds rows of a stream, but .*_checkpoint has no record"),
        ("_spark_metadata", ".*_checkpoint records rows that were written, but they are not"),
        ("_*", "it holds other files, such as part-"),
    ],
)
def test_half_a_stream_is_refused(stream: Stream, lost: str, reason: str) -> None:
    stream.arrive("a")
    stream.run()
    for folder in stream.output.glob(lost):
        shutil.rmtree(folder)
    with pytest.raises(InputDataError, match=f"{stream.output}: {reason}.*Name both folders"):
        stream.run()
    shutil.rmtree(stream.output)
    stream.run()
    assert stream.written() == ["a"]


def test_there_is_no_stream_to_follow(stream: Stream) -> None:
    with pytest.raises(DatasetError, match=r"No stream writes to .* in this process"):
        StreamSinkDataset(filepath=str(stream.output)).load()
