"""Types of what is measured: metrics, decision, importance, subgroups, cross-validation."""

from dataclasses import dataclass
from typing import ClassVar

from pydantic import ConfigDict

from bank_spark_dl.ml.evaluation.figures import (
    AnyComparison,
    AnyFigures,
    AnyWeightedFigures,
    PredictionIntervals,
)
from bank_spark_dl.ml.evaluation.intervals import Interval


@dataclass(frozen=True)
class DataFacts:
    """Which rows were used.

    Attributes:
        source: Path of the raw file, as given.
        rows: Clean rows.
        synthetic: Whether this project's generator made them.
    """

    source: str
    rows: int
    synthetic: bool


@dataclass(frozen=True)
class ModelFacts:
    """Which network was trained, and how.

    Attributes:
        inputs: Length of the feature vector.
        parameters: Weights, trainable or not.
        threshold: Probability above which the network predicts the positive class of two; None:
            there are not two.
        baseline_threshold: The same of the other models.
        num_workers: Workers that trained.
        epochs: Epochs asked for.
        training_rows: Rows trained on in each epoch.
        validation_rows: Train rows held out for validation.
        best_round: Round whose weights were kept, from 0, where early stopping chose one.
        seed: Of the training.
        weights_sha256: Hash of the final weights.
        rounds: Rounds trained.
    """

    inputs: int
    parameters: int
    threshold: float | None
    baseline_threshold: float | None
    num_workers: int
    epochs: int
    training_rows: int
    validation_rows: int
    best_round: int | None
    seed: int
    weights_sha256: str
    rounds: int


@dataclass(frozen=True)
class SplitFigures:
    """The same network on test rows that were chosen in another way, trained on the other rows.

    Attributes:
        split: How they were chosen, see the parameter `data.split`.
        test: Its figures on them.
    """

    split: str
    test: AnyFigures


OtherSplits = tuple[SplitFigures, ...]


@dataclass(frozen=True)
class Weighted:
    """The headline figures once more, of rows that count by their weight.

    Attributes:
        column: Raw name of the column of weights.
        train: The network on the train rows.
        test: The network on the test rows.
        baselines: By name, the baselines on the test rows.
    """

    column: str
    train: AnyWeightedFigures
    test: AnyWeightedFigures
    baselines: dict[str, AnyWeightedFigures]


@dataclass(frozen=True)
class Metrics:
    """The dataset `metrics`.

    Attributes:
        data: Which rows were used.
        model: Which network was trained.
        prior: Share of positives in the population that the rows stand for; None: theirs.
        train: The network on the rows that it was trained on.
        test: The network on held-out rows.
        baselines: By name, simpler models on the same held-out rows.
        leakage_columns: Inputs that are known only after the outcome.
        without_leak: A linear baseline without them; None where there are none.
        comparisons: By baseline, the network's test figures minus the baseline's.
        warning: Why the network is of no use, if it is not.
        split: How the test rows were chosen, see the parameter `data.split`.
        other_splits: The network trained again on other splits, for a table that has a time.
        task: binary, multiclass or regression: of which type the figures are.
        intervals: Around predictions of numbers; None of classes, and without validation rows.
        weighted: The figures that `data.weight` gives; None without it.
    """

    data: DataFacts
    model: ModelFacts
    prior: float | None
    train: AnyFigures
    test: AnyFigures
    baselines: dict[str, AnyFigures]
    leakage_columns: tuple[str, ...]
    without_leak: AnyFigures | None
    comparisons: dict[str, AnyComparison]
    warning: str | None
    split: str
    other_splits: OtherSplits
    task: str = "binary"
    intervals: PredictionIntervals | None = None
    weighted: Weighted | None = None


@dataclass(frozen=True)
class Estimate:
    """A figure at the most profitable threshold, with its 95% bootstrap interval.

    Attributes:
        best: The figure.
        low: Lower end of the interval.
        high: Upper end of the interval.
    """

    best: float
    low: float
    high: float


@dataclass(frozen=True)
class Decile:
    """A tenth of the people, in the order of their probabilities.

    Attributes:
        yes: Share of them who say yes, [0, 1].
        lift: This share divided by that of all people.
    """

    yes: float
    lift: float


@dataclass(frozen=True)
class DecisionCurve:
    """What calling from the highest probability down brings, by threshold.

    Attributes:
        cutoffs: Thresholds, descending; the first calls nobody, the last everybody.
        calls: Share of all people who are called.
        deposits: Share of all people who are called and say yes.
        profit: Money per person, called or not.
    """

    cutoffs: tuple[float, ...]
    calls: tuple[float, ...]
    deposits: tuple[float, ...]
    profit: tuple[float, ...]


@dataclass(frozen=True)
class Decision:
    """The dataset `decision`: whom to call, and what it is worth.

    The threshold is chosen and valued on the same rows, so the profit is a little too good.

    Attributes:
        prior: Share of yes among the people to be called, [0, 1].
        call_cost: Money that a call costs.
        deposit_value: Money that a deposit brings.
        budget: Most money for calls per 1,000 people; None: no limit.
        cutoff: Probability from which on people are called.
        calls: Share of all people who are called.
        profit_per_1000: Money per 1,000 people, called or not.
        deciles: Tenths of the people, the highest probabilities first.
        curve: All thresholds that were tried.
    """

    prior: float
    call_cost: float
    deposit_value: float
    budget: float | None
    cutoff: Estimate
    calls: Estimate
    profit_per_1000: Estimate
    deciles: tuple[Decile, ...]
    curve: DecisionCurve


