"""Plan rows, steps and rounds of a training before its first round."""

import math
import warnings
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from bank_spark_dl.distributed.config import TrainingConfig
from bank_spark_dl.distributed.data.counts import NumberLabel
from bank_spark_dl.errors import ParameterError


@dataclass(frozen=True)
class TrainingPlan:
    """What follows from the configuration and the number of rows.

    Attributes:
        training_rows: Training rows of each worker's shard.
        validation_rows: Validation rows of each worker's shard.
        class_rows: All rows, training and validation rows, of each stratum; sums of their weights
            where rows have weights.
        steps_per_round: Train steps of each worker between two averages; an epoch's last round
            takes the rest.
        rounds_per_epoch: Averages in an epoch.
        rounds: Rounds of the training until it ends.
        steps: Train steps that the learning rate schedule is made for, on the worker that has most
            rows.
        number: Mean and standard deviation of labels that are numbers.
    """

    training_rows: tuple[int, ...]
    validation_rows: tuple[int, ...]
    class_rows: tuple[float, ...]
    steps_per_round: int
    rounds_per_epoch: int
    rounds: int
    steps: int
    number: NumberLabel = NumberLabel()  # noqa: RUF009  frozen

    def fingerprint(self) -> dict[str, Any]:
        """Return what decides the rounds, besides the configuration and the rows."""
        rounds = {"rounds_per_epoch": self.rounds_per_epoch} if self.rounds_per_epoch > 1 else {}
        label = {"label": asdict(self.number)} if self.number != NumberLabel() else {}
        return rounds | label

    def of(self, config: TrainingConfig) -> "TrainingPlan":
        """Plan another training on the same shards.

        Raises:
            ParameterError: See `make_plan`.
        """
        rows = (self.training_rows, self.validation_rows, self.class_rows)
        return make_plan(*rows, config, self.number)

    def summary(self, config: TrainingConfig) -> str:
        """Say in one line what each worker will do."""
        workers = len(self.training_rows)
        low, high = min(self.training_rows), max(self.training_rows)
        rows = f"{low:,}" if low == high else f"{low:,} to {high:,}"
        return (
            f"Training on {sum(self.training_rows):,} rows, validating on "
            f"{sum(self.validation_rows):,}: {workers} worker{'s' * (workers > 1)} with {rows} "
            f"rows, {self.steps_per_round:,} steps of {config.batch_size} rows a round, "
            f"{self.rounds:,} rounds ({self.rounds // self.rounds_per_epoch} epochs)."
        )


def make_plan(
    training_rows: Sequence[int],
    validation_rows: Sequence[int],
    class_rows: tuple[float, ...],
    config: TrainingConfig,
    number: NumberLabel = NumberLabel(),  # noqa: B008  frozen
) -> TrainingPlan:
    """Plan a training and refuse one that cannot work.

    Args:
        training_rows: Training rows of each worker.
        validation_rows: Validation rows of each worker.
        class_rows: Rows of each stratum, or sums of their weights.
        config: The training's configuration.
        number: Mean and standard deviation of labels that are numbers.

    Raises:
        ParameterError: A worker has no rows or fewer than one batch, or there are no validation
            rows; it names a num_workers or batch_size that works.
    """
    total, smallest = sum(training_rows), min(training_rows)
    if smallest < config.batch_size:
        raise ParameterError(_too_few_rows(smallest, total, config))
    if config.validation_split is None and sum(validation_rows) == 0:
        raise ParameterError(
            f"validationIndicatorCol marks none of {total:,} rows to validate on: mark some as "
            "true, or leave the parameter out."
        )
    if config.validation_split and sum(validation_rows) == 0:
        raise ParameterError(
            f"validation_split={config.validation_split} of {total:,} rows leaves no row to "
            "validate on: use a larger fraction, or 0."
        )
    epoch_steps = math.ceil(max(training_rows) / config.batch_size)
    steps = min(config.steps_per_round or epoch_steps, epoch_steps)
    rounds_per_epoch = count_rounds(smallest, steps * config.batch_size)
    epochs = min(config.stop_epoch or config.epochs, config.epochs)
    return TrainingPlan(
        tuple(training_rows),
        tuple(validation_rows),
        class_rows,
        steps,
        rounds_per_epoch,
        rounds=epochs * rounds_per_epoch,
        steps=config.epochs * epoch_steps,
        number=number,
    )


def require_worker_rows(rows: int, config: TrainingConfig) -> None:
    """Raise ParameterError if there are fewer rows than workers."""
    if rows == 0:
        raise ParameterError("There are no rows to train on.")
    if rows < config.num_workers:
        raise ParameterError(_too_few_rows(0, rows, config))


def count_rounds(rows: int, round_rows: int) -> int:
    """Count the rounds of an epoch, 1 or more.

    A round has the same weight in the average whether it saw many rows or few. So a short rest is
    added to the last round, and no round has less than half of a full round's rows.

    Args:
        rows: Training rows of the worker that has fewest.
        round_rows: Rows of a worker in a full round.
    """
    return max(1, math.floor(rows / round_rows + 0.5))


def _too_few_rows(smallest: int, total: int, config: TrainingConfig) -> str:
    advice = []
    if total >= config.batch_size:
        # One worker less than the quotient: shards differ by a few rows.
        fitting = max(1, min(config.num_workers - 1, total // config.batch_size - 1))
        advice.append(f"num_workers={fitting}")
    fitting_batch = smallest or total // config.num_workers
    if fitting_batch:
        advice.append(f"batch_size={fitting_batch}")
    return (
        f"With num_workers={config.num_workers} a worker gets {smallest:,} of {total:,} training "
        f"rows, fewer than one batch of {config.batch_size}: use {' or '.join(advice)} or less."
    )


def warn_of_waiting_workers(num_workers: int, cores: int) -> None:
    """Warn of workers that must wait for a core."""
    if num_workers > cores:
        warnings.warn(
            f"{num_workers} workers share {cores} cores: each round takes "
            f"{math.ceil(num_workers / cores)} turns one after the other, so it is no faster than "
            f"{cores} workers and each model copy sees fewer rows.",
            stacklevel=2,
        )
