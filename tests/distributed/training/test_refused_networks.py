"""Networks, losses, metrics and settings that cannot be trained with: said before rows are read."""

from typing import Any

import keras
import numpy as np
import pytest
from pyspark.sql import DataFrame
from tests.distributed.conftest import N_FEATURES
from tests.distributed.refusals import chain, keras_2, layers, refusal, sigmoid, unreadable

from bank_spark_dl.distributed.training.network_check import checked_network
from bank_spark_dl.distributed.training.optimizer_check import check_optimizer
from bank_spark_dl.distributed.training.output_check import check_outputs


@keras.saving.register_keras_serializable()
class OwnLayer(layers.Dense):
    pass


def adapted(layer: Any) -> Any:
    layer.adapt(np.random.default_rng(0).normal(size=(9, N_FEATURES)))
    return layer


def graph(inputs: int, outputs: int) -> str:
    taken = [keras.Input((N_FEATURES,)) for _ in range(inputs)]
    joined = taken[0] if inputs == 1 else layers.Concatenate()(taken)
    given = [sigmoid()(joined) for _ in range(outputs)]
    return str(keras.Model(taken, given).to_json())


def mixing() -> str:
    taken = keras.Input((N_FEATURES,))
    centred = taken - keras.ops.mean(taken, axis=0, keepdims=True)
    return str(keras.Model(taken, sigmoid()(layers.Dense(3)(centred))).to_json())


def dictionary() -> str:
    taken = keras.Input((N_FEATURES,))
    return str(keras.Model(taken, {"p": sigmoid()(taken)}).to_json())


def batches_of(size: int) -> str:
    parts = [keras.Input(batch_shape=(size, N_FEATURES)), sigmoid()]
    return str(keras.Sequential(parts).to_json())


def twice() -> str:
    taken = keras.Input((N_FEATURES,))
    given = sigmoid()(taken)
    return str(keras.Model(taken, layers.Concatenate()([given, given])).to_json())


NETWORKS = {
    "no json": ("{", "is no JSON"),
    "a word": ("network", "is no JSON"),
    "a list": ("[]", "describes no network"),
    "an object": ("{}", "describes no network"),
    "a model": (keras.Sequential([keras.Input((5,))]), "is a Sequential and no string"),
    "keras 2": (keras_2(), "was written by Keras 2.15.0"),
    "no input": (keras.Sequential([sigmoid()]).to_json(), "how many numbers it takes"),
    "two inputs": (graph(2, 1), "the network has 2 inputs"),
    "two outputs": (graph(1, 2), "the network has 2 outputs"),
    "an image": (chain(layers.Flatten(), sigmoid(), inputs=(5, 3)), "takes (rows, 5, 3)"),
    "numbers of units": (chain(layers.Dense(3)), "are no probabilities"),
    "a table of units": (
        chain(layers.Reshape((5, 1, 1)), sigmoid(2)),
        "output is (rows, 5, 1, 2)",
    ),
    "own layer": (chain(OwnLayer(3), sigmoid()), "'OwnLayer' is your own code"),
    "linear": (chain(layers.Dense(1)), "are no probabilities"),
    "linear that begins at 0": (
        chain(layers.Dense(1, kernel_initializer="zeros")),
        "are no probabilities",
    ),
    "relu": (chain(layers.Dense(2, "relu")), "are no probabilities"),
    "tanh": (chain(layers.Dense(2, "tanh")), "are no probabilities"),
    "scaled": (chain(sigmoid(), layers.Rescaling(3.0)), "are no probabilities"),
    "softmax of one": (chain(layers.Dense(1, "softmax")), "all rows the same probability"),
    "times 0": (chain(sigmoid(), layers.Rescaling(0.0)), "all rows the same probability"),
    "an output twice": (twice(), "all rows the same probability"),
    "members of one": (
        chain(layers.RepeatVector(2), layers.Dense(1, "softmax")),
        "all rows the same probability",
    ),
    "no weights": (
        chain(layers.Activation("sigmoid"), inputs=(1,)),
        "no weight that training can change",
    ),
    "frozen": (
        chain(layers.Dense(1, "sigmoid", trainable=False)),
        "no weight that training can change",
    ),
    "softmax over rows": (
        chain(layers.Dense(2), layers.Softmax(axis=0)),
        "depends on which rows are scored with it",
    ),
    "a mean over rows": (mixing(), "depends on which rows are scored with it"),
    "misspelt activation": (
        chain(sigmoid()).replace('"sigmoid"', '"sigmod"'),
        "network: Could not",
    ),
    "units below 0": (chain(sigmoid()).replace('"units": 1', '"units": -1'), "expected a positive"),
    "a dictionary": (dictionary(), "a dictionary of outputs"),
    "a fixed batch": (batches_of(16), "takes just 16 rows at a time"),
    "normalization": (
        chain(adapted(layers.Normalization()), sigmoid()),
        "does not hold what adapt() has computed",
    ),
    "discretization": (
        chain(layers.Discretization(num_bins=3), sigmoid()),
        "Discretization(bin_boundaries=...)",
    ),
}


