"""Say in one sentence where the network stands."""

from collections.abc import Mapping
from typing import Final

from bank_spark_dl.ml.evaluation.intervals import Interval
from bank_spark_dl.ml.evaluation.results import AnyFoldMeans, FoldMeans

_PLACES: Final = {-1: "beats", 1: "is behind", 0: "cannot be told apart from"}
"""By the sign of a difference of losses."""


def fold_verdict(network_minus: Mapping[str, AnyFoldMeans], folds: int) -> str:
    """Say which models the network beats, beyond the noise of the folds.

    Log loss decides, for it does not depend on a threshold; of numbers the RMSE.

    Args:
        network_minus: By other model, the network's figures minus the model's on the same folds.
        folds: Their number.

    Returns:
        A sentence; where the network is behind a model, a second one says what to do.
    """
    losses = {
        f"the {name.replace('_', ' ')}": _loss(means) for name, means in network_minus.items()
    }
    said = [
        f"{place} {_listed([name for name, (_, loss) in losses.items() if loss.sign == sign])}"
        for sign, place in _PLACES.items()
        if any(loss.sign == sign for _, loss in losses.values())
    ]
    if not said:
        return "The network was compared with no other model: name one in baselines."
    figure = next(iter(losses.values()))[0]
    sentence = f"By the {figure} over {folds} folds the network {_listed(said)}."
    if any(loss.sign > 0 for _, loss in losses.values()):
        sentence += " Search for better settings: kedro run --pipelines=tuning."
    return sentence


def _loss(means: AnyFoldMeans) -> tuple[str, Interval]:
    if isinstance(means, FoldMeans):
        return "log loss", means.log_loss
    return "RMSE", means.rmse


def _listed(parts: list[str]) -> str:
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)
