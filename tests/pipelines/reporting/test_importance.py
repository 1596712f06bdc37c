"""What explain_columns makes of odd rows, odd names and odd failures."""

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pyspark.ml import PipelineModel, Transformer
from pyspark.ml.functions import array_to_vector
from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F

from bank_spark_dl.ml.evaluation.results import Importance
from bank_spark_dl.ml.target import Target
from bank_spark_dl.parameters import DataOptions, Parameters
from bank_spark_dl.pipelines.reporting.nodes import explain_columns


class By(Transformer):
    """Sure of itself, and right, where a score is above 0."""

    def __init__(self, score: str | Column) -> None:
        super().__init__()
        self.score = F.expr(score) if isinstance(score, str) else score

    def _transform(self, frame: DataFrame) -> DataFrame:
        return predicted(frame, self.score)


class Fails(Transformer):
    """Does something else to the batches of rows, and is right for the rest."""

    def __init__(self, act: Callable[[Any], None]) -> None:
        super().__init__()
        self.act = act

    def _transform(self, frame: DataFrame) -> DataFrame:
        act = self.act

        def batches(rows: Iterator[Any]) -> Iterator[Any]:
            for batch in rows:
                act(batch)
                yield batch

        return predicted(frame.mapInArrow(batches, frame.schema), F.col("a"))


def predicted(frame: DataFrame, score: Column) -> DataFrame:
    positive = F.when(score > 0, 0.9).otherwise(0.1)
    return frame.withColumns(
        {
            "probability": array_to_vector(F.array(1 - positive, positive)),
            "prediction": (positive > 0.5).cast("double"),
        }
    )


@pytest.fixture(scope="module")
def explain(parameters: Parameters) -> Callable[..., Importance]:
    """Explain with rows whose label is 1 where `label` is."""

    def explained(
        rows: DataFrame, model: Transformer, group: str | None = None, **features: Any
    ) -> Importance:
        columns = parameters.data.columns.model_copy(update={"label": "label", "group": group})
        labelled = rows.selectExpr("row_id", "double(label) label_index")
        return explain_columns(
            test_rows=rows,
            test_predictions=labelled,
            scoring_model=PipelineModel([model]),
            target=Target("label", "binary", ("0", "1")),
            data=DataOptions(**dict(parameters.data) | {"columns": columns}),
            features=parameters.features.model_copy(update=features),
            most_rows=400,
            repeats=1,
            seed=1,
        )

    return explained


def columns(found: Importance) -> list[str]:
    return [entry.column for entry in found.columns]


@pytest.fixture(scope="module")
def table(spark: SparkSession) -> DataFrame:
    return spark.range(200).selectExpr("id row_id", "int(id % 2) a", "int(id % 7) b", "a label")


@pytest.mark.parametrize(
    "name", ["a.b", "a b", "a`b", "*", "${x}", "a'b\"c", "größe", "count", "part", "copy", "value"]
)
def test_any_name_has_its_importance(
    explain: Callable[..., Importance], table: DataFrame, name: str
) -> None:
    quoted = "`" + name.replace("`", "``") + "`"
    rows = table.select("row_id", F.col("a").alias(name), "b", "label")
    found = explain(rows, By(F.col(quoted)))
    assert columns(found) == [name, "b"]
    used, unused = (entry.log_loss.mean for entry in found.columns)
    assert used > 0.5 > unused == 0.0


@pytest.mark.parametrize(
    ("derived", "shuffled"), [({}, ["a"]), ({"odd": "raw_features % 2"}, ["a", "features"])]
)
def test_a_group_is_shuffled_only_if_something_is_derived_from_it(
    explain: Callable[..., Importance],
    table: DataFrame,
    derived: dict[str, str],
    shuffled: list[str],
) -> None:
    rows = table.withColumnRenamed("b", "raw_features")
    assert columns(explain(rows, By("a"), group="features", derived=derived)) == shuffled


