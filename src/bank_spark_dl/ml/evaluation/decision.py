"""From probabilities to calls: whom to call, how many, and what it is worth."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from bank_spark_dl.ml.column_names import LABEL_INDEX, ROW_ID
from bank_spark_dl.parameters import DecisionOptions
from bank_spark_dl.spark.adaptive_execution import one_job_per_action

BINS = 1000
"""Cut-offs that are tried, equally spaced over the probabilities."""

ACCURACY = 10_000
"""Of approximate quantiles: their ranks are off by no more than a 10,000th of the rows."""

CHUNK = 100
"""Resamples that are drawn at a time: 3 MB."""

PEOPLE = 1000
"""Money is given for so many people, called or not."""

ROUNDING = 1e-9
"""A budget for everybody pays for everybody, though their shares add up to a little more than 1."""

NOBODY = 1.001
"""A cut-off that no probability reaches."""

Counts = npt.NDArray[np.float64]


@dataclass(frozen=True)
class CallCurve:
    """What calling from the highest probability down brings, at each cut-off.

    Each point lies on the exact curve. A cut-off between two of them may bring more than the best
    of them, at most what the people of one interval bring.

    Attributes:
        cutoffs: Probabilities from which on people are called, descending, (bins + 1,); the first
            calls nobody, the last everybody.
        calls: Share of all people who are called.
        deposits: Share of all people who are called and say yes.
        profit: Money per person, called or not.
        best: Position of the most profitable cut-off that the budget allows; of equals, the one
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
    place = F.floor(F.col("probability") * BINS)
    binned = predictions.groupBy(LABEL_INDEX, F.least(place, F.lit(BINS - 1)).alias("bin"))
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
    yes = prior if prior is not None else counts[1].sum() / counts.sum()
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


def describe_decision(
    counts: Counts, options: DecisionOptions, prior: float | None, seed: int
) -> dict[str, Any]:
    """Find the most profitable cut-off and how sure it is.

    Args:
        counts: The answer of score_counts.
        options: Cost of a call, value of a deposit, budget, number of resamples.
        prior: See call_curve.
        seed: Of the resamples.

    Returns:
        `prior`, `call_cost`, `deposit_value`, `budget`; `cutoff`, `calls` and `profit_per_1000`,
        each with `best` and the `low` and `high` of a 95% bootstrap interval (rows drawn with
        replacement); `deciles`: for each tenth of the people, the highest probabilities first, the
        share of `yes` and its `lift` over that of all, read off the curve by straight lines, so
        exact to within the people between two cut-offs; and `curve` with the lists `cutoffs`,
        `calls`, `deposits`, `profit`, see CallCurve. The cut-off is chosen and valued on the same
        rows, so the profit is a little too good.
    """
    curve = call_curve(counts, options, prior)
    figures = np.array(
        [
            _best_figures(call_curve(resample, options, prior))
            for resample in resamples(counts, options.bootstrap, seed)
        ]
    )
    low, high = np.quantile(figures, [0.025, 0.975], axis=0)
    names = ("cutoff", "calls", "profit_per_1000")
    best = _best_figures(curve)
    return {
        "prior": prior if prior is not None else counts[1].sum() / counts.sum(),
        "call_cost": options.call_cost,
        "deposit_value": options.deposit_value,
        "budget": options.budget,
        **{
            name: {"best": best[n], "low": float(low[n]), "high": float(high[n])}
            for n, name in enumerate(names)
        },
        "deciles": _deciles(curve),
        "curve": {
            "cutoffs": curve.cutoffs.tolist(),
            "calls": curve.calls.tolist(),
            "deposits": curve.deposits.tolist(),
            "profit": curve.profit.tolist(),
        },
    }


def rank_rows(predictions: DataFrame) -> DataFrame:
    """Rank rows by probability.

    Args:
        predictions: `row_id` and `probability`.

    Returns:
        `row_id`, `probability` and `decile` (1 holds the highest tenth, within a 10,000th of the
        rows), the highest probability first.
    """
    shares = F.array(*(F.lit(tenth / 10) for tenth in range(9, 0, -1)))
    deciles = predictions.agg(F.percentile_approx("probability", shares, ACCURACY))
    with one_job_per_action(predictions.sparkSession):
        edges = deciles.collect()[0][0]
    decile = sum(((F.col("probability") <= edge).cast("int") for edge in edges), F.lit(1))
    return predictions.select(ROW_ID, "probability", decile.alias("decile")).orderBy(
        F.desc("probability"), ROW_ID
    )


def make_call_list(predictions: DataFrame, cutoff: float) -> DataFrame:
    """Rank rows by probability, and say who is called.

    Args:
        predictions: See rank_rows.
        cutoff: Probability from which on a row is to be called.

    Returns:
        The columns of rank_rows and `decision` (`call` or `leave`).
    """
    decision = F.when(F.col("probability") >= cutoff, "call").otherwise("leave")
    return rank_rows(predictions).withColumn("decision", decision)


def resamples(counts: Counts, number: int, seed: int) -> Iterator[Counts]:
    """Draw the rows with replacement, some resamples at a time: all of them may take gigabytes."""
    generator, shares = np.random.default_rng(seed), counts.ravel() / counts.sum()
    for begin in range(0, number, CHUNK):
        drawn = generator.multinomial(int(counts.sum()), shares, min(CHUNK, number - begin))
        yield from drawn.reshape(-1, *counts.shape).astype(np.float64)


def _deciles(curve: CallCurve) -> list[dict[str, float]]:
    reached = np.interp(np.linspace(0, 1, 11), curve.calls, curve.deposits)
    overall = float(curve.deposits[-1])
    return [
        {"yes": float(yes), "lift": float(yes / overall) if overall else 0.0}
        for yes in np.diff(reached) * 10
    ]


def _best_figures(curve: CallCurve) -> tuple[float, float, float]:
    best = curve.best
    return float(curve.cutoffs[best]), float(curve.calls[best]), float(PEOPLE * curve.profit[best])
