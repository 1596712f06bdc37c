"""Simple models find the sample as hard as the real file."""

from pathlib import Path

import pytest
from pyspark.ml import Estimator, Pipeline
from pyspark.ml.classification import DecisionTreeClassifier, LogisticRegression
from pyspark.ml.evaluation import BinaryClassificationEvaluator
from pyspark.ml.feature import OneHotEncoder, StringIndexer, VectorAssembler
from pyspark.ml.functions import vector_to_array
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as sf

from bank_spark_dl.pipelines.synthetic_data.figures import load_figures
from tests.conftest import ROOT, SAMPLE

REAL = ROOT.parent / "shared/data/bank.csv"
CATEGORICAL = ["job", "marital", "education", "default", "housing", "loan", "contact", "poutcome"]
NUMERIC = ["age", "balance", "duration", "campaign", "pdays", "previous"]
SEEDS = (0, 1)
MODELS = {
    "decision_tree": DecisionTreeClassifier,
    "logistic_regression": LogisticRegression,
}


def article_features(spark: SparkSession, path: Path) -> DataFrame:
    """The article's 30 inputs: one-hot categories and raw numbers."""
    rows = spark.read.csv(path.as_uri(), header=True, inferSchema=True)
    codes, flags = ([f"{name}_{part}" for name in CATEGORICAL] for part in ("code", "flags"))
    stages = [
        StringIndexer(inputCols=CATEGORICAL, outputCols=codes),
        OneHotEncoder(inputCols=codes, outputCols=flags),
        VectorAssembler(inputCols=flags + NUMERIC, outputCol="features"),
    ]
    label = (sf.col("deposit") == "yes").cast("double").alias("label")
    encoded = Pipeline(stages=stages).fit(rows).transform(rows)
    return encoded.select("features", label).coalesce(1).cache()


def mean_scores(estimator: Estimator, rows: DataFrame) -> dict[str, float]:
    """Accuracy and AUC on 20 percent held out, averaged over the split seeds."""
    scores = []
    for seed in SEEDS:
        train, test = rows.randomSplit([0.8, 0.2], seed=seed)
        scored = estimator.fit(train).transform(test)
        scored = scored.withColumn("chance", vector_to_array("probability")[1]).cache()
        hits = scored.agg(sf.avg((sf.col("label") == sf.col("prediction")).cast("int"))).first()
        assert hits is not None
        evaluator = BinaryClassificationEvaluator(rawPredictionCol="chance")
        scores.append((hits[0], evaluator.evaluate(scored)))
    accuracy, auc = (sum(values) / len(SEEDS) for values in zip(*scores, strict=True))
    return {"accuracy": accuracy, "auc": auc}


@pytest.fixture(scope="module")
def sample(spark: SparkSession) -> DataFrame:
    return article_features(spark, SAMPLE)


@pytest.mark.parametrize("model", MODELS)
def test_a_model_scores_on_the_sample_as_measured_on_the_real_file(
    sample: DataFrame, model: str
) -> None:
    measured = load_figures().reference[model]
    assert mean_scores(MODELS[model](), sample) == pytest.approx(measured, abs=0.03)


@pytest.mark.parametrize("model", MODELS if REAL.exists() else ())
def test_the_committed_scores_are_those_of_the_real_file(spark: SparkSession, model: str) -> None:
    scores = mean_scores(MODELS[model](), article_features(spark, REAL))
    assert scores == pytest.approx(load_figures().reference[model], abs=0.02)
