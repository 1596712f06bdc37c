"""Files that arrive in a folder, scored as a stream: once each, as `scoring` does, or refused."""

import json
import logging
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import SparkSession

from bad_inputs.project import refusal, run, train
from bad_inputs.rows import DROPPED, NAMES, ROWS, Row, put, text, write

Scores = list[tuple[object, ...]]
WITHOUT_LABEL = NAMES[:-1]


@pytest.fixture(scope="module")
def trained(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return train(tmp_path_factory.mktemp("trained"))


@pytest.fixture(scope="module")
def expected(trained: Path, spark: SparkSession) -> Scores:
    """Return the scores of the good rows, scored as one file."""
    new, to = write(trained.parent / "good.csv", text()), trained.parent / "good"
    run(["scoring"], data_root=str(trained), scoring={"input": str(new), "output": str(to)})
    return read(spark, to)


def read(spark: SparkSession, folder: Path) -> Scores:
    return sorted(map(tuple, spark.read.parquet(str(folder)).collect()))


class Stream:
    """A folder where files arrive, and what is said and written of them."""

    def __init__(self, data: Path, folder: Path) -> None:
        self.data, self.arriving, self.scores = data, folder / "arriving", folder / "scores"
        self.arriving.mkdir()

    def parameters(self, options: dict[str, Any]) -> dict[str, Any]:
        places = {"input": str(self.arriving), "output": str(self.scores)}
        drift = {"action": options.pop("action", "ignore")}
        return {
            "data_root": str(self.data),
            "scoring": {"drift": drift},
            "scoring_stream": places | options,
        }

    def run(self, **options: Any) -> None:
        run(["scoring_stream"], **self.parameters(options))

    def refusal(self, **options: Any) -> str:
        return refusal(["scoring_stream"], **self.parameters(options))

    def arrive(self, name: str, rows: list[Row], **form: Any) -> Path:
        return write(self.arriving / name, text(rows, **form))

    @property
    def drift(self) -> dict[str, Any]:
        return json.loads((self.data / "08_reporting/stream_drift.json").read_text())


@pytest.fixture
def stream(trained: Path, tmp_path: Path) -> Stream:
    return Stream(trained, tmp_path)


def test_files_are_scored_once_each_and_as_one_file_is(
    stream: Stream, expected: Scores, spark: SparkSession
):
    stream.arrive("a +1 [ä].csv", ROWS[:100])
    stream.arrive("b.csv", ROWS[100:150])
    stream.run(files_per_batch=1)
    assert len(read(spark, stream.scores)) == 150
    assert (stream.drift["batch"], stream.drift["rows"]) == (1, 50)
    stream.arrive("0.csv.gz", ROWS[150:])
    stream.run()
    stream.run()
    assert read(spark, stream.scores) == expected
    record = json.loads((stream.data / "08_reporting/run.json").read_text())
    assert record["datasets"]["stream_scores"]["content"] is None
    assert record["steps"]["plan_stream"]["parameters"]["scoring_stream"]["files_per_batch"] == 100


def test_the_label_may_be_absent_and_columns_in_another_order(
    stream: Stream, expected: Scores, spark: SparkSession
):
    stream.arrive("a.csv", ROWS[:100], names=WITHOUT_LABEL[::-1])
    stream.arrive("b.csv", ROWS[100:], names=WITHOUT_LABEL[::-1])
    stream.run()
    assert read(spark, stream.scores) == expected


def test_dropped_columns_may_be_absent(stream: Stream, expected: Scores, spark: SparkSession):
    stream.arrive("a.csv", ROWS, names=[name for name in NAMES if name not in DROPPED])
    stream.run()
    assert read(spark, stream.scores) == expected


def test_drift_stops_after_its_batch(stream: Stream, spark: SparkSession):
    stream.arrive("a.csv", put("age", "99", range(1, 301)))
    said = stream.refusal(action="stop")
    assert said.startswith(f"{stream.arriving}, batch 0: the rows have drifted")
    assert list(stream.drift["drifted"]) == ["age"]
    assert len(read(spark, stream.scores)) == 300
    stream.run(action="stop")


def test_drift_warns_of_each_batch(
    stream: Stream, spark: SparkSession, caplog: pytest.LogCaptureFixture
):
    old = put("age", "99", range(1, 301))
    for name, rows in (("a", old[:100]), ("b", ROWS[100:200]), ("c", old[200:])):
        stream.arrive(f"{name}.csv", rows)
    with caplog.at_level(logging.WARNING, "bank_spark_dl"):
        stream.run(action="warn", files_per_batch=1)
    warned = [line.split(":")[0] for line in caplog.messages if "have drifted" in line]
    assert warned == [f"{stream.arriving}, batch {number}" for number in (0, 2)]
    assert stream.drift["drifted_batches"] == 2
    assert len(read(spark, stream.scores)) == 300


def test_a_refused_file_is_corrected_in_its_place(
    stream: Stream, expected: Scores, spark: SparkSession
):
    stream.arrive("a.csv", ROWS[:100])
    stream.run()
    bad, number = stream.arrive("new +1.csv", put("job", "astro'naut")), ROWS[1]["id"]
    assert stream.refusal() == (
        f"{bad}: in the row with row_id {number} the column 'job' holds 'astro'naut', a value "
        "that no train row has. Correct it, or train with features.unseen_categories: keep."
    )
    stream.arrive(bad.name, put("day", "32"))
    assert stream.refusal() == (
        f"{bad}: in the row with id {number} the column 'day' must hold whole numbers (int) from 1 "
        "to 31, but has '32'. Correct it. Then run again: the stream goes on with this file."
    )
    stream.arrive(bad.name, ROWS[100:], names=NAMES[::-1])
    assert "but those of the stream are" in stream.refusal()
    assert len(read(spark, stream.scores)) == 100
    stream.arrive(bad.name, ROWS[100:])
    stream.run()
    assert read(spark, stream.scores) == expected


@pytest.mark.parametrize("name", [None, "number"])
def test_rows_without_an_id(stream: Stream, name: str | None):
    parameters = stream.parameters({}) | {"data": {"columns": {"id": name}}}
    assert refusal(["scoring_stream"], **parameters) == (
        f"scoring_stream needs a column that names each row, but data.columns.id is {name} and the "
        f"declared columns are {', '.join(NAMES)}: name one of them, or score whole files with "
        "kedro run --pipelines=scoring."
    )


def test_no_file_has_arrived(stream: Stream):
    stream.run()


def test_scores_may_not_lie_among_the_arriving_files(stream: Stream):
    stream.scores = stream.arriving / "scores"
    assert "and write stream_scores to" in stream.refusal()
