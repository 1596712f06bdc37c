"""Train the network and the baselines on feature vectors, and predict."""

from functools import reduce
from typing import Any

from pyspark.ml import Pipeline, PipelineModel
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from bank_spark_dl.errors import ParameterError
from bank_spark_dl.messages.terminal import print_block
from bank_spark_dl.ml.class_prior import odds_factor
from bank_spark_dl.ml.column_names import ROW_ID
from bank_spark_dl.ml.features.fit import fit_feature_model
from bank_spark_dl.ml.features.label import without_label
from bank_spark_dl.ml.features.leakage import drop_columns, leakage_columns, without_columns
from bank_spark_dl.ml.features.stages import describe_stages
from bank_spark_dl.ml.features.vectors import (
    carry_weight,
    make_vectors,
)
from bank_spark_dl.ml.models.baselines import baseline_features, fit_baseline
from bank_spark_dl.ml.models.network import summarize_network
from bank_spark_dl.ml.models.record import TrainingRecord, record_training
from bank_spark_dl.ml.models.row_arguments import row_arguments
from bank_spark_dl.ml.models.training import checkpoint_folder
from bank_spark_dl.ml.target import Target
from bank_spark_dl.parameters import (
    BaselineOptions,
    DataOptions,
    DecisionOptions,
    ElephasOptions,
    FeatureOptions,
    ModelOptions,
    misfit,
)
from bank_spark_dl.tasks import task_named
from bank_spark_dl.tasks.trainings import network_for


def design_network(
    train_features: DataFrame,
    feature_model: PipelineModel,
    target: Target,
    options: ModelOptions,
    elephas: ElephasOptions,
    prior: float | None,
) -> dict[str, Any]:
    """Describe the network that fits the feature vectors, and print it with the feature stages.

    Args:
        train_features: Feature vectors of the train rows.
        feature_model: The fitted feature stages.
        target: What is predicted.
        options: Layers.
        elephas: How the network is to be trained.
        prior: `data.prior`.

    Returns:
        Keras's JSON description of the network.

    Raises:
        ParameterError: Parameters do not fit the task, which the label decided.
    """
    if (wrong := misfit(target.task, prior, options, elephas)) is not None:
        raise ParameterError(f"By the label '{target.column}' {wrong}.")
    network = network_for(options, target, train_features)
    print_block("Feature stages", describe_stages(feature_model))
    print_block("Network", summarize_network(network))
    return network


def train_network(
    train_features: DataFrame,
    network: dict[str, Any],
    target: Target,
    options: ElephasOptions,
    prior: float | None,
    seed: int,
    data_root: str,
) -> PipelineModel:
    """Train the network with Elephas, as a stage of a Spark ML Pipeline, and write checkpoints.

    Args:
        train_features: `row_id`, `features` and `label_index` of the train rows; `validation` where
            the split is not random.
        network: Keras's JSON description.
        target: What is predicted.
        options: Elephas's settings.
        prior: Share of positives among the rows that will be scored; None: as in the train rows.
        seed: Initial weights, shuffling, dropout.
        data_root: Where results lie, and with them the checkpoint if the options name no folder.

    Returns:
        The fitted Pipeline: features to `prediction`, and `probability` of classes.

    Raises:
        ParameterError: The options do not fit the rows, or the checkpoint not this training.
    """
    by_rows = row_arguments(train_features, target, options)
    estimator = task_named(target.task).estimator(network, options, prior, seed, by_rows)
    estimator._set(
        checkpoint_dir=checkpoint_folder(options, data_root),
        resume=options.resume,
    )
    return Pipeline(stages=[estimator]).fit(train_features)


def choose_threshold(
    trained_network: PipelineModel,
    target: Target,
    threshold: object,
    decision: DecisionOptions | None,
    prior: float | None,
) -> tuple[PipelineModel, TrainingRecord]:
    """Decide above which probability the network predicts the positive class.

    Args:
        trained_network: The trained network as a Spark ML stage.
        target: What is predicted; only two classes have a threshold.
        threshold: A number, which holds for every model, or `optimal`, the most profitable one on
            the validation rows.
        decision: What calls cost and bring, for the threshold `optimal`.
        prior: Share of positives among the rows that will be scored; None: as in the train rows.

    Returns:
        The network with its threshold; and the record of its training.
    """
    *before, trained = trained_network.stages
    task = task_named(target.task)
    model = task.with_threshold(trained, threshold, decision, prior)
    thresholds = task.network_threshold(model), task.baseline_threshold(threshold)
    return PipelineModel([*before, model]), record_training(model, thresholds)


