"""The compiled training step of one network, kept in a worker process.

The step is Keras's own `train_step`; what is ours is that all batches of a chunk run inside one
TensorFlow call. `Model.fit` pays a fixed cost for each call that is longer than a round here.
"""

import json
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
import tensorflow as tf

from bank_spark_dl.distributed.inference.probability import positive_probability
from bank_spark_dl.distributed.training.averaging import Arrays
from bank_spark_dl.distributed.training.network import NetworkSpec, build_network, build_schedule
from bank_spark_dl.distributed.training.targets import targets

RESIDENT_KERNELS = 4
"""Networks that a worker process keeps compiled, so that fits side by side do not evict another."""


class Kernel:
    """One network, its optimizer and its compiled step.

    It carries nothing from call to call: each call sets weights, optimizer state and noise first.
    """

    def __init__(self, spec: NetworkSpec) -> None:
        """Build the network; the step is compiled at its first use."""
        self._spec = spec
        self._model = build_network(spec)
        self._fresh_state = self.optimizer_state()
        self._noise = _noise_variables(self._model)
        schedule = spec.learning_rate_schedule
        self._schedule = build_schedule(json.loads(schedule)) if schedule else None
        self._train_chunk = tf.function(
            self._chunk_steps,
            autograph=False,
            input_signature=[tf.TensorSpec((None, None)), tf.TensorSpec((), tf.int64)],
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
        noise_key: Sequence[int],
        first_step: int,
    ) -> tuple[Arrays, Arrays, dict[str, float]]:
        """Run the steps of one round.

        Args:
            weights: Weights to start from, in layer order.
            optimizer_state: Its variables; None starts the optimizer anew.
            chunks: Arrays (rows, n_features + 1) float32, the label last; all but the last hold
                whole batches.
            noise_key: Integers that name this round and worker; dropout's noise depends on them.
            first_step: Steps the worker has done before, for the learning-rate schedule.

        Returns:
            Weights and optimizer state after the last step, and mean loss and metrics by name; no
            figures where there was no row.
        """
        self._model.set_weights(weights)
        state = self._fresh_state if optimizer_state is None else optimizer_state
        for variable, value in zip(self._model.optimizer.variables, state, strict=True):
            variable.assign(value)
        for number, variable in enumerate(self._noise):
            seed = np.random.SeedSequence([*noise_key, number]).generate_state(2)
            variable.assign(seed.astype(variable.dtype))
        self._model.reset_metrics()
        step = start = tf.constant(first_step, tf.int64)
        for chunk in chunks:
            step = self._train_chunk(chunk, step)
        # Before its first step, Keras has no metrics that could be asked.
        results = {} if step is start else self._model.get_metrics_result()
        figures = {name: float(value) for name, value in results.items()}
        return self._model.get_weights(), self.optimizer_state(), figures

    def score(
        self, weights: Arrays, chunks: Iterator[npt.NDArray[np.float32]]
    ) -> Iterator[tuple[float, npt.NDArray[np.float64], npt.NDArray[np.float32]]]:
        """Compute loss and probabilities of labelled rows.

        Yields:
            For each chunk the sum of its rows' losses, their probability of label 1, (rows,)
            float64, and their label, (rows,).
        """
        self._model.set_weights(weights)
        for chunk in chunks:
            loss, output = self._score_chunk(chunk)
            yield float(loss) * len(chunk), positive_probability(output.numpy()), chunk[:, -1]

    def _chunk_steps(self, rows: tf.Tensor, first_step: tf.Tensor) -> tf.Tensor:
        size = self._spec.batch_size
        count = tf.shape(rows)[0]

        def body(start: tf.Tensor, step: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
            if self._schedule is not None:
                self._model.optimizer.learning_rate.assign(self._schedule(step))
            self._model.train_step(self._inputs(rows[start : start + size], weighted=True))
            return start + size, step + 1

        _, step = tf.while_loop(
            lambda start, _: start < count,
            body,
            (tf.constant(0), first_step),
            parallel_iterations=1,
        )
        return step

    def _forward(self, rows: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        features, labels, _ = self._inputs(rows, weighted=False)
        outputs = self._model(features, training=False)
        return self._model.compute_loss(features, labels, outputs, training=False), outputs

    def _inputs(
        self, rows: tf.Tensor, *, weighted: bool
    ) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor | None]:
        features = tf.ensure_shape(rows[:, :-1], self._model.input_shape)
        label = tf.cast(rows[:, -1], tf.int32)
        weights = None
        if weighted and self._spec.class_weights is not None:
            weights = tf.gather(tf.constant(self._spec.class_weights), label)
            # Outputs of several members have a loss each: (rows, 1) weighs them alike.
            weights = weights[:, tf.newaxis] if self._members() else weights
        return features, targets(label, self._spec.loss, self._model.output_shape), weights

    def _members(self) -> tuple[int, ...]:
        return tuple(self._model.output_shape[1:-1])


@lru_cache(maxsize=RESIDENT_KERNELS)
def resident_kernel(spec: NetworkSpec) -> Kernel:
    """Return this process's kernel of a network, compiled once as long as it is kept."""
    _fix_arithmetic()
    return Kernel(spec)


@lru_cache(maxsize=1)
def _fix_arithmetic() -> None:
    """Make TensorFlow's results depend on nothing but their inputs."""
    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    tf.config.experimental.enable_op_determinism()


def _noise_variables(model: Any) -> list[Any]:
    """Find the states of the network's random generators (dropout and the like)."""
    known = {id(variable) for variable in [*model.weights, *model.metrics_variables]}
    return [v for v in model.non_trainable_variables if id(v) not in known]
