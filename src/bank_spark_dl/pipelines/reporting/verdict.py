"""Say in sentences how the network compares with the baselines."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import astuple

from bank_spark_dl.ml.evaluation.intervals import Interval
from bank_spark_dl.ml.evaluation.results import Comparison, Figures

NEARLY_CONSTANT = 0.01
"""Spread of the probabilities below which they are nearly the same for every row, as a fraction of
the spread of probabilities that are always right."""


def warning_sentence(test: Figures, train_share: float, unscaled: Sequence[str]) -> str | None:
    """Say that a network has learnt nothing, and what to do.

    Args:
        test: Its figures on the test rows.
        train_share: Share of positives among the train rows, [0, 1].
        unscaled: Numeric columns that are not standardized.

    Returns:
        A warning where the network states nearly the same probability for every row, or where its
        log loss is no better than that of the train rows' share for every row; else None.
    """
    share, constant = test.positives, min(max(train_share, 1e-15), 1 - 1e-15)
    constant_loss = -share * math.log(constant) - (1 - share) * math.log(1 - constant)
    if test.spread < NEARLY_CONSTANT * math.sqrt(share * (1 - share)):
        found = "it states nearly the same probability for every test row"
    elif test.log_loss >= constant_loss:
        found = (
            f"its log loss on the test rows is {test.log_loss:.3f}, while {constant:.1%} for every "
            f"row gives {constant_loss:.3f}"
        )
    else:
        return None
    return f"The network has learnt nothing of use: {found}. {_remedy(unscaled)}"


def _remedy(unscaled: Sequence[str]) -> str:
    if not unscaled:
        return "Try a lower elephas.optimizer.learning_rate, more epochs or other columns."
    are = "is" if len(unscaled) == 1 else "are"
    return (
        f"Of the numeric columns {', '.join(unscaled)} {are} not standardized, and large numbers "
        "keep a network from learning: standardize all of them with features.skew.lower: 0 and "
        "features.skew.upper: 0."
    )


def verdict_sentences(comparisons: Mapping[str, Comparison], rows: int) -> list[str]:
    """Say for each baseline whether the network beats it, by how much and how sure that is.

    Log loss and AUC decide: they do not depend on a threshold, as accuracy does.

    Args:
        comparisons: By baseline, the network's figures minus the baseline's on the same rows.
        rows: Number of those rows.

    Returns:
        A sentence for each baseline; it claims a difference only if the interval excludes zero.
    """
    return [_sentence(name.replace("_", " "), entry, rows) for name, entry in comparisons.items()]


def _sentence(name: str, entry: Comparison, rows: int) -> str:
    gains = {"log loss": -entry.log_loss.sign, "AUC": entry.auc.sign if entry.auc else 0}
    better = [figure for figure, gain in gains.items() if gain > 0]
    worse = [figure for figure, gain in gains.items() if gain < 0]
    alike = [figure for figure, gain in gains.items() if gain == 0]
    if better and worse:
        said = f"The network is better than the {name} in {better[0]} and worse in {worse[0]}"
    elif not better and not worse:
        said = f"The network and the {name} cannot be told apart by {rows:,} test rows"
    else:
        said = f"The network {'beats' if better else 'is worse than'} the {name}"
        said += f" in {(better or worse)[0]}, but not clearly in {alike[0]}" if alike else ""
    shown = [_shown("log loss", entry.log_loss), _shown("AUC", entry.auc)]
    return f"{said} ({'; '.join([*shown, _shown_points(entry.accuracy)])})."


def _shown(figure: str, difference: Interval | None) -> str:
    if difference is None:
        return f"too few rows of a class to compare the {figure}"
    mean, low, high = astuple(difference)
    return f"{figure} {mean:+.3f}, 95% interval {low:+.3f} to {high:+.3f}"


def _shown_points(difference: Interval) -> str:
    mean, low, high = (100 * end for end in astuple(difference))
    return f"accuracy {mean:+.1f} points, {low:+.1f} to {high:+.1f}"
