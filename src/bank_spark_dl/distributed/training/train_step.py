"""Compile the train step of a network, once for each worker process.

The train step is Keras's own; all batches of a chunk run inside one TensorFlow call, because the
fixed cost of a call of `Model.fit` is longer than a round here.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
import tensorflow as tf

from bank_spark_dl.distributed.config import NetworkConfig
from bank_spark_dl.distributed.runtime.network_memory import forgotten_gradients
from bank_spark_dl.distributed.training.averaging import Arrays
from bank_spark_dl.distributed.training.network import build_network
from bank_spark_dl.distributed.training.schedule import build_schedule
from bank_spark_dl.distributed.training.targets import targets

CACHED_NETWORKS = 4
"""Networks that a worker process keeps compiled: fits in parallel do not evict each other's."""


class CompiledNetwork:
    """One network, its optimizer and its compiled train step.

    It carries nothing from call to call: each call sets weights, optimizer state and noise first.
    """

    def __init__(self, config: NetworkConfig) -> None:
        """Build the network; the train step is compiled at its first use."""
        self._config = config
        self._model = build_network(config)
        self._fresh_state = self.optimizer_state()
        self._noise = _noise_variables(self._model)
        schedule = config.learning_rate_schedule
        self._schedule = build_schedule(schedule) if schedule else None
        self._train_chunk = tf.function(
            self._chunk_steps,
            autograph=False,
            input_signature=[
                tf.TensorSpec((None, None)),
                tf.TensorSpec((), tf.int32),
                tf.TensorSpec((), tf.int64),
            ],
        )
        self._score_chunk = tf.function(
            self._forward, autograph=False, input_signature=[tf.TensorSpec((None, None))]
        )

    def optimizer_state(self) -> Arrays:
        """Copy the optimizer's variables, in Keras's order."""
        return [np.asarray(variable) for variable in self._model.optimizer.variables]

    def train(
        self,
        weights: Arrays,
        optimizer_state: Arrays | None,
        chunks: Iterator[npt.NDArray[np.float32]],
        batch_size: int,
        noise_key: Sequence[int],
        first_step: int,
    ) -> tuple[Arrays, Arrays, dict[str, float]]:
        """Run the steps of one round.

        Args:
            weights: Weights to start from, in layer order.
            optimizer_state: Its variables; None starts the optimizer anew.
            chunks: Arrays (rows, n_features + 1) float32, the label last, and the weight before
                it if rows have weights; all but the last hold whole batches.
            batch_size: Rows of a train step.
            noise_key: Integers that name this round and worker; dropout's noise depends on them.
            first_step: Train steps the worker has done before, for the learning-rate schedule.

        Returns:
            Weights and optimizer state after the last step, and mean loss and metrics by name,
            which are empty if there was no row.
        """
        self._model.set_weights(weights)
        state = self._fresh_state if optimizer_state is None else optimizer_state
        for variable, value in zip(self._model.optimizer.variables, state, strict=True):
            variable.assign(value)
        for number, variable in enumerate(self._noise):
            seed = np.random.SeedSequence([*noise_key, number]).generate_state(2)
            variable.assign(seed.astype(variable.dtype))
        self._model.reset_metrics()
        size = tf.constant(batch_size, tf.int32)
        step = start = tf.constant(first_step, tf.int64)
        for chunk in chunks:
            with forgotten_gradients():
                step = self._train_chunk(chunk, size, step)
        # Keras has no metrics before the first step.
        results = {} if step is start else self._model.get_metrics_result()
        figures = {name: float(value) for name, value in results.items()}
        return self._model.get_weights(), self.optimizer_state(), figures

    def score(
        self, weights: Arrays, chunks: Iterator[npt.NDArray[np.float32]]
    ) -> Iterator["ScoredRows"]:
        """Compute loss and outputs of labelled rows, for each chunk."""
        self._model.set_weights(weights)
        for chunk in chunks:
            with forgotten_gradients():
                loss, output = self._score_chunk(chunk)
            weight = chunk[:, -2].astype(np.float64) if self._config.weighted else None
            total = len(chunk) if weight is None else float(weight.sum())
            yield ScoredRows(float(loss) * total, output.numpy(), chunk[:, -1], weight)

    def _chunk_steps(self, rows: tf.Tensor, size: tf.Tensor, first_step: tf.Tensor) -> tf.Tensor:
        count = tf.shape(rows)[0]

        def body(start: tf.Tensor, step: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
            if self._schedule is not None:
                self._model.optimizer.learning_rate.assign(self._schedule(step))
            self._model.train_step(self._inputs(rows[start : start + size], training=True))
            return start + size, step + 1

        _, step = tf.while_loop(
            lambda start, _: start < count,
            body,
            (tf.constant(0), first_step),
            parallel_iterations=1,
        )
        return step

    def _forward(self, rows: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        features, labels, weights = self._inputs(rows, training=False)
        outputs = self._model(features, training=False)
        loss = self._model.compute_loss(features, labels, outputs, weights, training=False)
        return loss, outputs

    def _inputs(
        self, rows: tf.Tensor, *, training: bool
    ) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor | None]:
        """Split rows into features, targets and weights, which Keras divides by the rows' number.

        A batch's own weights have the mean 1, so the loss is the sum of weight times loss over the
        sum of weights; class weights, which count in training only, multiply in.
        """
        config, weights, label = self._config, None, rows[:, -1]
        features = tf.ensure_shape(
            rows[:, : -2 if config.weighted else -1], self._model.input_shape
        )
        if config.weighted:
            weights = tf.math.divide_no_nan(rows[:, -2], tf.reduce_mean(rows[:, -2]))
        if training and config.class_weights is not None:
            factors = tf.gather(tf.constant(config.class_weights), tf.cast(label, tf.int32))
            weights = factors if weights is None else weights * factors
        if weights is not None and len(self._model.output_shape) == 3:
            # Each member has a loss of its own: (rows, 1) weights apply to all of them.
            weights = weights[:, tf.newaxis]
        encoded = targets(label, config.loss, self._model.output_shape, config.classes)
        return features, encoded, weights


@dataclass(frozen=True)
class ScoredRows:
    """Labelled rows after the forward pass.

    Attributes:
        loss: Sum of their losses, each times its weight.
        outputs: Of the network, (rows, outputs) or (rows, members, outputs) float32.
        label: (rows,) float32.
        weight: (rows,) float64; None: each is 1.
    """

    loss: float
    outputs: npt.NDArray[np.float32]
    label: npt.NDArray[np.float32]
    weight: npt.NDArray[np.float64] | None


@lru_cache(maxsize=CACHED_NETWORKS)
def cached_network(config: NetworkConfig) -> CompiledNetwork:
    """Return this process's compiled network, from its cache if it is there."""
    _make_deterministic()
    return CompiledNetwork(config)


@lru_cache(maxsize=1)
def _make_deterministic() -> None:
    """Make TensorFlow's results depend on its inputs only."""
    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    tf.config.experimental.enable_op_determinism()


def _noise_variables(model: Any) -> list[Any]:
    """Return the states of the network's random generators (dropout and the like)."""
    known = {id(variable) for variable in [*model.weights, *model.metrics_variables]}
    return [v for v in model.non_trainable_variables if id(v) not in known]
