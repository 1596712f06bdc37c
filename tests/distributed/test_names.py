"""Columns of any name beside the features, and for them."""

from collections.abc import Iterator
from typing import Any

import pytest
from pyspark.ml.linalg import Vectors
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as sf

from bank_spark_dl.distributed import ElephasClassificationModel
from bank_spark_dl.errors import ParameterError
from tests.distributed.test_model import make_model

ODD = ["a.b", "c`d", "*", "${x}", 'say "so"', "it's", "straße", "%d", "", "__positive", "0"]
CASE = "spark.sql.caseSensitive"


@pytest.fixture
def by_case(spark: SparkSession, request: pytest.FixtureRequest) -> Iterator[None]:
    """Let names differ by case, or not; the setting is as before afterwards."""
    before = spark.conf.get(CASE)
    spark.conf.set(CASE, request.param)
    yield
    assert spark.conf.get(CASE) == request.param
    spark.conf.set(CASE, before)


def scored(model: ElephasClassificationModel, frame: DataFrame, *kept: str) -> list[Any]:
    """Return what both ways of scoring say, and check that it is the same."""
    pair = model.transform(frame).select(model.getPredictionCol()).collect()
    assert [row[-1] for row in model.score(frame, *kept).collect()] == [row[0] for row in pair]
    return pair


@pytest.mark.parametrize("by_case", ["true", "false"], indirect=True)
@pytest.mark.usefixtures("by_case")
def test_odd_and_doubled_names_beside_pass_through(frame: DataFrame, network: str) -> None:
    model = make_model(network)
    odd = frame.limit(3).select(
        "*",
        *(sf.lit(number).alias(name) for number, name in enumerate(ODD)),
        *(sf.lit(number).alias("twice") for number in (1, 2)),
        sf.lit(1).alias("Age"),
        sf.lit(2).alias("age"),
        sf.lit(3).alias("Label"),
    )
    result = model.transform(odd)
    assert result.columns == [*odd.columns, "rawPrediction", "probability", "prediction"]
    assert list(result.first())[3:-3] == [*range(len(ODD)), 1, 2, 1, 2, 3]
    assert len(scored(model, odd, "row_id")) == 3
    assert list(model.score(odd, *ODD).first())[:-2] == [*range(len(ODD))]


@pytest.mark.parametrize("name", ["my.features", "fea`tures", "*", "${f}", "Ünlü", "a b"])
def test_features_and_id_have_any_name(name: str, frame: DataFrame, network: str) -> None:
    model = make_model(network)
    named = frame.withColumnRenamed("features", name).withColumnRenamed("row_id", f"{name}.id")
    chosen = model.copy({model.featuresCol: name})
    assert scored(chosen, named, f"{name}.id") == scored(model, frame, "row_id")


@pytest.mark.parametrize("name", ["rawPrediction", "probability", "prediction"])
def test_a_column_is_not_added_twice(name: str, frame: DataFrame, network: str) -> None:
    model = make_model(network)
    taken = frame.withColumn(name, sf.lit(1))
    with pytest.raises(ParameterError, match=f"a column '{name}' already: drop it, or set {name}C"):
        model.transform(taken)
    with pytest.raises(ParameterError, match="a column 'rawPrediction' already"):
        model.transform(model.transform(frame))
    if name != "rawPrediction":
        with pytest.raises(ParameterError, match=f"a column '{name}' already"):
            model.score(taken, name)
    other = model.copy({model.getParam(f"{name}Col"): "p.2"})
    assert other.transform(taken).columns.count("p.2") == 1


def test_outputs_have_names_of_their_own(frame: DataFrame, network: str) -> None:
    model = make_model(network)
    twin = model.copy({model.probabilityCol: "p", model.predictionCol: "p"})
    for score in (twin.transform, twin.score):
        with pytest.raises(ParameterError, match="probabilityCol and predictionCol are both 'p'"):
            score(frame)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda f: f.drop("features"), "no such column; they have 'row_id', 'label'."),
        (lambda f: f.withColumnRenamed("features", "feature"), "did you mean 'feature'?"),
        (lambda f: f.withColumn("features", sf.lit("1,2")), "a column of string"),
        (lambda f: f.withColumn("features", sf.array(sf.lit("1"))), "a column of array<string>"),
        (lambda f: f.withColumn("features", sf.lit(1.0)), "a column of double"),
        (lambda f: f.select("*", sf.lit(1).alias("features")), "matches 2 columns"),
    ],
)
def test_features_that_are_not_there_or_not_clear(
    change: Any, says: str, frame: DataFrame, network: str
) -> None:
    model = make_model(network)
    for score in (model.transform, model.score):
        with pytest.raises(ParameterError) as caught:
            score(change(frame))
        assert "featuresCol is 'features'" in str(caught.value)
        assert says in str(caught.value)


@pytest.mark.parametrize("by_case", ["false"], indirect=True)
@pytest.mark.usefixtures("by_case")
def test_names_that_the_session_does_not_tell_apart_are_refused(
    frame: DataFrame, network: str
) -> None:
    model = make_model(network)
    for twin in ("Features", "FEATURES"):
        with pytest.raises(ParameterError, match=rf"2 columns of the rows \('features', '{twin}'"):
            model.transform(frame.select("*", sf.lit(1).alias(twin)))
    with pytest.raises(ParameterError, match="'Prediction' already"):
        model.transform(frame.withColumn("Prediction", sf.lit(1)))
    with pytest.raises(ParameterError, match="A selected column is 'label'"):
        model.score(frame.select("*", sf.lit(1).alias("Label")), "label")
    # An id is for messages only.
    assert model.transform(frame.select("*", sf.lit(1).alias("ROW_ID"))).count() == 300


@pytest.mark.parametrize("by_case", ["true"], indirect=True)
@pytest.mark.usefixtures("by_case")
def test_names_that_the_session_tells_apart_are_others(frame: DataFrame, network: str) -> None:
    model = make_model(network)
    wide = frame.select("*", sf.lit(1).alias("Features"), sf.lit(1).alias("Prediction"))
    assert scored(model, wide, "Features") == scored(model, frame)


def test_the_row_is_named_by_the_column_that_was_configured(
    spark: SparkSession, network: str
) -> None:
    model = make_model(network)
    assert model.getOrDefault("rowIdCol") == "row_id"
    frame = spark.createDataFrame(
        [("it's % 7", Vectors.dense([1.0]))], ["the.id", "features"]
    ).coalesce(1)
    chosen = model.copy({model.rowIdCol: "the.id"})
    for result in (chosen.transform(frame), chosen.score(frame)):
        with pytest.raises(
            Exception, match=r"In the row with the\.id it's % 7 the column 'features'"
        ):
            result.collect()
