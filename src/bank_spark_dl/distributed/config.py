"""The settings of a training as plain, checked values."""

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from bank_spark_dl.distributed.converters import Converter, to_number, to_whole
from bank_spark_dl.errors import ParameterError

CALIBRATIONS = ("none", "temperature", "platt")
MERGES = ("reset", "average", "keep")
SEEDS = 2**32
MONITORS = ("loss", "val_loss", "val_accuracy", "val_auc")


@dataclass(frozen=True)
class EarlyStopping:
    """When to stop before the last round.

    Attributes:
        monitor: Figure to watch, one of `MONITORS`.
        patience: Rounds without improvement before training stops.
        min_delta: Smallest change that counts as improvement.
    """

    monitor: str = "val_loss"
    patience: int = 3
    min_delta: float = 0.0

    def __post_init__(self) -> None:
        """Check the values."""
        require(self.monitor in MONITORS, "early_stopping.monitor", self.monitor, one_of(MONITORS))
        whole, number = is_taken(to_whole, self.patience), is_taken(to_number, self.min_delta)
        require(whole, "early_stopping.patience", self.patience, "a whole number")
        require(number, "early_stopping.min_delta", self.min_delta, "a number")
        require(self.patience >= 0, "early_stopping.patience", self.patience, "0 or more")
        require(self.min_delta >= 0, "early_stopping.min_delta", self.min_delta, "0 or more")

    def improves(self, figure: float | None, best: float | None) -> bool:
        """Tell whether a figure is better than the best so far; None, NaN and infinity are not."""
        if figure is None or not math.isfinite(figure):
            return False
        if best is None:
            return True
        gain = best - figure if self.monitor.endswith("loss") else figure - best
        return gain > self.min_delta


@dataclass(frozen=True)
class TrainingSettings:
    """What decides the result of a training, besides the network and the rows.

    Attributes:
        num_workers: Number of shards, and of parallel copies of the network.
        epochs: Passes over the training rows.
        batch_size: Rows of a step.
        validation_split: Share of the rows held back, in [0, 1).
        seed: Decides layout, first weights, shuffles and dropout.
        merge: What happens to the optimizer's state after a round: `reset` starts it anew,
            `average` merges it like the weights, `keep` leaves each worker its own.
        steps_per_round: Steps between two merges; None is a whole epoch.
        early_stopping: When to stop before the last round.
        threshold: Probability above which label 1 is predicted.
        calibration: What is fitted to the validation rows when training is over.
        prior: Share of label 1 among the rows to come, (0, 1); None is that of the rows here.
    """

    num_workers: int
    epochs: int
    batch_size: int
    validation_split: float
    seed: int
    merge: str
    steps_per_round: int | None
    early_stopping: EarlyStopping | None
    threshold: float
    calibration: str
    prior: float | None = None

    def __post_init__(self) -> None:
        """Check the values."""
        for name in ("num_workers", "epochs", "batch_size"):
            require(getattr(self, name) >= 1, name, getattr(self, name), "1 or more")
        split = self.validation_split
        require(0 <= split < 1, "validation_split", split, "at least 0 and below 1")
        require(0 <= self.seed < SEEDS, "seed", self.seed, f"at least 0 and below {SEEDS}")
        require(0 <= self.threshold <= 1, "threshold", self.threshold, "at least 0 and at most 1")
        require(self.merge in MERGES, "merge", self.merge, one_of(MERGES))
        require(
            self.calibration in CALIBRATIONS, "calibration", self.calibration, one_of(CALIBRATIONS)
        )
        steps = self.steps_per_round
        require(steps is None or steps >= 1, "steps_per_round", steps, "1 or more, or None")
        if self.early_stopping and self.early_stopping.monitor != "loss" and split == 0:
            raise ParameterError(
                f"early_stopping watches {self.early_stopping.monitor}, but with "
                "validation_split=0 there are no validation rows: hold some back, or watch loss."
            )

        if self.calibration != "none" and split == 0:
            raise ParameterError(
                f"calibration={self.calibration} is fitted to the validation rows, but with "
                "validation_split=0 there are none: hold some back, or use none."
            )

    def fingerprint(self) -> dict[str, Any]:
        """Return what decides the rounds as plain JSON values, to compare two trainings."""
        record: dict[str, Any] = json.loads(json.dumps(asdict(self)))
        del record["calibration"]  # fitted when all rounds are over
        return record


def require(holds: bool, name: str, value: object, allowed: str) -> None:
    """Raise ParameterError for a value out of range."""
    if not holds:
        raise ParameterError(f"{name} must be {allowed}, but is {value!r}.")


def is_taken(converter: Converter, value: Any) -> bool:
    """Tell whether a converter takes a value."""
    try:
        converter(value)
    except TypeError:
        return False
    return True


def one_of(names: tuple[str, ...]) -> str:
    """Say what is allowed."""
    return f"one of {', '.join(names)}"


def early_stopping_from(options: Mapping[str, Any] | None) -> EarlyStopping | None:
    """Read early stopping's options.

    Raises:
        ParameterError: An option is unknown or out of range.
    """
    if options is None:
        return None
    unknown = set(options) - set(EarlyStopping.__dataclass_fields__)
    if unknown:
        known = ", ".join(EarlyStopping.__dataclass_fields__)
        raise ParameterError(
            f"early_stopping knows no {', '.join(sorted(unknown))}: it takes {known}."
        )
    return EarlyStopping(**options)
