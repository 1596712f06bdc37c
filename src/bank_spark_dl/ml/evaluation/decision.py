"""Choose the most profitable threshold, and value it."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from pyspark.sql import DataFrame

from bank_spark_dl.ml.column_names import LABEL_INDEX
from bank_spark_dl.ml.evaluation.metrics import probability_bin
from bank_spark_dl.ml.evaluation.results import Decile, Decision, DecisionCurve, Estimate
from bank_spark_dl.parameters import DecisionOptions
from bank_spark_dl.spark.adaptive_execution import one_job_per_action

BINS = 1000
"""Thresholds that are tried, equally spaced over the probabilities."""

CHUNK = 100
"""Resamples that are drawn at a time: 3 MB."""

PEOPLE = 1000
"""Money is given for so many people, called or not."""

ROUNDING = 1e-9
"""Tolerance when calls are compared with the budget: the shares of all people may add up to a
little more than 1."""

NOBODY = 1.001
"""A threshold that no probability reaches."""

Counts = npt.NDArray[np.float64]


@dataclass(frozen=True)
class CallCurve:
    """What calling from the highest probability down brings, at each threshold.

    Each point lies on the exact curve. A threshold between two of them may bring more than the best
    of them, at most what the people of one interval bring.

    Attributes:
        cutoffs: Probabilities from which on people are called, descending, (bins + 1,); the first
            calls nobody, the last everybody.
        calls: Share of all people who are called.
        deposits: Share of all people who are called and say yes.
        profit: Money per person, called or not.
        best: Position of the most profitable threshold that the budget allows; of equals, the one
            with fewest calls.
    """

    cutoffs: Counts
    calls: Counts
    deposits: Counts
    profit: Counts
    best: int


def score_counts(predictions: DataFrame) -> Counts:
    """Count rows by class and probability.

    Args:
        predictions: `label_index` and `probability`.

    Returns:
        (2, BINS): rows of class 0 and 1 in each of BINS equal intervals of the probability.
    """
    binned = predictions.groupBy(LABEL_INDEX, probability_bin(BINS).alias("bin"))
    with one_job_per_action(predictions.sparkSession):
        rows = binned.count().collect()
    counts = np.zeros((2, BINS))
    for row in rows:
        counts[int(row[LABEL_INDEX]), int(row["bin"])] = row["count"]
    return counts


def call_curve(counts: Counts, options: DecisionOptions, prior: float | None) -> CallCurve:
    """Add up calls, deposits and profit from the highest probability down.

    Args:
        counts: (2, bins): rows of class 0 and 1 in equal intervals of the probability.
        options: Cost of a call, value of a deposit, budget.
        prior: Share of yes among the people to be called, (0, 1); None: as among the rows.
    """
    bins = counts.shape[1]
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    yes = _share_of_yes(counts, prior)
    no_calls, yes_calls = (
        np.concatenate([[0.0], np.cumsum(part[::-1])])
        for part in (shares[0] * (1 - yes), shares[1] * yes)
    )
    calls = no_calls + yes_calls
    profit = options.deposit_value * yes_calls - options.call_cost * calls
    limit = np.inf if options.budget is None else options.budget
    affordable = PEOPLE * options.call_cost * calls <= limit * (1 + ROUNDING)
    return CallCurve(
        cutoffs=np.concatenate([[NOBODY], np.linspace(1, 0, bins + 1)[1:]]),
        calls=calls,
        deposits=yes_calls,
        profit=profit,
        best=int(np.argmax(np.where(affordable, profit, -np.inf))),
    )


def make_decision(
    counts: Counts, options: DecisionOptions, prior: float | None, seed: int
) -> Decision:
    """Find the most profitable threshold and how sure it is.

    Args:
        counts: The answer of score_counts.
        options: Cost of a call, value of a deposit, budget, number of resamples.
        prior: See call_curve.
        seed: Of the resamples.

    Returns:
        Intervals are of rows drawn with replacement; deciles are read off the curve by straight
        lines, so exact to within the people between two thresholds.
    """
    curve = call_curve(counts, options, prior)
    drawn = resamples(counts, options.bootstrap, seed)
    figures = [_best_figures(call_curve(resample, options, prior)) for resample in drawn]
    ends = np.quantile(figures, [0.025, 0.975], axis=0)
    cutoff, calls, profit = (
        Estimate(*map(float, estimate))
        for estimate in zip(_best_figures(curve), *ends, strict=True)
    )
    shares = (curve.cutoffs, curve.calls, curve.deposits, curve.profit)
    return Decision(
        prior=_share_of_yes(counts, prior),
        call_cost=options.call_cost,
        deposit_value=options.deposit_value,
        budget=options.budget,
        cutoff=cutoff,
        calls=calls,
        profit_per_1000=profit,
        deciles=_deciles(curve),
        curve=DecisionCurve(*(tuple(values.tolist()) for values in shares)),
    )


def resamples(counts: Counts, number: int, seed: int) -> Iterator[Counts]:
    """Draw the rows with replacement, in chunks: all resamples at once may take gigabytes."""
    generator, shares = np.random.default_rng(seed), counts.ravel() / counts.sum()
    for begin in range(0, number, CHUNK):
        drawn = generator.multinomial(int(counts.sum()), shares, min(CHUNK, number - begin))
        yield from drawn.reshape(-1, *counts.shape).astype(np.float64)


def _share_of_yes(counts: Counts, prior: float | None) -> float:
    return float(counts[1].sum() / counts.sum()) if prior is None else prior


def _deciles(curve: CallCurve) -> tuple[Decile, ...]:
    reached = np.interp(np.linspace(0, 1, 11), curve.calls, curve.deposits)
    overall = float(curve.deposits[-1])
    return tuple(
        Decile(float(yes), float(yes / overall) if overall else 0.0)
        for yes in np.diff(reached) * 10
    )


def _best_figures(curve: CallCurve) -> tuple[float, float, float]:
    best = curve.best
    return curve.cutoffs[best], curve.calls[best], PEOPLE * curve.profit[best]
