"""Fit a logistic regression in one task where the rows are few, else as Spark ML does."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyspark import SparkContext
from pyspark.ml.classification import LogisticRegression, LogisticRegressionModel
from pyspark.ml.common import _py2java
from pyspark.ml.functions import vector_to_array
from pyspark.ml.linalg import DenseMatrix, DenseVector
from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from scipy.optimize import minimize
from scipy.special import logsumexp

Array: TypeAlias = NDArray[np.float64]

MOST_VALUES: Final = 10_000_000
"""Up to so many numbers are held by one task: 80 MB, and at most as much again while it solves."""
_VALUES_OF_A_CLASS: Final = 5  # for each row: logits and probabilities, and what they are made of
_SOLUTION: Final = "coefficients array<array<double>>, intercepts array<double>"


class LocalLogisticRegression(LogisticRegression):
    """Spark ML's LogisticRegression without a Spark job for each iteration.

    Up to MOST_VALUES, one task holds the rows and minimizes Spark's objective with SciPy, to a
    tighter tolerance than Spark's default. Left to Spark are more rows, other settings than a
    label, a weight, `regParam` and `maxIter`, and rows without a finite solution, such as those
    with a class that has no weight. A model from one task has no `summary`.
    """

    def _fit(self, dataset: DataFrame) -> LogisticRegressionModel:
        solution = self._solve(dataset) if self._has_no_other_settings() else None
        if solution is None:
            return super()._fit(dataset)
        model = self._model(np.array(solution.coefficients), np.array(solution.intercepts))
        return self._copyValues(model)

    def _has_no_other_settings(self) -> bool:
        bounds = (param for param in self.params if "BoundsOn" in param.name)
        return (
            self.getElasticNetParam() == 0.0
            and self.getFitIntercept()
            and self.getStandardization()
            and self.getFamily() == "auto"
            and not any(map(self.isSet, bounds))
        )

    def _solve(self, dataset: DataFrame) -> Any:
        """Return a row of _SOLUTION, or None if the rows are to be left to Spark."""
        weight = F.col(self.getWeightCol()) if self.isSet(self.weightCol) else F.lit(1.0)
        rows = dataset.select(
            vector_to_array(F.col(self.getFeaturesCol())).alias("features"),
            F.col(self.getLabelCol()).cast("double").alias("label"),
            weight.cast("double").alias("weight"),
        )
        nominal = dataset.schema[self.getLabelCol()].metadata.get("ml_attr", {})
        classes = max(len(nominal.get("vals", ())), 2)
        penalty, iterations, most = self.getRegParam(), self.getMaxIter(), MOST_VALUES

        def solve(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
            read = _read(batches, classes, most)
            if read is None:
                return
            solution = solve_logistic_regression(*read, penalty, iterations)
            if all(np.isfinite(part).all() for part in solution):
                columns = [pa.array([part.tolist()]) for part in solution]
                yield pa.RecordBatch.from_arrays(columns, ["coefficients", "intercepts"])

        return rows.coalesce(1).mapInArrow(solve, _SOLUTION).first()

    def _model(self, coefficients: Array, intercepts: Array) -> LogisticRegressionModel:
        outputs, inputs = coefficients.shape
        matrix = DenseMatrix(outputs, inputs, coefficients.ravel(), isTransposed=True)
        java = self._new_java_obj(
            "org.apache.spark.ml.classification.LogisticRegressionModel",
            self.uid,
            _java(matrix),
            _java(DenseVector(intercepts)),
            max(outputs, 2),
            outputs > 1,
        )
        return LogisticRegressionModel(java)


def _java(value: Any) -> Any:
    return _py2java(SparkContext.getOrCreate(), value)


def _read(
    batches: Iterable[pa.RecordBatch], classes: int, most: int
) -> tuple[Array, NDArray[np.int32], Array] | None:
    """Read features, labels and weights; None for rows that are to be left to Spark.

    Rows without a weight are left out, as they are by Spark.
    """
    features, labels, weights, values = [], [], [], 0
    for batch in batches:
        flat = batch.column(0).flatten().to_numpy()
        values += flat.size + _VALUES_OF_A_CLASS * classes * batch.num_rows
        if values > most:
            return None
        weight = batch.column(2).to_numpy(zero_copy_only=False)
        features.append(flat.reshape(batch.num_rows, -1)[weight != 0])
        labels.append(batch.column(1).to_numpy(zero_copy_only=False)[weight != 0])
        weights.append(weight[weight != 0])
    if not labels:
        return None
    read = np.concatenate(features), np.concatenate(labels), np.concatenate(weights)
    indices = read[1].astype(np.int32)
    # Spark names what is wrong with such rows.
    if not all(np.isfinite(part).all() for part in read) or (read[2] < 0).any():
        return None
    if (indices != read[1]).any() or (indices < 0).any():
        return None
    if 0 in np.bincount(indices, minlength=classes):
        return None
    return read[0], indices, read[2]


def solve_logistic_regression(
    features: Array, classes: NDArray[np.int32], weights: Array, penalty: float, iterations: int
) -> tuple[Array, Array]:
    """Minimize the mean log loss plus an L2 penalty, as Spark ML's LogisticRegression.

    Args:
        features: [rows, inputs].
        classes: [rows], 0 to n - 1, each at least once.
        weights: [rows], above 0.
        penalty: `regParam`: of the standardized features' coefficients, not of the intercepts.
        iterations: At most so many.

    Returns:
        Coefficients [1 of two classes, else n; inputs] and intercepts. A constant input has the
        coefficient 0.
    """
    weights = weights / weights.sum()
    means = weights @ features
    # Spark's standard deviation: of a sample, whose weights say how reliable a row is.
    deviations = np.sqrt(weights @ (features - means) ** 2 / (1 - (weights**2).sum()))
    varies = features.min(axis=0) < features.max(axis=0)
    scales = np.where(varies, deviations, 1.0)
    loss = _Loss((features - means) / scales * varies, classes, weights, penalty)
    # SciPy's tolerances are relative to the loss and to the largest slope.
    found = minimize(
        loss,
        loss.start().ravel(),
        jac=True,
        method="L-BFGS-B",
        options={"maxiter": iterations, "ftol": 1e-14, "gtol": 1e-9},
    )
    solution = found.x.reshape(loss.outputs, -1)
    if loss.outputs > 1:
        solution -= solution.mean(axis=0)  # of all that state the same probabilities
    coefficients = solution[:, :-1] / scales
    intercepts = solution[:, -1] - coefficients @ means
    return coefficients, intercepts


@dataclass(frozen=True)
class _Loss:
    """The objective and its gradient, by coefficients and, last of each output, the intercept."""

    features: Array
    classes: NDArray[np.int32]
    weights: Array
    penalty: float

    @property
    def outputs(self) -> int:
        """1 of two classes, whose first one has the log odds 0."""
        return 1 if self.classes.max() == 1 else int(self.classes.max()) + 1

    def start(self) -> Array:
        """Return no coefficients, and the intercepts of the classes' shares."""
        shares = np.log(np.bincount(self.classes, self.weights))
        intercepts = shares[1:] - shares[0] if self.outputs == 1 else shares
        start = np.zeros((self.outputs, self.features.shape[1] + 1))
        start[:, -1] = intercepts
        return start

    def __call__(self, flat: Array) -> tuple[float, Array]:
        parameters = flat.reshape(self.outputs, -1)
        coefficients = parameters[:, :-1]
        logits = self.features @ coefficients.T + parameters[:, -1]
        if self.outputs == 1:
            logits = np.concatenate([np.zeros_like(logits), logits], axis=1)
        rows = np.arange(len(logits))
        log_shares = logits - logsumexp(logits, axis=1, keepdims=True)
        loss = -self.weights @ log_shares[rows, self.classes]
        errors = np.exp(log_shares)
        errors[rows, self.classes] -= 1
        errors = (errors * self.weights[:, None])[:, -self.outputs :]
        slopes = errors.T @ self.features + self.penalty * coefficients
        gradient = np.concatenate([slopes, errors.sum(axis=0)[:, None]], axis=1)
        return loss + self.penalty / 2 * (coefficients**2).sum(), gradient.ravel()