def export_keras_model(
    network: dict[str, Any], network_model: PipelineModel, target: Target
) -> Any:
    """Build the trained network alone as a Keras model.

    Args:
        network: Keras's JSON description.
        network_model: The trained network as a Spark ML stage.
        target: What is predicted.

    Returns:
        An uncompiled Keras model: feature vectors in, the classes' probabilities or the numbers
        out, as the scoring model states them.
    """
    return task_named(target.task).keras_model(network, network_model.stages[-1])


def predict_rows(
    network_model: PipelineModel,
    train_features: DataFrame,
    test_features: DataFrame,
    target: Target,
) -> tuple[DataFrame, DataFrame]:
    """Predict train and test rows.

    Args:
        network_model: The trained network.
        train_features: Feature vectors of the train rows.
        test_features: Feature vectors of the test rows.
        target: What is predicted.

    Returns:
        Train and test predictions; see Task.predictions.
    """
    task = task_named(target.task)
    return (
        task.predictions(network_model.transform(train_features)),
        task.predictions(network_model.transform(test_features)),
    )


def train_baselines(
    train_features: DataFrame,
    test_features: DataFrame,
    training_history: TrainingRecord,
    target: Target,
    options: BaselineOptions,
    prior: float | None,
    seed: int,
) -> DataFrame:
    """Train the baselines on the train rows and predict the test rows.

    Args:
        train_features: Feature vectors of the train rows.
        test_features: Feature vectors of the test rows.
        training_history: Has the baselines' threshold.
        target: What is predicted.
        options: Settings of the baselines.
        prior: Share of positives among the rows that will be scored; None: as in the train rows.
        seed: For the models that draw.

    Returns:
        `model` (name), then the columns of the other prediction datasets.
    """
    task, threshold = task_named(target.task), training_history.baseline_threshold
    odds = odds_factor(train_features, prior)
    train, test = baseline_features(train_features), baseline_features(test_features)
    predicted = [
        task.predictions(fit_baseline(estimator, train).transform(test), threshold, odds).select(
            F.lit(name).alias("model"), "*"
        )
        for name, estimator in task.baselines(options, seed).items()
    ]
    return reduce(DataFrame.unionByName, predicted)


def train_without_leakage(
    train_rows: DataFrame,
    test_rows: DataFrame,
    training_history: TrainingRecord,
    target: Target,
    data: DataOptions,
    features: FeatureOptions,
    baselines: BaselineOptions,
    seed: int,
) -> tuple[DataFrame, list[str]]:
    """Train the linear baseline again, without the leakage columns.

    The difference is the effect of these columns, which are known only after the outcome. It stands
    for their effect on the network, whose second training would double the time of a run.

    Args:
        train_rows: Train rows.
        test_rows: Test rows.
        training_history: Has the baselines' threshold.
        target: What is predicted.
        data: Columns, when each is known, and the prior.
        features: Settings of the feature stages.
        baselines: Settings of the linear baseline.
        seed: Of the baselines.

    Returns:
        Predictions of the test rows, no row where there are no leakage columns or no others; and
        the leakage columns among the inputs.
    """
    task = task_named(target.task)
    leakage = leakage_columns(train_rows, data, features)
    data, features = without_columns(train_rows, leakage, data, features)
    if not leakage or [] == data.columns.categorical == data.columns.numeric:
        nothing = (F.lit(None).cast(kind).alias(name) for name, kind in task.predicted)
        return test_rows.limit(0).select(ROW_ID, *nothing), leakage
    train_rows, test_rows = (drop_columns(rows, leakage) for rows in (train_rows, test_rows))
    stages = fit_feature_model(train_rows, data, features).model
    linear = task.baselines(baselines, seed)[task.linear]
    weighted = carry_weight(train_rows, data)
    train_features = make_vectors(weighted, stages, "The train rows", fitted=True)
    trained = fit_baseline(linear, baseline_features(train_features))
    test_features = make_vectors(test_rows, stages, "The test rows")
    predictions = trained.transform(baseline_features(test_features))
    odds = odds_factor(train_features, data.prior)
    return task.predictions(predictions, training_history.baseline_threshold, odds), leakage


def assemble_scoring_model(
    feature_model: PipelineModel, network_model: PipelineModel, target: Target
) -> PipelineModel:
    """Append the network to the feature stages.

    Args:
        feature_model: Fitted feature stages.
        network_model: The trained network.
        target: What is predicted.

    Returns:
        One PipelineModel: raw columns in, `prediction` out, with `probability` of classes, and of
        more than two `predicted_class`; it needs no label.
    """
    names = task_named(target.task).scoring_stages(target)
    return PipelineModel([*without_label(feature_model).stages, *network_model.stages, *names])
