"""What the history says about a round."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from bank_spark_dl.distributed.training.averaging import Arrays
from bank_spark_dl.distributed.training.worker import RoundResult


def round_entry(
    number: int, results: Sequence[RoundResult], before: Arrays, merged: Arrays
) -> dict[str, Any]:
    """Describe a round.

    Args:
        number: Number of the round, from 0.
        results: What the workers returned, in worker order.
        before: Weights at the start of the round.
        merged: Weights at its end.

    Returns:
        `round`; loss and metrics, weighted by rows; `workers`, see `history.TrainingHistory`. A
        worker without rows has no loss and no metrics.
    """
    steps = drift(before, [result.weights for result in results], merged)
    workers = [
        {"worker": r.worker, "rows": r.rows, "steps": r.steps, **r.figures}
        | {"seconds": r.seconds, "step_norm": norm, "cosine": cosine}
        for r, (norm, cosine) in zip(results, steps, strict=True)
    ]
    trained = [result for result in results if result.rows]
    total = sum(result.rows for result in trained)
    overall = {
        name: sum(result.rows * result.figures[name] for result in trained) / total
        for name in trained[0].figures
    }
    return {"round": number, **overall, "workers": workers}


def drift(before: Arrays, after: Sequence[Arrays], merged: Arrays) -> list[tuple[float, float]]:
    """Measure how far workers move and how much they agree.

    Args:
        before: Weights at the start of the round.
        after: Each worker's weights at its end.
        merged: Their mean.

    Returns:
        For each worker the Euclidean norm of its step, and the cosine between it and the mean step
        (1: same direction; 0 if either did not move).
    """
    start = _flat(before)
    mean_step = _flat(merged) - start
    figures = []
    for weights in after:
        step = _flat(weights) - start
        norm = float(np.linalg.norm(step))
        lengths = norm * float(np.linalg.norm(mean_step))
        figures.append((norm, float(step @ mean_step) / lengths if lengths else 0.0))
    return figures


def _flat(arrays: Arrays) -> npt.NDArray[np.float64]:
    return np.concatenate([np.ravel(array).astype(np.float64) for array in arrays])
