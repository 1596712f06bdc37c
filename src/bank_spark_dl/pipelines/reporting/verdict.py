"""Whether the network is worth having, in sentences."""

from collections.abc import Mapping
from typing import Any


def verdict_sentences(comparisons: Mapping[str, Mapping[str, Any]], rows: int) -> list[str]:
    """Say for each baseline whether the network beats it, by how much and how sure that is.

    Args:
        comparisons: By baseline, the network's accuracy minus the baseline's on the same rows, with
            `mean`, `low` and `high` of its 95% interval.
        rows: Number of those rows.

    Returns:
        A sentence for each baseline; it claims a difference only if the interval excludes zero.
    """
    return [
        _sentence(name.replace("_", " "), entry["accuracy"], rows)
        for name, entry in comparisons.items()
    ]


def _sentence(name: str, difference: Mapping[str, float], rows: int) -> str:
    mean, low, high = (100 * difference[key] for key in ("mean", "low", "high"))
    interval = f"{mean:+.1f} points of accuracy, 95% interval {low:+.1f} to {high:+.1f}"
    if low > 0:
        return f"The network beats the {name} ({interval})."
    if high < 0:
        return f"The network is worse than the {name} ({interval})."
    return (
        f"The network neither beats nor loses to the {name} ({interval}, which includes zero): "
        f"{rows:,} test rows cannot tell them apart."
    )
