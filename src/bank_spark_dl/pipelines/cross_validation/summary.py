"""Means and intervals over folds."""

from collections.abc import Mapping, Sequence
from typing import Any

from bank_spark_dl.ml.evaluation.intervals import fold_interval

NETWORK = "network"
FIGURES = ("accuracy", "auc", "log_loss", "calibration_error")


def summarize_folds(figures: Mapping[str, Sequence[Mapping[str, float]]]) -> dict[str, Any]:
    """Summarize the figures of each model over the folds.

    Args:
        figures: By model, one entry for each fold with accuracy, auc, log_loss and
            calibration_error; the network's among them.

    Returns:
        `models`: by model and figure, `mean`, `low` and `high` of the mean's 95% interval.
        `network_minus`: the same for the network's figure minus the model's on the same fold.
    """
    network = figures[NETWORK]
    return {
        "models": {
            name: {key: fold_interval([fold[key] for fold in folds]) for key in FIGURES}
            for name, folds in figures.items()
        },
        "network_minus": {
            name: {
                key: fold_interval(
                    [ours[key] - theirs[key] for ours, theirs in zip(network, folds, strict=True)]
                )
                for key in FIGURES
            }
            for name, folds in figures.items()
            if name != NETWORK
        },
    }
