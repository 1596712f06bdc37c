"""Say how the choice of the test rows changes the figures."""

from collections.abc import Callable
from typing import Any

from bank_spark_dl.ml.evaluation.figures import AnyFigures
from bank_spark_dl.ml.evaluation.results import Metrics

ROWS = {"random": "drawn at random", "time": "the newest", "group": "of other groups"}


def figures_by_split(metrics: Metrics) -> dict[str, AnyFigures]:
    """Return the network's figures by what test rows they are of.

    Args:
        metrics: Have the figures of at least one split.
    """
    others = {other.split: other.test for other in metrics.other_splits}
    return {ROWS[split]: test for split, test in ({metrics.split: metrics.test} | others).items()}


def newest_sentence(metrics: Metrics, headline: Callable[[Any], str]) -> str | None:
    """Say which figures to expect of new rows.

    Args:
        metrics: Have the figures of all splits.
        headline: Names the figure that says most, with its value.

    Returns:
        None if the newest rows are not among the splits, or no others are.
    """
    found = figures_by_split(metrics)
    newest = found.pop(ROWS["time"], None)
    if newest is None or not found:
        return None
    (name, other), *_ = found.items()
    return (
        f"New rows come after the train rows: expect of them what the newest rows show, "
        f"{headline(newest)}, and not the {headline(other)} that test rows {name} show."
    )
