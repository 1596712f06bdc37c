"""The record of a training: its rounds, and each worker's part in them."""

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any, Self

from pydantic import TypeAdapter, model_serializer, model_validator


@dataclass(frozen=True, kw_only=True)
class TrainingFigures:
    """Loss and metrics of rows trained on.

    In JSON the metrics stand beside the other figures, and figures that are None are left out.

    Attributes:
        loss: Mean loss; None where there was no row.
        metrics: The other Keras metrics by name.
    """

    loss: float | None
    metrics: dict[str, float]

    @model_serializer(mode="wrap")
    def _flatten(self, as_fields: Callable[[Any], dict[str, Any]]) -> dict[str, Any]:
        record = as_fields(self)
        metrics: dict[str, Any] = record.pop("metrics")
        return {name: value for name, value in record.items() if value is not None} | metrics

    @model_validator(mode="before")
    @classmethod
    def _nest(cls, record: Any) -> Any:
        if not isinstance(record, dict):
            return record
        names = {field.name for field in fields(cls)}
        given = {name: value for name, value in record.items() if value is not None}
        metrics = {name: value for name, value in given.items() if name not in names}
        known = {name: value for name, value in given.items() if name in names}
        return {"loss": None, "metrics": metrics} | known


@dataclass(frozen=True, kw_only=True)
class WorkerRound(TrainingFigures):
    """A worker's part in a round.

    Attributes:
        worker: Its number, from 0.
        rows: Rows it trained on.
        steps: Train steps it did.
        seconds: Time it computed.
        step_norm: Euclidean norm of the change of its weights in the round.
        cosine: Cosine between that change and the change of the averaged weights, [-1, 1]; 0 if
            either did not move.
    """

    worker: int
    rows: int
    steps: int
    seconds: float
    step_norm: float
    cosine: float


@dataclass(frozen=True, kw_only=True)
class Round(TrainingFigures):
    """A round: train steps on every worker, then the average of their weights.

    Loss and metrics are means over the workers, weighted by their rows, or the rows' weights; a
    worker's are Keras's, whose metrics know no weights.

    Attributes:
        round: Number of the round, from 0.
        epoch: Number of the epoch it belongs to, from 0.
        workers: What each worker did, in worker order.
        seconds: Time it took.
        val_loss: Mean loss of the validation rows; None without such rows, as all `val_` figures.
        val_accuracy: Share of the validation rows that are predicted correctly, [0, 1].
        val_auc: Area under their ROC curve, [0, 1]; None also where they have one label only.
        val_auc_error: By how much binned probabilities can have changed `val_auc` at most.
        val_auc_weighted: Of more than two classes, as `val_log_loss` and `val_top_k`: the mean over
            classes weighted by their rows; `val_auc` is the plain mean, each class against the
            others.
        val_log_loss: Their log loss, in nats.
        val_top_k: Share of them whose class is among the three most probable ones, [0, 1].
        val_rmse: Of labels that are numbers, as `val_mae` and `val_r2`: root mean squared error, in
            the label's units.
        val_mae: Mean absolute error, in the label's units.
        val_r2: Coefficient of determination; None where all labels are the same.
    """

    round: int
    epoch: int
    workers: tuple[WorkerRound, ...]
    seconds: float
    val_loss: float | None = None
    val_accuracy: float | None = None
    val_auc: float | None = None
    val_auc_error: float | None = None
    val_auc_weighted: float | None = None
    val_log_loss: float | None = None
    val_top_k: float | None = None
    val_rmse: float | None = None
    val_mae: float | None = None
    val_r2: float | None = None


@dataclass(frozen=True)
class TrainingHistory:
    """Record of one training.

    Attributes:
        num_workers: Workers that trained.
        epochs: Epochs asked for.
        seed: Seed of the training.
        batch_size: Rows of a train step.
        training_rows: Rows trained on in each epoch.
        validation_rows: Rows held out for validation.
        rounds: All rounds so far.
        best_round: Round whose weights were kept, if early stopping was on.
        finished: No round is left to train or to validate.
        weights_sha256: Hash of the final weights, see `averaging.weights_sha256`.
    """

    num_workers: int
    epochs: int
    seed: int
    batch_size: int
    training_rows: int
    validation_rows: int
    rounds: tuple[Round, ...] = ()
    best_round: int | None = None
    finished: bool = False
    weights_sha256: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return the record as what `json.dumps` takes."""
        record: dict[str, Any] = TypeAdapter(type(self)).dump_python(self)
        return record

    @classmethod
    def from_dict(cls, record: dict[str, Any]) -> Self:
        """Rebuild a record from the result of `to_dict`."""
        return TypeAdapter(cls).validate_python(record)
