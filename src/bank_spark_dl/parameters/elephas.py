"""The section `elephas`: how the network is trained on Spark."""

from typing import Annotated, Any, Literal, Self

from pydantic import (
    ConfigDict,
    Discriminator,
    NonNegativeFloat,
    NonNegativeInt,
    PositiveFloat,
    PositiveInt,
    Tag,
    model_validator,
)

from bank_spark_dl.distributed.config import missing_validation_rows
from bank_spark_dl.parameters.fields import Fraction, HalfOpenFraction, Name, Section
from bank_spark_dl.parameters.keras_names import Loss, Metric
from bank_spark_dl.parameters.keras_objects import OptimizerOptions, ScheduleOptions

Monitor = Literal[
    "loss",
    "val_loss",
    "val_accuracy",
    "val_auc",
    "val_auc_weighted",
    "val_log_loss",
    "val_top_k",
    "val_rmse",
    "val_mae",
    "val_r2",
]


class ClassWeightOptions(Section):
    """Weights of classes in the loss; every other key is the name of one of more than two classes.

    Attributes:
        negative: Weight of a row of the negative class, at least 0.
        positive: Weight of a row of the positive class, at least 0.
    """

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, NonNegativeFloat]

    negative: NonNegativeFloat
    positive: NonNegativeFloat

    @model_validator(mode="before")
    @classmethod
    def _names_are_text(cls, given: Any) -> Any:
        """Take the class 3 for "3": YAML reads it as a number without quotes."""
        return (
            {str(name): weight for name, weight in given.items()}
            if isinstance(given, dict)
            else given
        )

    @model_validator(mode="after")
    def _not_all_zero(self) -> Self:
        if not any(self.model_dump().values()):
            raise ValueError("one of the weights must be above 0")
        return self


def _weighting(given: object) -> str:
    return "[all]" if isinstance(given, str) else "[each]"


ClassWeights = Annotated[
    Annotated[ClassWeightOptions, Tag("[each]")] | Annotated[Literal["balanced"], Tag("[all]")],
    Discriminator(_weighting),
]


class EarlyStoppingOptions(Section):
    """When training stops before its last epoch; the best round's weights are restored.

    Attributes:
        monitor: Figure whose best value is sought.
        patience: Rounds without improvement before training stops, at least 0.
        min_delta: Smallest change that is an improvement, at least 0.
    """

    monitor: Monitor = "val_loss"
    patience: NonNegativeInt = 3
    min_delta: NonNegativeFloat = 0.0


class ElephasOptions(Section):
    """How the network is trained on Spark: local SGD with parameter averaging.

    A round is some steps of each worker, after which the workers' weights are averaged.

    Attributes:
        mode: Elephas's mode: workers wait for each other at the end of a round.
        num_workers: Spark tasks that train in parallel, at least 1.
        epochs: Passes over the training rows, at least 1.
        batch_size: Rows of a worker's step, at least 1.
        batch_shared: Divide `batch_size` among the workers.
        validation_split: Fraction of the training rows held out for validation, [0, 1).
        loss: Keras's name of the loss.
        metrics: Keras's names of the metrics recorded for each round.
        optimizer: Keras optimizer.
        merge: Optimizer state of a worker after a round: `reset` to its start, the workers'
            `average`, or each worker's own (`keep`).
        steps_per_round: Steps of a worker in a round, at least 1; None: an epoch.
        max_shard_mb: Largest rows of a worker, in MiB, that are mapped into memory, above 0; larger
            ones are read in blocks.
        learning_rate_schedule: Keras schedule over all steps of the training; None: constant.
        class_weights: Weights of classes in the loss; `balanced`: such that each class has the same
            sum of weights.
        early_stopping: When to stop; None: never, and the last round's weights are kept.
        calibration: Of the probabilities, fitted to the validation rows: temperature scaling (one
            number), Platt scaling (two; only of two classes).
        threshold: Probability above which a row is predicted positive, of two classes, (0, 1);
            `optimal`: the most profitable one on the validation rows.
        checkpoint_dir: Folder for the last finished round, a path or a URI; None:
            `<data_root>/06_models/checkpoint`.
        resume: Continue an interrupted training from its checkpoint.
    """

    mode: Literal["synchronous"]
    num_workers: PositiveInt
    epochs: PositiveInt
    batch_size: PositiveInt
    batch_shared: bool
    validation_split: HalfOpenFraction
    loss: Loss
    metrics: list[Metric]
    optimizer: OptimizerOptions
    merge: Literal["reset", "average", "keep"]
    steps_per_round: PositiveInt | None
    max_shard_mb: PositiveFloat
    learning_rate_schedule: ScheduleOptions | None
    class_weights: ClassWeights
    early_stopping: EarlyStoppingOptions | None
    calibration: Literal["none", "temperature", "platt"]
    threshold: Fraction | Literal["optimal"]
    checkpoint_dir: Name | None
    resume: bool

    def class_weights_are_equal(self) -> bool:
        """Tell whether every class weighs the same in the loss, 1.0."""
        weights = self.class_weights
        return weights != "balanced" and set(weights.model_dump().values()) == {1.0}

    @model_validator(mode="after")
    def _has_validation_rows(self) -> Self:
        stopping = self.early_stopping
        missing = missing_validation_rows(
            self.validation_split,
            ("early_stopping.monitor", stopping.monitor if stopping else None, "loss"),
            ("calibration", self.calibration, "none"),
            ("threshold", self.threshold if self.threshold == "optimal" else None, "a number"),
        )
        if missing:
            raise ValueError(missing)
        return self
