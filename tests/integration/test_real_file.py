"""Figures on the real file, where it lies beside the project; it is not part of it."""

import math
import statistics
from pathlib import Path
from typing import Any

import pytest
from kedro.config import OmegaConfigLoader
from pyspark.sql import DataFrame, SparkSession, Window
from pyspark.sql import functions as F

from bank_spark_dl.csv_validation import load_schema, read_checked_csv
from bank_spark_dl.ml.evaluation.metrics import evaluate
from bank_spark_dl.ml.features.fit import fit_feature_model
from bank_spark_dl.ml.features.scaled_columns import ScaledColumns
from bank_spark_dl.ml.models.network import build_network
from bank_spark_dl.ml.models.record import record_training
from bank_spark_dl.ml.raw_source import RawSource
from bank_spark_dl.ml.target import Target
from bank_spark_dl.parameters import Parameters, check_parameters
from bank_spark_dl.pipelines.cross_validation.nodes import compare_models, predict_out_of_fold
from bank_spark_dl.pipelines.data_processing.nodes import check_rows, clean_rows, split_rows
from bank_spark_dl.pipelines.modeling.nodes import predict_rows, train_network
from feature_steps import make

ROOT = Path(__file__).parents[2]
REAL = ROOT / "../shared/data/bank.csv"
SAMPLE = ROOT / "data/01_raw/bank.csv"
ARTICLE_ACCURACY = 0.7853
TARGET = Target("deposit", "binary", ("no", "yes"))
SEEDS = (1, 2, 3, 4, 5)

pytestmark = pytest.mark.skipif(not REAL.exists(), reason="the real file is not on this machine")


def clean(spark: SparkSession, path: Path, parameters: Parameters) -> DataFrame:
    schema = load_schema(ROOT / "conf/base/schema/bank.json")
    raw = read_checked_csv(spark, str(path.resolve()), schema).rows
    rows = check_rows(raw, RawSource(path.name, "", synthetic=False), parameters.data)
    return clean_rows(rows, parameters.data).cache()


def features(
    rows: DataFrame, parameters: Parameters, seed: int
) -> tuple[DataFrame, DataFrame, ScaledColumns]:
    train, test = split_rows(rows, parameters.data, seed)
    settings = parameters.data, parameters.features
    fitted = fit_feature_model(train, *settings)
    made = make(train, test, fitted, settings)
    return made[0].cache(), made[1].cache(), fitted.scaled_columns


@pytest.fixture(scope="module")
def real_rows(spark: SparkSession, parameters: Parameters) -> DataFrame:
    return clean(spark, REAL, parameters)


@pytest.fixture(scope="module")
def trainings(
    real_rows: DataFrame, parameters: Parameters, tmp_path_factory: pytest.TempPathFactory
) -> list[dict[str, Any]]:
    """The base profile's training, for each seed: split, features, network, test figures."""
    results = str(tmp_path_factory.mktemp("results"))
    answers = []
    for seed in SEEDS:
        train, test, scaled = features(real_rows, parameters, seed)
        network = build_network(train.first()["features"].size, parameters.model)
        model = train_network(train, network, TARGET, parameters.elephas, None, seed, results)
        predictions = predict_rows(model, train, test, TARGET)[1]
        history = record_training(model.stages[-1], (0.5, 0.5))
        answers.append({"history": history, "scaled": scaled, "test": evaluate(predictions)})
    return answers


def test_rows_inputs_and_parameters(real_rows: DataFrame, trainings: list[dict[str, Any]]) -> None:
    assert real_rows.count() == 11_162
    for training in trainings:
        assert training["history"].inputs == 30
        assert training["history"].parameters == 74_242


def test_five_columns_are_skewed(trainings: list[dict[str, Any]]) -> None:
    for training in trainings:
        assert training["scaled"].standardized == [
            "balance",
            "duration",
            "campaign",
            "pdays",
            "previous",
        ]


def test_the_articles_accuracy_is_reached(
    trainings: list[dict[str, Any]], capsys: pytest.CaptureFixture[str]
) -> None:
    accuracies = [training["test"].accuracy for training in trainings]
    mean = statistics.mean(accuracies)
    error = statistics.stdev(accuracies) / math.sqrt(len(accuracies))
    with capsys.disabled():
        print(f"\ntest accuracy over seeds 1 to 5: {mean:.4f}, standard error {error:.4f}")
    assert mean >= ARTICLE_ACCURACY - 2 * error


def test_the_articles_network_on_the_sample(
    spark: SparkSession, parameters: Parameters, tmp_path: Path
) -> None:
    train, test, scaled = features(clean(spark, SAMPLE, parameters), parameters, parameters.seed)
    network = build_network(train.first()["features"].size, parameters.model)
    options, seed = parameters.elephas, parameters.seed
    model = train_network(train, network, TARGET, options, None, seed, str(tmp_path))
    assert 0.75 <= evaluate(predict_rows(model, train, test, TARGET)[1]).accuracy <= 0.85
    assert scaled.standardized == ["balance", "duration", "campaign", "pdays", "previous"]


def test_shuffled_labels_are_not_predicted(spark: SparkSession) -> None:
    """The whole way, counts and bins and all, finds nothing where there is nothing."""
    loader = OmegaConfigLoader(
        conf_source=str(ROOT / "conf"),
        env="tuned",
        base_env="base",
        default_run_env="local",
        merge_strategy={"parameters": "soft"},
    )
    parameters = check_parameters(loader["parameters"])
    folds = parameters.cross_validation.model_copy(update={"folds": 2})
    rows = clean(spark, REAL, parameters)
    places = Window.orderBy(F.xxhash64(F.lit("shuffled"), "row_id"))
    labels = rows.select(F.row_number().over(Window.orderBy("row_id")).alias("n"), "deposit")
    shuffled = (
        rows.drop("deposit").withColumn("n", F.row_number().over(places)).join(labels, "n")
    ).drop("n")
    boosting = parameters.baselines.gradient_boosting.model_copy(update={"max_iter": 1})
    ((predictions, target),) = predict_out_of_fold(
        shuffled.cache(),
        parameters.data,
        parameters.features,
        parameters.model,
        parameters.elephas.model_copy(update={"epochs": 4}),  # enough to find what leaks
        parameters.baselines.model_copy(update={"gradient_boosting": boosting}),
        parameters.reporting.decision,
        folds,
        seed=1,
    )
    found = compare_models(predictions, target, folds, None).models
    assert found["network"].auc.mean == pytest.approx(0.5, abs=0.02)
