"""The configuration of a training as plain, checked values."""

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from bank_spark_dl.distributed.converters import (
    NOT_NEGATIVE,
    checked,
    one_of,
    to_mapping,
    whole_number,
)
from bank_spark_dl.errors import ParameterError

CLASS_MONITORS = ("loss", "val_loss", "val_accuracy", "val_auc")
MANY_CLASS_MONITORS = (*CLASS_MONITORS, "val_auc_weighted", "val_log_loss", "val_top_k")
NUMBER_MONITORS = ("loss", "val_loss", "val_rmse", "val_mae", "val_r2")
MONITORS = tuple(dict.fromkeys(MANY_CLASS_MONITORS + NUMBER_MONITORS))
_SMALLER_IS_BETTER = ("loss", "rmse", "mae")


@dataclass(frozen=True)
class EarlyStopping:
    """When to stop before the last round.

    Attributes:
        monitor: Figure to monitor, one of `MONITORS`.
        patience: Rounds without improvement before training stops.
        min_delta: Smallest change that counts as improvement.
    """

    monitor: str = "val_loss"
    patience: int = 3
    min_delta: float = 0.0

    def __post_init__(self) -> None:
        """Check the values."""
        checked("early_stopping.monitor", one_of(*MONITORS), self.monitor)
        checked("early_stopping.patience", whole_number(0), self.patience)
        checked("early_stopping.min_delta", NOT_NEGATIVE, self.min_delta)

    def improves(self, figure: float | None, best: float | None) -> bool:
        """Tell whether a figure is better than the best so far; None, NaN and infinity are not."""
        if figure is None or not math.isfinite(figure):
            return False
        if best is None:
            return True
        smaller = self.monitor.endswith(_SMALLER_IS_BETTER)
        gain = best - figure if smaller else figure - best
        return gain > self.min_delta


def to_early_stopping(value: Any) -> dict[str, Any]:
    """Accept the attributes of `EarlyStopping` as a mapping.

    Raises:
        TypeError: It is no mapping.
        ParameterError: A key is unknown, or its value out of range.
    """
    options = to_mapping(value)
    known = EarlyStopping.__dataclass_fields__
    if unknown := sorted(options.keys() - known.keys()):
        raise ParameterError(
            f"early_stopping has no option {', '.join(unknown)}: it has {', '.join(known)}."
        )
    EarlyStopping(**options)
    return options


@dataclass(frozen=True)
class NetworkConfig:
    """What a process needs to compile the network. Hashable: compiled networks are cached by it.

    Attributes:
        keras_model_config: Network as Keras JSON.
        loss: Name of a Keras loss.
        metrics: Names of Keras metrics.
        optimizer_config: Keras configuration of the optimizer, `class_name` and `config`.
        learning_rate_schedule: Keras configuration of a schedule, or None.
        class_weights: Weight of the loss for each label, or None.
        classes: Number of classes; None: labels are numbers.
        weighted: Whether each row has a weight.
    """

    keras_model_config: str
    loss: str
    metrics: tuple[str, ...]
    optimizer_config: Mapping[str, Any]
    learning_rate_schedule: Mapping[str, Any] | None = None
    class_weights: tuple[float, ...] | None = None
    classes: int | None = 2
    weighted: bool = False

    def __hash__(self) -> int:
        """Hash the configurations by their JSON."""
        return hash(json.dumps(asdict(self), sort_keys=True))


@dataclass(frozen=True)
class TrainingConfig:
    """What decides the result of a training, besides the rows.

    The estimator's `Param`s of the same names document and check the values.

    Attributes:
        network: The network and how it is compiled.
        num_workers: Number of shards, and of parallel copies of the network.
        epochs: Passes over the training rows, for which learning rates are scheduled.
        batch_size: Rows of a train step.
        validation_split: Fraction of the rows held out for validation, [0, 1); None: a column
            marks them.
        seed: Decides partitioning, initial weights, shuffling and dropout.
        merge: Optimizer state after a round: `reset` starts anew, `average` averages it like the
            weights, `keep` leaves each worker its own.
        steps_per_round: Train steps between two averages; None is a whole epoch.
        early_stopping: When to stop before the last round, or None.
        max_shard_mb: Largest shard that is mapped into memory, in mebibytes.
        threshold: Probability above which label 1 of two is predicted, [0, 1].
        calibration: Fitted to the validation rows after training: none, temperature or platt.
        prior: Share of label 1 among the rows to be scored, (0, 1); None: as in the training rows.
        thresholds: Of more than two classes, what probabilities are divided by to predict one.
        standardize_label: Whether the network is trained on standardized numbers.
        stop_epoch: Passes after which the training ends, before its schedule does; None: all.
    """

    network: NetworkConfig
    num_workers: int
    epochs: int
    batch_size: int
    validation_split: float | None
    seed: int
    merge: str
    steps_per_round: int | None
    early_stopping: EarlyStopping | None
    max_shard_mb: float
    threshold: float = 0.5
    calibration: str = "none"
    prior: float | None = None
    thresholds: tuple[float, ...] | None = None
    standardize_label: bool = False
    stop_epoch: int | None = None

    def __post_init__(self) -> None:
        """Check that there are validation rows where they are needed."""
        monitor = self.early_stopping.monitor if self.early_stopping else None
        missing = missing_validation_rows(
            self.validation_split,
            ("early_stopping.monitor", monitor, "loss"),
            ("calibration", self.calibration, "none"),
        )
        if missing:
            raise ParameterError(f"{missing}.")

    def fingerprint(self) -> dict[str, Any]:
        """Return what decides the rounds as plain JSON values, to compare two trainings."""
        record = asdict(self)
        record |= record.pop("network")
        del record["calibration"], record["max_shard_mb"]  # they change no round
        for name in _NEW:
            if record[name] == _DEFAULTS[name]:  # as in checkpoints of earlier versions
                del record[name]
        for name in ("optimizer_config", "learning_rate_schedule"):
            record[name] = record[name] and json.dumps(record[name], sort_keys=True)
        plain: dict[str, Any] = json.loads(json.dumps(record))
        return plain


_NEW = ("classes", "weighted", "thresholds", "standardize_label", "stop_epoch")
_DEFAULTS = {
    field.name: field.default for part in (NetworkConfig, TrainingConfig) for field in fields(part)
}


def missing_validation_rows(
    validation_split: float | None, *needing: tuple[str, str | None, str]
) -> str | None:
    """Say what needs validation rows where there are none; None if nothing does.

    Args:
        validation_split: Fraction of the rows held out for validation; None: a column marks them.
        *needing: A parameter, its value, and the value that needs no validation rows; so does None.
    """
    for key, value, otherwise in needing:
        if validation_split == 0 and value not in (None, otherwise):
            return (
                f"{key} is {value}, which needs validation rows, but validation_split is 0: raise "
                f"validation_split, or set {key} to {otherwise}"
            )
    return None
