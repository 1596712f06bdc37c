"""Compare new rows with the train rows, column by column."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass

from bank_spark_dl.errors import InputDataError
from bank_spark_dl.ml.monitoring.bin_counts import BinCounts
from bank_spark_dl.ml.monitoring.histograms import Histogram, NumberHistogram, TrainingProfile
from bank_spark_dl.ml.monitoring.psi import population_stability_index, psi_by_chance
from bank_spark_dl.parameters import DriftOptions

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class ColumnDrift:
    """How far a column of new rows is from the same column of the train rows.

    Attributes:
        psi: Population stability index over the bins of the training profile.
        psi_by_chance: The 99.9th percentile of the PSI of so many rows without any drift.
        missing: Share of rows without a value, [0, 1].
    """

    psi: float
    psi_by_chance: float
    missing: float


@dataclass(frozen=True)
class NumberDrift(ColumnDrift):
    """Drift of a column of numbers or times.

    Attributes:
        out_of_range: Share of rows outside of the train rows' minimum and maximum, [0, 1].
    """

    out_of_range: float


@dataclass(frozen=True)
class CategoryDrift(ColumnDrift):
    """Drift of a column of text or booleans.

    Attributes:
        unseen: Share of rows whose value no train row holds, [0, 1]; None where the training
            profile does not list all values.
        unseen_values: At most two of these values.
    """

    unseen: float | None
    unseen_values: list[str]


@dataclass(frozen=True)
class DriftReport:
    """New rows compared with the train rows.

    Attributes:
        rows: Number of new rows.
        columns: By raw name.
        drifted: By the raw name of each drifted column, the thresholds that it exceeds, in words.
    """

    rows: int
    columns: dict[str, NumberDrift | CategoryDrift]
    drifted: dict[str, list[str]]


@dataclass(frozen=True)
class StreamDriftReport(DriftReport):
    """A stream's last batch compared with the train rows.

    Attributes:
        batch: Number of the batch, from 0.
        drifted_batches: Batches with drift since the run began.
    """

    batch: int
    drifted_batches: int


def compare_with_training(
    counted: Mapping[str, BinCounts], profile: TrainingProfile, options: DriftOptions
) -> DriftReport:
    """Compare counts of new rows with those of the train rows.

    Args:
        counted: By raw name; at least one row in each.
        profile: The train rows' histograms, of these columns at least.
        options: The thresholds.
    """
    columns = {name: _compare(found, profile[name]) for name, found in counted.items()}
    exceeded = {name: _exceeded(column, options) for name, column in columns.items()}
    return DriftReport(
        rows=max((sum(found.counts) for found in counted.values()), default=0),
        columns=columns,
        drifted={name: reasons for name, reasons in exceeded.items() if reasons},
    )


def may_be_unusable(drift: DriftReport) -> bool:
    """Tell whether rows hold a missing value or a text that may be in no train row."""
    return any(
        column.missing or (isinstance(column, CategoryDrift) and column.unseen != 0)
        for column in drift.columns.values()
    )


def act_on_drift(drifted: Mapping[str, list[str]], options: DriftOptions, source: str) -> None:
    """Ignore drift, warn of it or stop, as the options say.

    Args:
        drifted: By the raw name of each drifted column, why.
        options: The action.
        source: Where the rows come from, for the message.

    Raises:
        InputDataError: A column has drifted, and the options say stop.
    """
    if not drifted or options.action == "ignore":
        return
    listed = "; ".join(f"{name} ({', '.join(signs)})" for name, signs in drifted.items())
    said = f"{source}: the rows have drifted from the train rows in {listed}."
    if options.action == "stop":
        raise InputDataError(
            f"{said} Train on newer rows, or set scoring.drift.action to warn to score these."
        )
    logger.warning(said)


def _compare(new: BinCounts, trained: Histogram) -> NumberDrift | CategoryDrift:
    psi = population_stability_index(trained.counts, new.counts)
    by_chance = psi_by_chance(trained.counts, new.counts)
    rows = sum(new.counts)
    share, missing = None if new.outside is None else new.outside / rows, new.counts[-1] / rows
    if isinstance(trained, NumberHistogram):
        return NumberDrift(psi, by_chance, missing, share or 0.0)
    values = {value for value in (new.first, new.last) if value is not None}
    return CategoryDrift(psi, by_chance, missing, share, sorted(values))


def _exceeded(column: NumberDrift | CategoryDrift, options: DriftOptions) -> list[str]:
    """Say in words which thresholds a column exceeds."""
    reasons = []
    if column.psi > max(options.psi, column.psi_by_chance):
        reasons.append(f"PSI {column.psi:.3f}, above {options.psi}")
    if isinstance(column, NumberDrift):
        if column.out_of_range > options.out_of_range:
            share, limit = f"{column.out_of_range:.2%}", f"{options.out_of_range:.2%}"
            reasons.append(f"{share} out of range, above {limit}")
    elif (column.unseen or 0.0) > options.unseen:
        values = ", ".join(map(repr, column.unseen_values))
        reasons.append(f"{column.unseen:.2%} unseen such as {values}, above {options.unseen:.2%}")
    return reasons
