"""Say what a search has found."""

from typing import Any

from bank_spark_dl.ml.evaluation.intervals import Interval
from bank_spark_dl.pipelines.tuning.results import Tuning, loss


def describe_tuning(tuning: Tuning) -> str:
    """Describe the best settings and whether they are better, for the terminal."""
    states = ", ".join(f"{number} {state}" for state, number in tuning.trials.items())
    lines = [f"{sum(tuning.trials.values())} trials ({states})"]
    names = dict.fromkeys([*tuning.best.parameters, *tuning.default.parameters])
    width = max(map(len, names), default=0)
    for name in names:
        before, now = (_shown(each.parameters, name) for each in (tuning.default, tuning.best))
        lines.append(f"  {name:{width}}  {now if now == before else f'{before} -> {now}'}")
    default, best = (
        getattr(each.figures, tuning.objective).mean for each in (tuning.default, tuning.best)
    )
    lines.append(f"{tuning.objective}: {default:.4f} before, {best:.4f} with these settings")
    return "\n".join([*lines, tuning.verdict])


def describe_difference(objective: str, best: int, difference: Interval) -> str:
    """Say in one sentence whether the best settings are better than the first ones.

    Args:
        objective: Figure that was sought.
        best: Number of the best trial.
        difference: Its objective minus that of the first one.
    """
    if not best:
        return "No trial was better than the settings that the search started with."
    words = {-1: "better", 0: "neither better nor worse", 1: "worse"}
    word = words[int(loss(objective, difference.sign))]
    low, high = (f"{end:+.3g}" for end in (difference.low, difference.high))
    return (
        f"Beyond the noise of folds and seeds, the best settings are {word}: trained again, their "
        f"{objective} differs by {difference.mean:+.3g} (95% interval {low} to {high})."
    )


def _shown(parameters: dict[str, Any], name: str) -> str:
    value = parameters.get(name, "not used")
    return f"{value:.4g}" if isinstance(value, float) else str(value)