@pytest.mark.parametrize(("description", "said"), NETWORKS.values(), ids=NETWORKS.keys())
def test_a_network_that_cannot_be_trained_is_named(
    frame: DataFrame, settings: dict[str, Any], description: Any, said: str
) -> None:
    told = refusal(unreadable(frame), settings, keras_model_config=description)
    assert told.startswith("keras_model_config")
    assert said in told


def test_a_missing_network_is_named(frame: DataFrame, settings: dict[str, Any]) -> None:
    without = {name: value for name, value in settings.items() if name != "keras_model_config"}
    assert refusal(unreadable(frame), without) == (
        "keras_model_config is missing: give it model.to_json()."
    )


@pytest.mark.parametrize(
    "description",
    [
        chain(layers.Normalization(mean=[0.0] * 5, variance=[1.0] * 5), sigmoid()),
        chain(layers.Dense(1, "hard_sigmoid")),
        chain(layers.Dense(2), layers.BatchNormalization(), layers.Softmax()),
        chain(layers.RepeatVector(2), sigmoid(2)),
        chain(layers.Normalization(mean=[1e6] * 5, variance=[1e-2] * 5), sigmoid()),
        chain(layers.Dense(1, "sigmoid", kernel_initializer="zeros")),
    ],
    ids=["normalization that knows", "hard sigmoid", "softmax apart", "members", "far", "from 0"],
)
def test_networks_that_state_probabilities_are_taken(
    frame: DataFrame, settings: dict[str, Any], description: str
) -> None:
    changes = {"keras_model_config": description, "num_workers": 1, "epochs": 1}
    assert refusal(frame, settings, **changes) == "fitted"


@pytest.mark.parametrize(
    "description",
    [
        chain(layers.Dense(1, "relu"), sigmoid()),
        chain(*(layers.Dense(256, "relu") for _ in range(8)), sigmoid()),
        chain(*(layers.Dense(64, "relu") for _ in range(30)), sigmoid()),
        chain(layers.Embedding(3, 4), layers.Flatten(), sigmoid()),
        chain(layers.IntegerLookup(vocabulary=[4711, 4712], output_mode="multi_hot"), sigmoid()),
        chain(layers.CategoryEncoding(2), sigmoid()),
        chain(layers.BatchNormalization(), sigmoid()),
        chain(layers.Dense(600, "tanh", dtype="mixed_bfloat16"), layers.Dropout(0.5), sigmoid()),
    ],
    ids=["dead", "wide", "deep", "embedding", "lookup", "encoding", "batch norm", "16 bits"],
)
def test_networks_of_many_kinds_tell_rows_apart(description: str) -> None:
    model = checked_network(description)
    before = model.get_weights()
    check_outputs(model)
    assert all(map(np.array_equal, before, model.get_weights()))


