"""Say how the network compares with the other models."""

from collections.abc import Mapping
from typing import Final

from bank_spark_dl.messages.terminal import FIGURES
from bank_spark_dl.ml.evaluation.baseline_names import FLOORS, REMEDY, baseline_name
from bank_spark_dl.ml.evaluation.intervals import Interval
from bank_spark_dl.ml.evaluation.results import AnyFoldMeans

_VERBS: Final = {-1: "beats", 1: "is behind", 0: "cannot be told apart from"}
"""By the sign of a difference of losses."""


def fold_verdict(network_minus: Mapping[str, AnyFoldMeans], folds: int) -> str:
    """Say which models the network beats, beyond the noise of the folds.

    Log loss decides, for it does not depend on a threshold; of numbers the RMSE.

    Args:
        network_minus: By other model, at least one, the network's figures minus the model's on the
            same folds.
        folds: Their number.

    Returns:
        A sentence. A second one says what to do where the network is behind a model, or not clearly
        ahead of one that knows nothing of a row.
    """
    losses = {name: _loss(means) for name, means in network_minus.items()}
    parts = [
        f"{verb} {_listed(models)}"
        for sign, verb in _VERBS.items()
        if (models := [name for name, loss in losses.items() if loss.sign == sign])
    ]
    figure = FIGURES[next(iter(network_minus.values())).deciding]
    sentence = f"Over {folds} folds, by {figure}, the network {'; it '.join(parts)}."
    weak = any(
        loss.sign > 0 or (loss.sign == 0 and name in FLOORS) for name, loss in losses.items()
    )
    return f"{sentence} {REMEDY}" if weak else sentence


def _loss(means: AnyFoldMeans) -> Interval:
    interval: Interval = getattr(means, means.deciding)
    return interval


def _listed(models: list[str]) -> str:
    names = [f"the {baseline_name(model)}" for model in models]
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))