def test_a_name_of_our_own_is_shown_as_it_was(
    explain: Callable[..., Importance], table: DataFrame
) -> None:
    """Such a raw column is carried under another name, see ml.column_names."""
    rows = table.selectExpr("row_id", "a raw_prediction", "b raw_probability", "label")
    assert columns(explain(rows, By("raw_prediction"))) == ["prediction", "probability"]


def test_columns_with_something_in_common_are_shuffled_together(
    spark: SparkSession, explain: Callable[..., Importance]
) -> None:
    """A span of two times says nothing where one of them is another row's."""
    rows = spark.range(300).selectExpr(
        "id row_id",
        "timestamp_seconds(id * 86400) began",
        "timestamp_seconds(id * 86400 + 60 + (id % 2) * 600) ended",
        "int(id % 5) other",
        "int(id % 2) label",
    )
    span = "unix_seconds(ended) - unix_seconds(began)"
    derived = {"span": span, "minutes": "span / 60", "odd": "other % 2"}
    found = explain(rows, By(f"{span} - 300"), derived=derived)
    assert columns(found) == ["began, ended", "other"]
    assert found.columns[0].columns == ("began", "ended")
    # A span is another row's: every second time the wrong one, and no other.
    assert found.columns[0].accuracy.mean == pytest.approx(0.5, abs=0.1)


def test_what_is_chained_belongs_together(
    spark: SparkSession, explain: Callable[..., Importance]
) -> None:
    """As in conf/tuned; counts do not join columns, but are named."""
    names = ("day", "month", "pdays", "contact", "age")
    rows = spark.range(200).selectExpr(
        "id row_id", *(f"int(id % {n + 2}) {name}" for n, name in enumerate(names)), "day label"
    )
    derived = {
        "number": "month + 1",
        "day_of_year": "day + 30 * number",
        "since": "day_of_year - pdays",
        "never": "pdays < 0",
    }
    counts = {"same": ["month", "day", "contact"], "within": ["day", "never"]}
    found = explain(rows, By("day"), derived=derived, counts=counts)
    assert set(columns(found)) == {"day, month, pdays", "contact", "age"}
    assert found.counted == {"same": ["month", "day", "contact"]}


def killed(_: Any) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def no_memory(_: Any) -> None:
    raise MemoryError("no more of it")


@pytest.mark.parametrize(
    ("act", "said"),
    [
        pytest.param(killed, "Python worker exited unexpectedly", id="killed"),
        pytest.param(no_memory, "no more of it", id="memory"),
    ],
)
def test_what_rows_have_not_caused_ends_the_run(
    explain: Callable[..., Importance], table: DataFrame, act: Callable[[Any], None], said: str
) -> None:
    with pytest.raises(Exception, match=said):
        explain(table, Fails(act))


def test_a_stopped_job_ends_the_run(
    explain: Callable[..., Importance], table: DataFrame, spark: SparkSession, tmp_path: Path
) -> None:
    started = tmp_path / "started"

    def slow(_: Any) -> None:
        started.touch()
        time.sleep(30)

    def stop() -> None:
        while not started.exists():
            time.sleep(0.05)
        spark.sparkContext.cancelAllJobs()

    stopping = threading.Thread(target=stop, daemon=True)
    stopping.start()
    with pytest.raises(Exception, match="cancelled"):
        explain(table, Fails(slow))
    stopping.join()


@pytest.mark.parametrize(
    "expression",
    [
        "1 / (a + b)",
        "raise_error('The row is odd.')",
        "int(concat('x', b))",
        "element_at(array(1, 2), b)",
        "make_date(2020, b, 1) IS NULL",
    ],
)
def test_what_rows_have_caused_costs_the_importance_only(
    explain: Callable[..., Importance],
    table: DataFrame,
    expression: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    found = explain(table, By(f"int({expression})"))
    assert found.columns == ()
    assert "The report goes without importance, shuffled rows fail: " in caplog.text