ONE, TWO = chain(sigmoid()), chain(layers.Dense(2, "softmax"))


@pytest.mark.parametrize(
    ("description", "loss", "said"),
    [
        (ONE, "binary_crosentropy", "did you mean 'binary_crossentropy'?"),
        (ONE, "get", "Keras has no loss 'get': look for its name"),
        (ONE, "serialize", "Keras has no loss 'serialize': look for its name"),
        (TWO, "cross", "Keras has no loss 'cross'"),
        (ONE, "categorical_crossentropy", "no smaller for correct outputs than for wrong ones"),
        (ONE, "kl_divergence", "no smaller for correct outputs than for wrong ones"),
        (ONE, "sparse_categorical_crossentropy", "does not fit the network's outputs, (rows, 1)"),
        (TWO, "ctc", "does not fit the network's outputs, (rows, 2)"),
        (TWO, 3, "loss must be a string, but is 3."),
    ],
)
def test_a_loss_that_teaches_nothing_is_named(
    frame: DataFrame, settings: dict[str, Any], description: str, loss: Any, said: str
) -> None:
    told = refusal(unreadable(frame), settings, keras_model_config=description, loss=loss)
    assert said in told
    assert "Traceback" not in told


@pytest.mark.parametrize("loss", ["SparseCategoricalCrossentropy", "mse", "hinge", "dice"])
def test_losses_that_teach_are_taken(frame: DataFrame, settings: dict[str, Any], loss: str) -> None:
    changes = {"keras_model_config": TWO, "num_workers": 1, "epochs": 1, "loss": loss}
    assert refusal(frame, settings, **changes) == "fitted"


