"""Pure functions from feature vectors to models and predictions."""

import json
from functools import reduce
from typing import Any

from pyspark.ml import Pipeline, PipelineModel
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from bank_spark_dl.console import print_block
from bank_spark_dl.distributed import load_keras
from bank_spark_dl.ml.baselines import baseline_estimators, prediction_columns
from bank_spark_dl.ml.columns import FEATURES, LABEL_INDEX, ROW_ID
from bank_spark_dl.ml.features import describe_stages, without_label
from bank_spark_dl.ml.network import build_network, count_parameters, summarize_network
from bank_spark_dl.params import BaselineOptions, ElephasOptions, ModelOptions


def design_network(
    train_features: DataFrame, feature_model: PipelineModel, options: ModelOptions
) -> dict[str, Any]:
    """Describe the network that fits the feature vectors, and print what it stands on.

    Args:
        train_features: Feature vectors of the train rows.
        feature_model: The fitted feature stages.
        options: Layers.

    Returns:
        Keras's JSON description of the network.
    """
    inputs = train_features.select(FEATURES).head()[0].size  # type: ignore[index]
    network = build_network(inputs, options)
    print_block("Feature stages", describe_stages(feature_model))
    print_block("Network", summarize_network(network))
    return network


def train_network(
    train_features: DataFrame, network: dict[str, Any], options: ElephasOptions, seed: int
) -> tuple[PipelineModel, dict[str, Any]]:
    """Train the network with Elephas, as a stage of a Spark ML Pipeline.

    Args:
        train_features: `row_id`, `features` and `label_index` of the train rows.
        network: Keras's JSON description.
        options: Elephas's settings.
        seed: Initial weights, shuffling, dropout.

    Returns:
        The fitted Pipeline (features to `probability` and `prediction`) and the training history.
    """
    load_keras()  # quietly, before Elephas imports it
    from bank_spark_dl.distributed import ElephasClassifier

    optimizer = options.optimizer.model_dump()
    classifier = ElephasClassifier(
        featuresCol=FEATURES,
        labelCol=LABEL_INDEX,
        rowIdCol=ROW_ID,
        keras_model_config=json.dumps(network),
        mode=options.mode,
        num_workers=options.num_workers,
        epochs=options.epochs,
        batch_size=options.batch_size,
        validation_split=options.validation_split,
        loss=options.loss,
        metrics=options.metrics,
        optimizer_config={"class_name": optimizer.pop("name"), "config": optimizer},
        seed=seed,
        progress="rich",
    )
    model = Pipeline(stages=[classifier]).fit(train_features)
    trained: Any = model.stages[0]
    history = trained.history.to_dict()
    inputs = train_features.select(FEATURES).head()[0].size  # type: ignore[index]
    return model, {"inputs": inputs, "parameters": count_parameters(network), **history}


def predict_rows(
    network_model: PipelineModel, train_features: DataFrame, test_features: DataFrame
) -> tuple[DataFrame, DataFrame]:
    """Predict train and test rows.

    Args:
        network_model: The trained network.
        train_features: Feature vectors of the train rows.
        test_features: Feature vectors of the test rows.

    Returns:
        Train and test predictions: `row_id`, `label_index`, `probability`, `prediction`.
    """
    return (
        prediction_columns(network_model.transform(train_features)),
        prediction_columns(network_model.transform(test_features)),
    )


def train_baselines(
    train_features: DataFrame, test_features: DataFrame, options: BaselineOptions, seed: int
) -> DataFrame:
    """Train the baselines on the train rows and predict the test rows.

    Args:
        train_features: Feature vectors of the train rows.
        test_features: Feature vectors of the test rows.
        options: Settings of the baselines.
        seed: For the models that draw.

    Returns:
        `model` (name), then the columns of the other prediction datasets.
    """
    predicted = [
        prediction_columns(estimator.fit(train_features).transform(test_features)).select(
            F.lit(name).alias("model"), "*"
        )
        for name, estimator in baseline_estimators(options, seed).items()
    ]
    return reduce(DataFrame.unionByName, predicted)


def assemble_scoring_model(
    feature_model: PipelineModel, network_model: PipelineModel
) -> PipelineModel:
    """Append the network to the feature stages.

    Args:
        feature_model: Fitted feature stages.
        network_model: The trained network.

    Returns:
        One PipelineModel: raw columns in, `probability` and `prediction` out; it needs no label.
    """
    return PipelineModel([*without_label(feature_model).stages, *network_model.stages])
