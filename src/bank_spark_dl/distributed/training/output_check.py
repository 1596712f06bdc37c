"""Check a network's outputs before training.

The driver computes them for rows of small and of large numbers, with the initial weights and with
weights changed at random.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import numpy.typing as npt

from bank_spark_dl.distributed.inference.probability import (
    class_probabilities,
    predicted_numbers,
)
from bank_spark_dl.errors import ParameterError

_SCALES = (0.0, 0.1, 1.0, 10.0, 1000.0)
_BEYOND = (1e6, 1e9)
"""A Normalization may subtract so much that smaller rows are all the same to the network."""
_PROBED_ROWS = 16
_ROWS_ALONE = 4
_ROUNDING = 1e-5
_SAME = 1e-6
"""Probabilities that differ by less are equal up to rounding."""
_AS_ALONE = 1e-4
_MOVED_AT_ONCE = 2**16
_AS_ALONE_IN_16_BITS = 0.05
_DRAWS = 4
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?")

Rows = npt.NDArray[np.float64]
Weights = list[npt.NDArray[Any]]


def check_outputs(model: Any, *, numbers: bool = False) -> None:
    """Refuse a network whose outputs are no useful predictions; its weights stay the same.

    Args:
        model: The network.
        numbers: Whether it predicts a number; else its outputs must be probabilities.

    Raises:
        ParameterError: An output is below 0 or above 1; no weight can be trained; all rows have
            the same output; or a row's output depends on other rows.
    """
    if not model.trainable_weights:
        raise ParameterError(
            "keras_model_config: the network has no weight that training can change: give it a "
            "layer with weights, such as Dense, that is trainable."
        )
    rows = np.random.default_rng(0).standard_normal((_PROBED_ROWS, model.input_shape[1]))
    with _restored_weights(model) as first:
        if not numbers:
            _require_probabilities(model, rows, first)
        _require_rows_distinguished(model, rows, first, numbers=numbers)
        _require_independent_rows(model, rows[:_ROWS_ALONE], first)


@contextmanager
def _restored_weights(model: Any) -> Iterator[Weights]:
    weights = model.get_weights()
    try:
        yield weights
    finally:
        model.set_weights(weights)


def _require_probabilities(model: Any, rows: Rows, first: Weights) -> None:
    model.set_weights(_moved(first, np.random.default_rng(0)))
    outputs = [_outputs(model, rows * scale).ravel() for scale in _SCALES]
    known = np.concatenate([output[np.isfinite(output)] for output in outputs])
    if known.size and (known.min() < -_ROUNDING or known.max() > 1 + _ROUNDING):
        raise ParameterError(
            f"keras_model_config: the network's outputs are no probabilities: they reach from "
            f"{known.min():.3g} to {known.max():.3g} and more. End it with the activation sigmoid, "
            "or softmax on an output for each class."
        )


def _require_rows_distinguished(model: Any, rows: Rows, first: Weights, *, numbers: bool) -> None:
    """Refuse a network that predicts the same for all rows, whatever its weights.

    A single difference is enough: layers may be dead by chance, and saturated by large numbers.
    """
    random, compared = np.random.default_rng(1), 0
    kinds = [rows * scale for scale in (*_SCALES, *_BEYOND)] + _whole_rows(model, rows.shape)
    for draw in range(_DRAWS):
        model.set_weights(_moved(first, random, 0.1 if draw == 1 else 1.0) if draw else first)
        for kind in kinds:
            stated = _stated(_outputs(model, kind), numbers=numbers)
            compared += len(stated) > 1
            if len(stated) > 1 and np.ptp(stated, axis=0).max() > _SAME:
                return
    if compared and numbers:
        raise ParameterError(
            "keras_model_config: the network predicts the same number for all rows, whatever its "
            "weights are. End it with Dense(1), without softmax."
        )
    if compared:
        raise ParameterError(
            "keras_model_config: the network gives all rows the same probability, whatever its "
            'weights are. End it with Dense(1, activation="sigmoid"), or with Dense(CLASSES, '
            'activation="softmax"): a softmax of one output is always 1.'
        )


def _stated(outputs: Rows, *, numbers: bool) -> Rows:
    """Return what outputs state of rows, (rows, classes or 1), of rows where it is finite."""
    if not outputs.size:
        return np.empty((0, 1))
    single = outputs.astype(np.float32)
    if numbers or outputs.shape[-1] == 1:
        stated = predicted_numbers(single)[:, np.newaxis]
    else:
        stated = class_probabilities(single)
    finite: Rows = stated[np.isfinite(stated).all(axis=1)]
    return finite


def _whole_rows(model: Any, shape: tuple[int, ...]) -> list[Rows]:
    """Return rows for lookup layers: of 0 and 1, and of the numbers in the configuration."""
    random = np.random.default_rng(2)
    stated = np.array(_NUMBER.findall(model.to_json()), dtype=np.float64)
    return [random.integers(0, 2, shape).astype(np.float64), random.choice(stated, shape)]


def _require_independent_rows(model: Any, rows: Rows, first: Weights) -> None:
    """Refuse a network that mixes rows: shards, batches and scoring put them together at will."""
    bound = _AS_ALONE_IN_16_BITS if "float16" in model.to_json() else _AS_ALONE
    for weights in (first, _moved(first, np.random.default_rng(3), by_size=True)):
        model.set_weights(weights)
        together = _outputs(model, rows)
        if not np.array_equal(together, _outputs(model, rows), equal_nan=True):
            return  # random in inference too: a comparison says nothing about other rows
        if not together.size:
            return  # the network takes no such rows
        alone = np.concatenate([_outputs(model, row[np.newaxis]).ravel() for row in rows])
        same = alone.size == together.size and np.allclose(
            together.ravel(), alone, rtol=bound, atol=bound, equal_nan=True
        )
        if not same:
            raise ParameterError(
                "keras_model_config: a row's output depends on which rows are scored with it: let "
                "no layer or operation work along axis 0, which is that of the rows."
            )


def _moved(
    weights: Weights, random: np.random.Generator, noise: float = 1.0, *, by_size: bool = False
) -> Weights:
    """Return other weights.

    Args:
        weights: Those to move.
        random: Draws how far.
        noise: Standard deviation of it.
        by_size: Less for larger layers, as their first weights are, so that rounding stays small.
    """
    return [
        _moved_array(
            array, random, noise / np.sqrt(array.shape[0] if by_size and array.ndim else 1)
        )
        for array in weights
    ]


def _moved_array(
    array: npt.NDArray[Any], random: np.random.Generator, noise: float
) -> npt.NDArray[Any]:
    if not np.issubdtype(array.dtype, np.floating):
        return array
    moved = array.copy()
    numbers = moved.reshape(-1)
    for start in range(0, numbers.size, _MOVED_AT_ONCE):  # a table of embeddings may be large
        part = numbers[start : start + _MOVED_AT_ONCE]
        far = noise * random.standard_normal(part.size).astype(array.dtype)
        # Variances stay positive: they are all the weights that begin at 1 and may not change sign.
        part += np.where(part == 1, np.abs(far), far).astype(array.dtype)
    return moved


def _outputs(model: Any, rows: Rows) -> Rows:
    """Return the network's outputs, or nothing for rows that it cannot take."""
    try:
        outputs = model(rows.astype(np.float32), training=False)
    except Exception:  # an Embedding takes no number beyond its table
        return np.empty(0)
    return np.asarray(outputs, dtype=np.float64)
