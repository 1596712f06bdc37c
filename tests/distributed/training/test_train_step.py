import json
from typing import Any

import keras
import numpy as np
import pytest
from tests.distributed.conftest import make_network, make_rows

from bank_spark_dl.distributed.config import NetworkConfig
from bank_spark_dl.distributed.inference.probability import positive_probability
from bank_spark_dl.distributed.training.network import build_network
from bank_spark_dl.distributed.training.train_step import CompiledNetwork

BATCH = 16


def make_network_config(network: str, **changes: Any) -> NetworkConfig:
    values: dict[str, Any] = {
        "keras_model_config": network,
        "loss": "binary_crossentropy",
        "metrics": ("acc",),
        "optimizer_config": {"class_name": "adam", "config": {"learning_rate": 0.01}},
    }
    return NetworkConfig(**(values | changes))


def make_block(number: int) -> np.ndarray:
    rows = make_rows(number)
    return np.array([[*values, label] for _, label, values in rows], np.float32)


def without_dropout(outputs: int = 2) -> str:
    config = json.loads(make_network(outputs))
    layers = config["config"]["layers"]
    config["config"]["layers"] = [layer for layer in layers if layer["class_name"] != "Dropout"]
    return json.dumps(config)


@pytest.mark.parametrize("class_weights", [None, (0.5, 2.0)], ids=["plain", "class weights"])
@pytest.mark.parametrize("outputs", [1, 2])
def test_rounds_are_epochs_of_keras(outputs: int, class_weights: tuple[float, float]) -> None:
    """K rounds that carry the optimizer on equal K epochs of Keras's `fit` on the same batches."""
    config = make_network_config(without_dropout(outputs), class_weights=class_weights)
    rows = make_block(70)
    reference = build_network(config)
    weights, state = reference.get_weights(), None
    compiled = CompiledNetwork(config)
    for number in range(3):
        epoch = rows[np.random.default_rng(number).permutation(len(rows))]
        weights, state, figures = compiled.train(
            weights, state, iter([epoch]), BATCH, [0, number], 0
        )
        labels = epoch[:, -1:] if outputs == 1 else np.eye(2, dtype="f4")[epoch[:, -1].astype(int)]
        expected = reference.fit(
            epoch[:, :-1],
            labels,
            batch_size=BATCH,
            shuffle=False,
            verbose=0,
            class_weight=dict(enumerate(class_weights)) if class_weights else None,
        ).history
        assert figures["loss"] == pytest.approx(expected["loss"][0], rel=1e-5)
        assert figures["acc"] == pytest.approx(expected["acc"][0], rel=1e-5)
    for ours, theirs in zip(weights, reference.get_weights(), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=2e-4, atol=2e-6)