@pytest.mark.parametrize(
    ("metric", "said"),
    [
        ("accuraci", "did you mean 'Accuracy'?"),
        ("sparse_categorical_accuracy", "does not fit the network's outputs, (rows, 2)"),
        ("deserialize", "Keras has no metric 'deserialize': look for its name"),
        ("F1Score", "it has 2 values, and one is shown"),
        ("MeanIoU", "cannot be made by its name alone"),
        ("top_k_categorical_accuracy", "the same for correct and for wrong outputs"),
    ],
)
def test_a_metric_that_tells_nothing_is_named(
    frame: DataFrame, settings: dict[str, Any], metric: str, said: str
) -> None:
    assert said in refusal(unreadable(frame), settings, metrics=[metric])


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"threshold": 2}, "threshold must be a number from 0 to 1, but is 2."),
        ({"threshold": float("nan")}, "threshold must be a number from 0 to 1, but is nan."),
        ({"class_weights": {0: 0, 1: 0}}, "not all 0"),
        ({"class_weights": {0: 1, 1: float("nan")}}, "class_weights must be weights"),
        ({"progress": "bar"}, "progress must be \"rich\", a function or None, but is 'bar'."),
        ({"resume": True}, "checkpoint_dir names no folder"),
        ({"checkpoint_dir": "dbfs:/x"}, "which no file system of PyArrow fits: name a folder"),
        ({"checkpoint_dir": __file__}, "checkpoint_dir must be a folder, but a file lies at"),
        ({"epochs": True}, "epochs must be a whole number of 1 or more, but is True."),
        (
            {"batch_size": float("nan")},
            "batch_size must be a whole number of 1 or more, but is nan.",
        ),
        ({"max_shard_mb": float("nan")}, "max_shard_mb must be a number above 0, but is nan."),
        ({"seed": 2**32}, "seed must be a whole number of 0 or more, below 4294967296, but is"),
        ({"num_workers": 10**7}, "a worker gets 0 of 300 training rows"),
        ({"early_stopping": {"patience": 1.5}}, "early_stopping.patience must be a whole number"),
        ({"optimizer_config": {}}, "optimizer_config must be a Keras configuration, {"),
        ({"optimizer_config": {"class_name": "adamm"}}, "Did you mean 'adam'?"),
        (
            {"optimizer_config": {"class_name": "sgd", "config": {"learning_rate": -0.1}}},
            "learning_rate must be 0 or more, but is -0.1.",
        ),
        (
            {"learning_rate_schedule": {"config": {}}},
            "learning_rate_schedule must be a Keras configuration, {",
        ),
        (
            {"probabilityCol": "prediction"},
            "probabilityCol and predictionCol are both 'prediction': rename one.",
        ),
        ({"predictionCol": "label"}, "labelCol and predictionCol are both 'label'"),
        ({"rawPredictionCol": "row_id"}, "rowIdCol and rawPredictionCol are both 'row_id'"),
        ({"epoch": 3}, "did you mean 'epochs'?"),
        ({"metrics": "acc"}, "metrics must be a list of strings, but is 'acc'."),
        ({"rowIdCol": None}, "rowIdCol must be a string, but is None."),
    ],
    ids=str,
)
def test_settings_that_mean_nothing_are_named(
    frame: DataFrame, settings: dict[str, Any], changes: dict[str, Any], said: str
) -> None:
    told = refusal(frame, settings | {"epochs": 1}, **changes)
    assert said in told
    assert "Traceback" not in told


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"weight_decay": "a"}, "optimizer 'adam': weight_decay is 'a': "),
        ({"beta_1": "x"}, "optimizer 'adam': beta_1 is 'x': "),
        ({"epsilon": None}, "optimizer 'adam': epsilon is None: "),
        ({"clipvalue": "1", "beta_2": 0.9}, "optimizer 'adam': clipvalue is '1': "),
        ({"clipnorm": -1}, "clipnorm must be 0 or more, but is -1.0."),
        ({"use_ema": True, "ema_momentum": "x"}, "ema_momentum is 'x': "),
        ([1], "optimizer_config must be a Keras configuration, {"),
        ("x", "but is {'class_name': 'adam', 'config': 'x'}."),
    ],
    ids=str,
)
def test_an_argument_of_an_optimizer_is_named(
    frame: DataFrame, settings: dict[str, Any], arguments: Any, said: str
) -> None:
    optimizer = {"class_name": "adam", "config": arguments}
    told = refusal(unreadable(frame), settings, optimizer_config=optimizer)
    assert said in told
    assert "Traceback" not in told


@pytest.mark.parametrize(
    ("name", "arguments", "said"),
    [
        ("ExponentialDecay", {"decay_rate": "x"}, "decay_rate is 'x'"),
        ("PolynomialDecay", {"power": "x"}, "power is 'x'"),
        ("CosineDecay", {"warmup_steps": "x"}, "warmup_steps must be a number"),
        ("PiecewiseConstantDecay", {"boundaries": ["a"], "values": [0.1, 0.2]}, "Decay': "),
        ("CosineDecay", [1], "but is {'class_name': 'CosineDecay', 'config': [1]}."),
    ],
    ids=str,
)
def test_an_argument_of_a_schedule_is_named(
    frame: DataFrame, settings: dict[str, Any], name: str, arguments: Any, said: str
) -> None:
    schedule = {"class_name": name, "config": arguments}
    told = refusal(unreadable(frame), settings, learning_rate_schedule=schedule)
    assert told.startswith("learning_rate_schedule")
    assert said in told


@pytest.mark.parametrize(
    "name",
    ["adam", "AdamW", "adadelta", "adafactor", "adagrad", "ftrl", "lion", "Muon", "nadam", "sgd"],
)
def test_optimizers_of_keras_are_taken(name: str) -> None:
    check_optimizer({"class_name": name, "config": {"clipnorm": 1.0}})


def test_ftrls_learning_rate_power_is_negative() -> None:
    check_optimizer({"class_name": "ftrl", "config": {"learning_rate_power": -0.5}})
