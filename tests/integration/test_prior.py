"""A whole run with a prior: everything that states a probability is on one scale."""

import json
from pathlib import Path

import keras
import numpy as np
import pytest
from pyspark.ml import PipelineModel
from pyspark.ml.functions import vector_to_array
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from bad_inputs.project import run
from tests.conftest import SAMPLE

PRIOR = 0.12
PIPELINES = ["data_processing", "feature_engineering", "modeling", "reporting", "scoring"]


@pytest.fixture(scope="module")
def results(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("prior")
    run(
        PIPELINES,
        raw_filepath=str(SAMPLE),
        data_root=str(folder),
        data={"prior": PRIOR},
        elephas={"epochs": 4, "threshold": "optimal"},
        scoring={"input": str(SAMPLE), "output": f"{folder}/scores.parquet"},
    )
    return folder


@pytest.fixture(scope="module")
def stated(spark: SparkSession, results: Path) -> DataFrame:
    """What the scoring model says of the test rows."""
    rows = spark.read.parquet(f"{results}/03_primary/test_rows.parquet")
    scored = PipelineModel.load(f"{results}/06_models/scoring_model.model").transform(rows)
    positive = vector_to_array("probability")[1]
    return scored.select("row_id", positive.alias("p"), "prediction").cache()


def report(results: Path, name: str) -> dict:
    return json.loads((results / f"08_reporting/{name}.json").read_text())


PREDICTED = ("07_model_output/test_predictions.parquet", "07_model_output/call_list.parquet")


@pytest.mark.parametrize("path", [*PREDICTED, "scores.parquet"])
def test_every_dataset_has_the_probability_of_the_scoring_model(
    spark: SparkSession, results: Path, stated: DataFrame, path: str
) -> None:
    both = stated.join(spark.read.parquet(f"{results}/{path}"), "row_id")
    assert both.count() == stated.count()
    # The last digit of a product depends on where in its block of rows a row lies.
    assert both.where("abs(p - probability) > 1e-6").isEmpty()


def test_the_reports_cutoff_and_the_threshold_are_on_that_scale(
    spark: SparkSession, results: Path, stated: DataFrame
) -> None:
    """Who applies the report's number to the scores calls whom the call list calls."""
    calls = spark.read.parquet(f"{results}/07_model_output/call_list.parquet")
    cutoff = report(results, "decision")["cutoff"]["best"]
    called = stated.where(F.col("p") >= cutoff).select("row_id")
    assert called.exceptAll(calls.where("decision = 'call'").select("row_id")).isEmpty()
    assert called.count() == calls.where("decision = 'call'").count()
    threshold = report(results, "metrics")["model"]["threshold"]
    assert stated.where((F.col("p") > threshold) != (F.col("prediction") > 0)).isEmpty()
    # A rare yes: the optimal threshold is about what a call costs by what a deposit brings.
    assert 0.0 < threshold < 0.5


def test_probabilities_are_those_of_the_population(results: Path, stated: DataFrame) -> None:
    metrics = report(results, "metrics")
    share = sum(metrics["test"]["confusion_matrix"][1]) / metrics["test"]["rows"]
    mean = stated.agg(F.mean("p")).first()[0]  # type: ignore[index]
    assert PRIOR * 0.8 < mean < share * 0.8  # of the test rows, of which more are positive
    assert metrics["test"]["positives"] == pytest.approx(PRIOR)
    assert metrics["test"]["log_loss"] < -np.log(1 - PRIOR) + 0.3
    assert metrics["baselines"]["logistic_regression"]["log_loss"] < 0.4
    page = (results / "08_reporting/report.html").read_text()
    assert "The probabilities are for 12% yes" in page


def test_the_exported_network_says_the_same(
    spark: SparkSession, results: Path, stated: DataFrame
) -> None:
    features = spark.read.parquet(f"{results}/05_model_input/test_features.parquet")
    rows = stated.join(features, "row_id").limit(100).collect()
    vectors = np.array([row["features"].toArray() for row in rows], dtype=np.float32)
    exported = keras.models.load_model(results / "06_models/keras_model.keras", compile=False)
    outputs = exported.predict(vectors, verbose=0)
    expected = [row["p"] for row in rows]
    np.testing.assert_allclose(outputs[:, 1] / outputs.sum(axis=1), expected, rtol=1e-3)