def test_chunks_change_no_bit() -> None:
    config, rows = make_network_config(make_network()), make_block(70)
    weights = build_network(config).get_weights()
    compiled = CompiledNetwork(config)
    whole = compiled.train(weights, None, iter([rows]), BATCH, [1, 2], 0)
    pieces = compiled.train(
        weights, None, iter([rows[:32], rows[32:48], rows[48:]]), BATCH, [1, 2], 0
    )
    for one, other in zip(whole[0] + whole[1], pieces[0] + pieces[1], strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_call_leaves_nothing_behind() -> None:
    """A network that has done other work gives the bits of a new one: it is only a cache."""
    config, rows = make_network_config(make_network()), make_block(70)
    weights = build_network(config).get_weights()
    used = CompiledNetwork(config)
    used.train([w + 1 for w in weights], None, iter([rows[::-1].copy()]), BATCH, [9, 9], 5)
    for one, other in zip(
        used.train(weights, None, iter([rows]), BATCH, [1, 2], 0)[0],
        CompiledNetwork(config).train(weights, None, iter([rows]), BATCH, [1, 2], 0)[0],
        strict=True,
    ):
        np.testing.assert_array_equal(one, other)


def test_dropout_differs_by_round_and_worker() -> None:
    config, rows = make_network_config(make_network()), make_block(70)
    weights = build_network(config).get_weights()
    compiled = CompiledNetwork(config)
    results = [
        compiled.train(weights, None, iter([rows]), BATCH, key, 0)[0][0]
        for key in ([1, 0], [1, 1], [2, 0])
    ]
    assert len({result.tobytes() for result in results}) == 3


def test_schedule_follows_the_steps_of_the_whole_training() -> None:
    schedule = keras.optimizers.schedules.PiecewiseConstantDecay([9], [0.0, 0.1])
    config = make_network_config(
        without_dropout(),
        learning_rate_schedule=keras.optimizers.schedules.serialize(schedule),
    )
    rows, weights = make_block(32), build_network(config).get_weights()
    compiled = CompiledNetwork(config)
    early = compiled.train(weights, None, iter([rows]), BATCH, [0], 0)[0]
    late = compiled.train(weights, None, iter([rows]), BATCH, [0], 10)[0]
    np.testing.assert_array_equal(early[0], weights[0])
    assert not np.array_equal(late[0], weights[0])


def test_scores_are_those_of_keras() -> None:
    config, rows = make_network_config(make_network()), make_block(50)
    model = build_network(config)
    chunks = [rows[:32], rows[32:]]
    scored = list(CompiledNetwork(config).score(model.get_weights(), iter(chunks)))
    total = sum(part.loss for part in scored)
    probability = np.concatenate([positive_probability(part.outputs) for part in scored])
    np.testing.assert_array_equal(np.concatenate([part.label for part in scored]), rows[:, -1])
    labels = np.eye(2, dtype="f4")[rows[:, -1].astype(int)]
    loss = model.evaluate(rows[:, :-1], labels, verbose=0)[0]
    assert total / len(rows) == pytest.approx(loss, rel=1e-2)
    outputs = model.predict(rows[:, :-1], verbose=0)
    np.testing.assert_allclose(probability, outputs[:, 1] / outputs.sum(axis=1), rtol=1e-5)


@pytest.mark.parametrize(
    "loss", ["sparse_categorical_crossentropy", "SparseCategoricalCrossentropy"]
)
def test_sparse_labels_teach_what_labels_in_two_columns_do(loss: str) -> None:
    network = make_network().replace("sigmoid", "softmax")
    plain = make_network_config(network, loss="categorical_crossentropy")
    weights = build_network(plain).get_weights()
    expected = CompiledNetwork(plain).train(weights, None, iter([make_block(32)]), BATCH, [0], 0)
    trained = CompiledNetwork(make_network_config(network, loss=loss)).train(
        weights, None, iter([make_block(32)]), BATCH, [0], 0
    )
    assert trained[2] == pytest.approx(expected[2], rel=1e-5)
    assert not np.array_equal(trained[0][0], weights[0])
    for one, other in zip(trained[0], expected[0], strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("used", [False, True], ids=["a new process", "a process that has trained"])
def test_a_round_without_rows_changes_nothing_and_has_no_figures(used: bool) -> None:
    config = make_network_config(make_network())
    weights = build_network(config).get_weights()
    compiled = CompiledNetwork(config)
    state = compiled.optimizer_state()
    if used:
        compiled.train(weights, None, iter([make_block(32)]), BATCH, [0], 0)
    for given in (None, state):
        after, its_state, figures = compiled.train(weights, given, iter([]), BATCH, [0], 0)
        assert figures == {}
        for one, other in zip(after + its_state, weights + state, strict=True):
            np.testing.assert_array_equal(one, other)


def test_optimizers_with_scalars_of_their_own_are_reset() -> None:
    """Nadam keeps a running product besides its moments."""
    config = make_network_config(
        without_dropout(), optimizer_config={"class_name": "nadam", "config": {}}
    )
    rows, weights = make_block(32), build_network(config).get_weights()
    compiled = CompiledNetwork(config)
    first = compiled.train(weights, None, iter([rows]), BATCH, [0], 0)[0]
    again = compiled.train(weights, None, iter([rows]), BATCH, [0], 0)[0]
    np.testing.assert_array_equal(first[0], again[0])


def member_network(outputs: int) -> str:
    layers = keras.layers
    equation, shape = "bkd,kdo->bko", (3, outputs)
    return keras.Sequential(
        [
            keras.Input((5,)),
            layers.RepeatVector(3),
            layers.EinsumDense(equation, shape, bias_axes="ko", activation="sigmoid"),
        ]
    ).to_json()


@pytest.mark.parametrize("outputs", [1, 2])
def test_members_of_a_network_learn_each_for_itself(outputs: int) -> None:
    """Training three members together equals training each alone, at a third of its loss."""
    rows = make_block(48)
    sgd = {"class_name": "sgd", "config": {"learning_rate": 0.3}}
    config = make_network_config(member_network(outputs), optimizer_config=sgd)
    weights_of_members, bias = build_network(config).get_weights()
    trained, _, figures = CompiledNetwork(config).train(
        [weights_of_members, bias], None, iter([rows]), BATCH, [0], 0
    )
    alone = keras.Sequential([keras.Input((5,)), keras.layers.Dense(outputs, "sigmoid")]).to_json()
    slow = {"class_name": "sgd", "config": {"learning_rate": 0.1}}
    single = CompiledNetwork(make_network_config(alone, optimizer_config=slow))
    losses = []
    for member in range(3):
        start = [weights_of_members[member], bias[member]]
        expected, _, its_figures = single.train(start, None, iter([rows]), BATCH, [0], 0)
        np.testing.assert_allclose(trained[0][member], expected[0], rtol=1e-4, atol=1e-6)
        losses.append(its_figures["loss"])
    assert figures["loss"] == pytest.approx(np.mean(losses), rel=1e-5)


def test_class_weights_weigh_the_rows_of_every_member() -> None:
    rows = make_block(48)
    sgd = {"class_name": "sgd", "config": {"learning_rate": 0.3}}
    half = {"class_name": "sgd", "config": {"learning_rate": 0.15}}
    both = make_network_config(member_network(2), optimizer_config=half, class_weights=(2.0, 2.0))
    plain = make_network_config(member_network(2), optimizer_config=sgd)
    weights = build_network(plain).get_weights()
    weighted = CompiledNetwork(both).train(weights, None, iter([rows]), BATCH, [0], 0)[0]
    expected = CompiledNetwork(plain).train(weights, None, iter([rows]), BATCH, [0], 0)[0]
    np.testing.assert_allclose(weighted[0], expected[0], rtol=1e-4, atol=1e-6)


def test_a_members_network_predicts_their_mean() -> None:
    config, rows = make_network_config(member_network(2)), make_block(20)
    model = build_network(config)
    outputs = model.predict(rows[:, :-1], verbose=0)
    (scored,) = CompiledNetwork(config).score(model.get_weights(), iter([rows]))
    probability = positive_probability(scored.outputs)
    expected = (outputs[..., 1] / outputs.sum(axis=-1)).mean(axis=1)
    np.testing.assert_allclose(probability, expected, rtol=1e-5)