@dataclass(frozen=True)
class NoDecision:
    """The dataset `decision` where `reporting.decision` is null: an empty object."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    def __bool__(self) -> bool:
        """Tell it from a decision."""
        return False


AnyDecision = Decision | NoDecision


@dataclass(frozen=True)
class ColumnImportance:
    """What the network loses when a column's values are shuffled.

    Attributes:
        column: The names of the columns that are shuffled together, as one text.
        columns: These names.
        log_loss: Nats per row, of the rows weighted to the prior.
        accuracy: Of the rows as they are.
    """

    column: str
    columns: tuple[str, ...]
    log_loss: Interval
    accuracy: Interval

    @property
    def lost(self) -> Interval:
        """What columns are ordered by."""
        return self.log_loss


@dataclass(frozen=True)
class RegressionImportance:
    """What the predictions of numbers lose when a column's values are shuffled.

    Attributes:
        column: The names of the columns that are shuffled together, as one text.
        columns: These names.
        rmse: Added to the root of the mean squared error, in the label's units.
    """

    column: str
    columns: tuple[str, ...]
    rmse: Interval

    @property
    def lost(self) -> Interval:
        """What columns are ordered by."""
        return self.rmse


@dataclass(frozen=True)
class Importance:
    """The dataset `importance`: permutation importance by raw column.

    Attributes:
        rows: Test rows that were shuffled.
        repeats: How often each column was shuffled.
        columns: The greatest loss first; none where the model has no answer for shuffled rows.
        counted: By derived count, the raw columns that it counts by, where they are not shuffled
            together.
    """

    rows: int
    repeats: int
    columns: tuple[ColumnImportance, ...] | tuple[RegressionImportance, ...]
    counted: dict[str, list[str]]

    @property
    def figure(self) -> str:
        """Name of the figure that is lost."""
        numbers = any(isinstance(entry, RegressionImportance) for entry in self.columns)
        return "RMSE" if numbers else "log loss"


@dataclass(frozen=True)
class Subgroup:
    """The network's figures for the test rows that share a value.

    Attributes:
        column: Raw column.
        value: Its value, or a band of values.
        rows: Test rows.
        positives: Share of positives, of the rows weighted to the prior, [0, 1].
        accuracy: Of the rows as they are, with Wilson's interval.
        log_loss: Nats per row, of the rows weighted to the prior.
        auc: None where a class is missing.
    """

    column: str
    value: str
    rows: int
    positives: float
    accuracy: Interval
    log_loss: float
    auc: float | None


@dataclass(frozen=True)
class MulticlassSubgroup:
    """The same of more than two classes.

    Attributes:
        column: Raw column.
        value: Its value, or a band of values.
        rows: Test rows.
        accuracy: With Wilson's interval.
        log_loss: Nats per row.
        auc: Mean over the classes, one against the rest; None where all rows are of one class.
    """

    column: str
    value: str
    rows: int
    accuracy: Interval
    log_loss: float
    auc: float | None


@dataclass(frozen=True)
class RegressionSubgroup:
    """The same of numbers, in the label's units.

    Attributes:
        column: Raw column.
        value: Its value, or a band of values.
        rows: Test rows.
        mean: Of the label.
        mae: Mean absolute error.
        rmse: Root of the mean squared error.
    """

    column: str
    value: str
    rows: int
    mean: float
    mae: Interval
    rmse: float


Subgroups = tuple[Subgroup, ...] | tuple[MulticlassSubgroup, ...] | tuple[RegressionSubgroup, ...]


@dataclass(frozen=True)
class FoldMeans:
    """Means over the folds of a cross-validation.

    Attributes:
        accuracy: Share of rows predicted correctly.
        auc: Area under the ROC curve; of more than two classes see MulticlassFigures.
        log_loss: Nats per row.
        calibration_error: Expected calibration error.
    """

    accuracy: Interval
    auc: Interval
    log_loss: Interval
    calibration_error: Interval

    deciding: ClassVar[str] = "log_loss"  # it does not depend on a threshold


@dataclass(frozen=True)
class RegressionFoldMeans:
    """The same of numbers.

    Attributes:
        rmse: Root of the mean squared error, in the label's units.
        mae: Mean absolute error, in the label's units.
        r2: Share of the label's variance that is explained.
    """

    rmse: Interval
    mae: Interval
    r2: Interval

    deciding: ClassVar[str] = "rmse"


AnyFoldMeans = FoldMeans | RegressionFoldMeans


@dataclass(frozen=True)
class CrossValidation:
    """The dataset `cv_metrics`.

    Attributes:
        folds: Their number. They are chosen as `data.split` says; by time, the models of a fold are
            trained on all older rows (expanding windows).
        seed: Of the folds.
        models: By model, the network among them.
        network_minus: By other model, the network's figures minus the model's on the same folds.
        verdict: How the network compares with the other models, in a sentence or two.
    """

    folds: int
    seed: int
    models: dict[str, AnyFoldMeans]
    network_minus: dict[str, AnyFoldMeans]
    verdict: str
