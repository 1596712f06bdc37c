"""What each worker will do, known before the first round."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bank_spark_dl.distributed.config import TrainingSettings
from bank_spark_dl.errors import ParameterError


@dataclass(frozen=True)
class Plan:
    """Rows, steps and rounds of a training.

    Attributes:
        training_rows: Rows of each worker's shard to train on.
        validation_rows: Rows of each worker's shard to validate on.
        class_rows: All rows, to train and to validate on, of label 0 and of label 1.
        batch_size: Rows of a step.
        epochs: Passes over the rows.
        steps_per_round: Steps of each worker between two merges; an epoch's last round takes what
            is left.
        rounds_per_epoch: Merges in an epoch.
    """

    training_rows: tuple[int, ...]
    validation_rows: tuple[int, ...]
    class_rows: tuple[int, int]
    batch_size: int
    epochs: int
    steps_per_round: int
    rounds_per_epoch: int

    @property
    def rounds(self) -> int:
        """Rounds of the whole training."""
        return self.epochs * self.rounds_per_epoch

    @property
    def steps(self) -> int:
        """Steps that the worker with most rows does in the whole training."""
        return self.epochs * math.ceil(max(self.training_rows) / self.batch_size)

    def fingerprint(self) -> dict[str, Any]:
        """Return what decides the rounds, besides settings, if there are several in an epoch."""
        return {"rounds_per_epoch": self.rounds_per_epoch} if self.rounds_per_epoch > 1 else {}

    def sentence(self) -> str:
        """Say in one line what each worker will do."""
        workers = len(self.training_rows)
        low, high = min(self.training_rows), max(self.training_rows)
        rows = f"{low:,}" if low == high else f"{low:,} to {high:,}"
        return (
            f"Training on {sum(self.training_rows):,} rows, validating on "
            f"{sum(self.validation_rows):,}: {workers} worker{'s' * (workers > 1)} with {rows} "
            f"rows, {self.steps_per_round:,} steps of {self.batch_size} rows a round, "
            f"{self.rounds:,} rounds ({self.epochs} epochs)."
        )


def make_plan(
    training_rows: Sequence[int],
    validation_rows: Sequence[int],
    class_rows: tuple[int, int],
    settings: TrainingSettings,
) -> Plan:
    """Plan a training and refuse one that cannot work.

    Args:
        training_rows: Training rows of each worker.
        validation_rows: Validation rows of each worker.
        class_rows: All rows of label 0 and of label 1.
        settings: The training's settings.

    Returns:
        The plan.

    Raises:
        ParameterError: A worker has no rows or fewer than one batch, or no rows are left to
            validate on; it names a num_workers or batch_size that works.
    """
    total, smallest = sum(training_rows), min(training_rows)
    require_worker_rows(total, settings)
    if smallest < settings.batch_size:
        raise ParameterError(_too_few_rows(smallest, total, settings))
    if settings.validation_split > 0 and sum(validation_rows) == 0:
        raise ParameterError(
            f"validation_split={settings.validation_split} of {total:,} rows leaves no row to "
            "validate on: use a larger share, or 0."
        )
    epoch_steps = math.ceil(max(training_rows) / settings.batch_size)
    steps = min(settings.steps_per_round or epoch_steps, epoch_steps)
    return Plan(
        tuple(training_rows),
        tuple(validation_rows),
        class_rows,
        settings.batch_size,
        settings.epochs,
        steps,
        rounds_of_an_epoch(smallest, steps * settings.batch_size),
    )


def require_worker_rows(rows: int, settings: TrainingSettings) -> None:
    """Raise ParameterError if rows are too few for the workers, however they are shared out."""
    if rows == 0:
        raise ParameterError("There are no rows to train on.")
    if rows < settings.num_workers:
        raise ParameterError(_too_few_rows(0, rows, settings))


def rounds_of_an_epoch(rows: int, round_rows: int) -> int:
    """Divide an epoch into rounds.

    A round weighs the same in the merged weights whether it saw many rows or few. So none may be
    the few rows that are left: the last one takes them too, and holds half of a round's rows or
    more.

    Args:
        rows: Training rows of the worker that has fewest.
        round_rows: Rows of a worker in a full round.

    Returns:
        Rounds, 1 or more.
    """
    return max(1, math.floor(rows / round_rows + 0.5))


def _too_few_rows(smallest: int, total: int, settings: TrainingSettings) -> str:
    advice = []
    if total >= settings.batch_size:
        # One worker less than the quotient: shards differ by a few rows.
        fitting = max(1, min(settings.num_workers - 1, total // settings.batch_size - 1))
        advice.append(f"num_workers={fitting}")
    fitting_batch = smallest or total // settings.num_workers
    if fitting_batch:
        advice.append(f"batch_size={fitting_batch}")
    return (
        f"With num_workers={settings.num_workers} a worker gets {smallest:,} of {total:,} training "
        f"rows, fewer than one batch of {settings.batch_size}: use {' or '.join(advice)} or less."
    )


def too_many_workers(num_workers: int, cores: int) -> str | None:
    """Warn of workers that must wait for a core.

    Returns:
        A sentence with the cost, or None when every worker has a core.
    """
    if num_workers <= cores:
        return None
    turns = math.ceil(num_workers / cores)
    return (
        f"{num_workers} workers share {cores} cores: each round takes {turns} turns one after the "
        f"other, so it is no faster than {cores} workers and each model copy sees fewer rows."
    )
