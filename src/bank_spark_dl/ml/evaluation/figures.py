"""Types of figures: how good predictions of two classes, of many and of numbers are."""

from dataclasses import dataclass

from bank_spark_dl.ml.evaluation.intervals import Interval

Matrix = tuple[tuple[int, int], tuple[int, int]]
"""Rows by true class, then by predicted class, in label-index order (0: negative)."""

ClassMatrix = tuple[tuple[int, ...], ...]
"""The same of more than two classes."""


@dataclass(frozen=True)
class Figures:
    """How good the predictions of some rows are.

    Attributes:
        rows: Their number.
        positives: Share of positives, of the rows weighted to the prior, [0, 1].
        accuracy: Share of rows predicted correctly, as they are.
        auc: Exact area under the ROC curve; ties count half; 0.5 where a class is missing.
        log_loss: Nats per row, of the rows weighted to the prior.
        calibration_error: Expected calibration error, of the rows weighted to the prior, [0, 1].
        spread: Standard deviation of the probabilities.
        confusion_matrix: See Matrix.
    """

    rows: int
    positives: float
    accuracy: float
    auc: float
    log_loss: float
    calibration_error: float
    spread: float
    confusion_matrix: Matrix


@dataclass(frozen=True)
class ClassFigures:
    """How well one of many classes is told from all others.

    Attributes:
        name: The class, as text.
        rows: Rows of the class.
        predicted: Rows predicted as it.
        precision: Share of the predicted rows that are of the class, with Wilson's interval; None
            where it is never predicted.
        recall: Share of its rows that are predicted as it, with Wilson's interval; None where it
            has no rows.
        f1: Harmonic mean of precision and recall; None where it has no rows and is never predicted.
        auc: Exact area under the ROC curve, one against the rest; None without rows on both sides.
    """

    name: str
    rows: int
    predicted: int
    precision: Interval | None
    recall: Interval | None
    f1: float | None
    auc: float | None


@dataclass(frozen=True)
class Confusion:
    """Rows of one class that are predicted as another.

    Attributes:
        true: Their class.
        predicted: What they are predicted as.
        rows: Their number.
    """

    true: str
    predicted: str
    rows: int


@dataclass(frozen=True)
class MulticlassFigures:
    """How good the predictions of some rows are, where there are more than two classes.

    Attributes:
        rows: Their number.
        accuracy: Share of rows predicted correctly.
        auc: Mean of the classes' areas under the ROC curve, one against the rest; of the classes
            that have an area, 0.5 where none has.
        auc_weighted: The same mean, weighted by the classes' rows.
        log_loss: Nats per row.
        top_3: Share of rows whose class is among the three most probable; ties count as among them.
        calibration_error: Expected calibration error of the most probable class, [0, 1].
        confusion_matrix: See ClassMatrix; None for more than MATRIX_CLASSES classes.
        confused: The pairs of classes that are confused most often.
        classes: By class in label-index order.
    """

    rows: int
    accuracy: float
    auc: float
    auc_weighted: float
    log_loss: float
    top_3: float
    calibration_error: float
    confusion_matrix: ClassMatrix | None
    confused: tuple[Confusion, ...]
    classes: tuple[ClassFigures, ...]


@dataclass(frozen=True)
class Residuals:
    """True values minus predictions, in the label's units.

    Attributes:
        mean: Above 0, predictions are too low on average.
        std: Standard deviation.
        quantiles: 5%, 25%, 50%, 75% and 95%; their ranks are off by a 10,000th of the rows at most.
    """

    mean: float
    std: float
    quantiles: tuple[float, ...]


@dataclass(frozen=True)
class RegressionFigures:
    """How good the predictions of some rows' numbers are, in the label's units.

    Attributes:
        rows: Their number.
        rmse: Root of the mean squared error.
        mae: Mean absolute error.
        r2: Share of the label's variance that is explained; below 0 the mean is better. Where the
            label does not vary, 1 without an error, else 0.
        mean: Of the label.
        std: Standard deviation of the label, of these rows as a population.
        residuals: What is left unexplained.
    """

    rows: int
    rmse: float
    mae: float
    r2: float
    mean: float
    std: float
    residuals: Residuals


@dataclass(frozen=True)
class PredictionIntervals:
    """Intervals around predictions of numbers, all of the same width.

    Attributes:
        level: Share of new rows whose true value they hold, as asked for, (0, 1).
        reach: To both sides of a prediction, in the label's units.
        validation_rows: Rows whose errors decide it.
        coverage: Share of the test rows whose true value they hold, with Wilson's interval.
    """

    level: float
    reach: float
    validation_rows: int
    coverage: Interval


@dataclass(frozen=True)
class WeightedClassFigures:
    """How good the predictions of classes are, if each row counts by its weight.

    Attributes:
        accuracy: Share of the weight that is predicted correctly.
        log_loss: Nats, the weighted mean.
        auc: Area under the ROC curve; None of more than two classes.
    """

    accuracy: float
    log_loss: float
    auc: float | None


@dataclass(frozen=True)
class WeightedRegressionFigures:
    """The same of numbers, in the label's units.

    Attributes:
        rmse: Root of the weighted mean squared error.
        mae: Weighted mean absolute error.
        r2: Share of the label's weighted variance that is explained.
    """

    rmse: float
    mae: float
    r2: float


AnyWeightedFigures = WeightedClassFigures | WeightedRegressionFigures

AnyFigures = Figures | MulticlassFigures | RegressionFigures


@dataclass(frozen=True)
class Comparison:
    """The network's figures minus another model's, on the same rows.

    Attributes:
        accuracy: Of the rows as they are.
        log_loss: Nats per row, of the rows weighted to the prior; below 0 the network is better.
        auc: None where a class has fewer than two rows, and with more than two classes.
    """

    accuracy: Interval
    log_loss: Interval
    auc: Interval | None


@dataclass(frozen=True)
class RegressionComparison:
    """The network's errors minus another model's, on the same rows; below 0 the network is better.

    Attributes:
        rmse: In the label's units.
        mae: In the label's units.
    """

    rmse: Interval
    mae: Interval


AnyComparison = Comparison | RegressionComparison
