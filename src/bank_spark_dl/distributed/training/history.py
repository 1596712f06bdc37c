"""What a training tells about itself."""

from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass
class TrainingHistory:
    """Record of one training; everything in it is plain JSON.

    Attributes:
        num_workers: Workers that trained.
        epochs: Epochs asked for.
        seed: Seed of the training.
        batch_size: Rows of a step.
        training_rows: Rows trained on in each epoch.
        validation_rows: Rows held back.
        rounds: One entry for each round: `round` and `epoch` (from 0), `loss`, the metrics,
            `val_loss`, `val_accuracy`, `val_auc`, `val_auc_error`, `seconds` (of training it), and
            `workers`: for each `worker`, `rows`, `steps`, `loss`, the metrics, `step_norm` and
            `cosine`.
        best_round: Round whose weights were kept, if early stopping watched.
        finished: No round is left to train or to validate.
        weights_sha256: Hash of the final weights, see `merge.weights_sha256`.
    """

    num_workers: int
    epochs: int
    seed: int
    batch_size: int
    training_rows: int
    validation_rows: int
    rounds: list[dict[str, Any]] = field(default_factory=list)
    best_round: int | None = None
    finished: bool = False
    weights_sha256: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return the record as plain dictionaries and lists."""
        return asdict(self)

    @classmethod
    def from_dict(cls, record: dict[str, Any]) -> "TrainingHistory":
        """Rebuild a record from the result of `to_dict`."""
        return cls(**record)
