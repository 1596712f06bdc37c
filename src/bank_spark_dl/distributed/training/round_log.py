"""Entries of the training history, and worker divergence."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from bank_spark_dl.distributed.training.averaging import AT_ONCE, Arrays
from bank_spark_dl.distributed.training.history import Round, WorkerRound
from bank_spark_dl.distributed.training.worker import RoundResult


def describe_round(
    number: int,
    epoch: int,
    results: Sequence[RoundResult],
    before: Arrays,
    averaged: Arrays,
    seconds: float,
) -> Round:
    """Make the history's entry of a round that is not validated yet.

    Args:
        number: Number of the round, from 0.
        epoch: Number of its epoch, from 0.
        results: What the workers returned, in worker order.
        before: Weights at the start of the round.
        averaged: Weights at its end.
        seconds: Time the round took.
    """
    moves = worker_divergence(before, [result.weights for result in results], averaged)
    trained = [result for result in results if result.weight]
    trained = trained or [result for result in results if result.rows]
    total = sum(result.weight for result in trained) or 1
    means = {
        name: sum(result.weight * result.figures[name] for result in trained) / total
        for name in trained[0].figures
    }
    return Round(
        round=number,
        epoch=epoch,
        workers=tuple(map(_describe_worker, results, moves)),
        seconds=seconds,
        loss=means.pop("loss") if any(result.weight for result in trained) else None,
        metrics=means,
    )


def _describe_worker(result: RoundResult, move: tuple[float, float]) -> WorkerRound:
    metrics = dict(result.figures)
    return WorkerRound(
        worker=result.worker,
        rows=result.rows,
        steps=result.steps,
        seconds=result.seconds,
        step_norm=move[0],
        cosine=move[1],
        loss=metrics.pop("loss", None),
        metrics=metrics,
    )


def worker_divergence(
    before: Arrays, after: Sequence[Arrays], averaged: Arrays
) -> list[tuple[float, float]]:
    """Measure how far workers move and how much they agree.

    Args:
        before: Weights at the start of the round.
        after: Each worker's weights at its end.
        averaged: Their mean.

    Returns:
        For each worker the Euclidean norm of its step, and the cosine between it and the mean step
        (1: same direction; 0 if either did not move).
    """
    squares, products, mean_square = np.zeros(len(after)), np.zeros(len(after)), 0.0
    for first in range(0, sum(array.size for array in before), AT_ONCE):
        start = _numbers(before, first)
        mean_step = _numbers(averaged, first) - start
        mean_square += float(mean_step @ mean_step)
        for worker, weights in enumerate(after):
            step = _numbers(weights, first) - start
            squares[worker] += step @ step
            products[worker] += step @ mean_step
    norms = np.sqrt(squares)
    lengths = norms * np.sqrt(mean_square)
    cosines = np.divide(products, lengths, out=np.zeros(len(after)), where=lengths > 0)
    return list(zip(norms.tolist(), cosines.tolist(), strict=True))


def _numbers(arrays: Arrays, first: int) -> npt.NDArray[np.float64]:
    """Return AT_ONCE numbers of arrays that are laid end to end, or those that are left."""
    parts = []
    for array in arrays:
        part = array.reshape(-1)[max(first, 0) : max(first + AT_ONCE, 0)]
        parts.append(part.astype(np.float64))
        first -= array.size
    return np.concatenate(parts)
