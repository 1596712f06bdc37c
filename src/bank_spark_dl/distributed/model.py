"""The trained network as a Spark ML model, for classes and for numbers."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import numpy.typing as npt
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as sf

from bank_spark_dl.distributed.data.frame_columns import free_name, require_free_names
from bank_spark_dl.distributed.inference.calibration import OLD_CLIP, Calibration
from bank_spark_dl.distributed.inference.scoring import (
    Scorer,
    pair_vectors,
    predicted_class,
    prediction_vectors,
)
from bank_spark_dl.distributed.network_model import NetworkModel
from bank_spark_dl.distributed.params import ClassificationParams
from bank_spark_dl.distributed.training.history import TrainingHistory
from bank_spark_dl.spark.sql import quoted


class ElephasClassificationModel(NetworkModel, ClassificationParams):
    """Adds `rawPrediction`, `probability` (vectors) and `prediction` (double) to a DataFrame.

    `probability` is the network's outputs divided by their sum, calibrated and adjusted to the
    prior if there are such, `rawPrediction` its logarithm. Of two classes `prediction` is 1 where
    the probability of label 1 is above `threshold`; of more it is the most probable one, or as
    `thresholds` say. `score` adds the probability of label 1 (double), of more than two classes all
    probabilities (array of double), and the prediction.

    Attributes:
        keras_model_json: The network's architecture as Keras JSON.
        weights: Its weights in layer order.
        history: The record of its training.
        num_features: Features the network takes.
        calibration: Applied to the probabilities.
        validation_bins: After training, (2, bins) int64: validation rows of label 0 and 1 in equal
            intervals of the probability before calibration, or float64 sums of their weights. None
            in a loaded model, and with more than two classes.
        prior_shift: Added to the calibrated log odds, see `prior.prior_shift`; 0 without a prior.
    """

    def __init__(
        self,
        keras_model_json: str,
        weights: list[npt.NDArray[Any]],
        history: TrainingHistory,
        num_features: int,
        calibration: Calibration = Calibration(),  # noqa: B008  frozen
        validation_bins: npt.NDArray[Any] | None = None,
        prior_shift: float = 0.0,
        num_classes: int = 2,
    ) -> None:
        """Take a trained network."""
        super().__init__(keras_model_json, weights, history, num_features)
        self.calibration = calibration
        self.validation_bins = validation_bins
        self.prior_shift = prior_shift
        self._num_classes = num_classes

    @property
    def numClasses(self) -> int:  # noqa: N802  Spark's name
        """Number of classes."""
        return self._num_classes

    @property
    def full_calibration(self) -> Calibration:
        """The calibration with the prior's shift."""
        return self.calibration.shifted(self.prior_shift)

    def calibrated_probability(self, probability: float) -> float:
        """Return the probability of label 1 of two for the network's own one."""
        return self.full_calibration.calibrate(probability)

    def saved_values(self) -> dict[str, Any]:
        """Return what a saved model holds besides network, weights, history and parameters."""
        return super().saved_values() | {
            "calibration": asdict(self.calibration),
            "prior_shift": self.prior_shift,
            "num_classes": self.numClasses,
        }

    @staticmethod
    def _saved_arguments(values: Mapping[str, Any]) -> dict[str, Any]:
        # Earlier versions saved fewer values.
        return {
            "calibration": Calibration(**{"clip": OLD_CLIP} | values.get("calibration", {})),
            "prior_shift": values.get("prior_shift", 0.0),
            "num_classes": values.get("num_classes", 2),
        }

    def _scorer(self) -> Scorer:
        classes = self.numClasses
        slope = 1.0 if classes == 2 else self.calibration.slope
        return Scorer(self.num_features, self.keras_model_json, self.weights, classes, slope)

    def _transform(self, frame: DataFrame) -> DataFrame:
        self.check_thresholds(self.numClasses)
        names = self._names("rawPredictionCol", "probabilityCol", "predictionCol")
        require_free_names(frame, names)
        temporary = free_name(frame, "__positive")
        stated = sf.col(quoted(temporary))
        probability = self._probability(self._checked_scores(frame))
        vectors = pair_vectors(stated) if self.numClasses == 2 else prediction_vectors(stated)
        columns = (*vectors, self._predicted(stated))
        added = (column.alias(name) for column, (_, name) in zip(columns, names, strict=True))
        scored = frame.select("*", probability.alias(temporary))
        return scored.select("*", *added).drop(temporary)

    def _predictions(self, score: Column) -> list[Column]:
        self.check_thresholds(self.numClasses)
        probability = self._probability(score)
        return [probability, self._predicted(probability)]

    def _probability(self, score: Column) -> Column:
        """Return the probability of label 1, or the array of the probabilities of many classes."""
        return self.full_calibration.apply(score) if self.numClasses == 2 else score

    def _predicted(self, probability: Column) -> Column:
        thresholds = self.getThresholds() if self.isDefined(self.thresholds) else None
        if self.numClasses > 2:
            return predicted_class(probability, thresholds)
        if thresholds is not None:
            return predicted_class(sf.array(1 - probability, probability), thresholds)
        return sf.when(probability > self.getThreshold(), 1.0).otherwise(0.0)


class ElephasRegressionModel(NetworkModel):
    """Adds `prediction` (double) to a DataFrame, in the label's units, as does `score`.

    Attributes:
        keras_model_json: The network's architecture as Keras JSON.
        weights: Its weights in layer order.
        history: The record of its training.
        num_features: Features the network takes.
        label_mean: Added to the network's output times `label_scale`.
        label_scale: Standard deviation of the labels; 1 if they were not standardized.
    """

    def __init__(
        self,
        keras_model_json: str,
        weights: list[npt.NDArray[Any]],
        history: TrainingHistory,
        num_features: int,
        label_mean: float = 0.0,
        label_scale: float = 1.0,
    ) -> None:
        """Take a trained network."""
        super().__init__(keras_model_json, weights, history, num_features)
        self.label_mean = label_mean
        self.label_scale = label_scale

    def saved_values(self) -> dict[str, Any]:
        """Return what a saved model holds besides network, weights, history and parameters."""
        label = {"label_mean": self.label_mean, "label_scale": self.label_scale}
        return super().saved_values() | label

    @staticmethod
    def _saved_arguments(values: Mapping[str, Any]) -> dict[str, Any]:
        return {name: values[name] for name in ("label_mean", "label_scale")}

    def _scorer(self) -> Scorer:
        return Scorer(self.num_features, self.keras_model_json, self.weights, classes=None)

    def _transform(self, frame: DataFrame) -> DataFrame:
        names = self._names("predictionCol")
        require_free_names(frame, names)
        (predicted,) = self._predictions(self._checked_scores(frame))
        return frame.select("*", predicted.alias(self.getPredictionCol()))

    def _predictions(self, score: Column) -> list[Column]:
        return [score[0] * self.label_scale + self.label_mean]
