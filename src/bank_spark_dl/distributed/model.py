"""The trained network as a Spark ML model."""

from typing import Any

import numpy as np
import numpy.typing as npt
from pyspark.ml import Model
from pyspark.ml.util import MLReadable, MLReader, MLWritable, MLWriter
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as sf

from bank_spark_dl.distributed.calibration import Calibration
from bank_spark_dl.distributed.history import TrainingHistory
from bank_spark_dl.distributed.params import ScoringParams
from bank_spark_dl.distributed.persistence import NetworkReader, NetworkWriter
from bank_spark_dl.distributed.scoring import (
    Scorer,
    both,
    probability_column,
    score_frame,
    score_kept,
)


class ElephasClassificationModel(Model, ScoringParams, MLWritable, MLReadable):  # type: ignore[type-arg]
    """Adds `rawPrediction`, `probability` (vectors) and `prediction` (double) to a DataFrame.

    `probability` is the network's outputs divided by their sum, calibrated if training was asked
    to, `rawPrediction` its logarithm; `prediction` is 1 where the probability of label 1 is above
    `threshold`.

    Attributes:
        keras_model_json: The network's architecture as Keras JSON.
        weights: Its weights in layer order.
        history: The record of its training.
        num_features: Features the network takes.
        calibration: Applied to the probabilities.
        validation_bins: After training, (2, bins) int64: validation rows of label 0 and 1 in equal
            intervals of the probability before calibration. None in a loaded model.
    """

    def __init__(
        self,
        keras_model_json: str,
        weights: list[npt.NDArray[Any]],
        history: TrainingHistory,
        num_features: int,
        calibration: Calibration = Calibration(),  # noqa: B008  frozen
        validation_bins: npt.NDArray[np.int64] | None = None,
    ) -> None:
        """Take a trained network."""
        super().__init__()
        self._setDefault(threshold=0.5)
        self.keras_model_json = keras_model_json
        self.weights = weights
        self.history = history
        self.num_features = num_features
        self.calibration = calibration
        self.validation_bins = validation_bins

    def score(self, frame: DataFrame, *kept: str) -> DataFrame:
        """Score rows of which only a few columns are kept, faster than `transform`.

        Args:
            frame: Rows with the features.
            *kept: Names of other columns.

        Returns:
            These columns, then the probability of label 1 (double, [0, 1]) and the prediction
            (double), named as those of `transform`, whose values they are.
        """
        scored = score_kept(frame, self.getFeaturesCol(), self._scorer(), kept)
        positive = self.calibration.apply(probability_column())
        return scored.select(
            *(sf.col(f"`{name}`") for name in kept),
            positive.alias(self.getProbabilityCol()),
            self._predicted(positive).alias(self.getPredictionCol()),
        )

    def _transform(self, frame: DataFrame) -> DataFrame:
        scored = score_frame(frame, self.getFeaturesCol(), self._scorer())
        positive = self.calibration.apply(probability_column())
        raw, probability = both(positive)
        return scored.select(
            *(sf.col(f"`{name}`") for name in frame.columns),
            raw.alias(self.getRawPredictionCol()),
            probability.alias(self.getProbabilityCol()),
            self._predicted(positive).alias(self.getPredictionCol()),
        )

    def _scorer(self) -> Scorer:
        return Scorer(self.num_features, self.keras_model_json, self.weights)

    def _predicted(self, positive: Column) -> Column:
        return sf.when(positive > self.getThreshold(), 1.0).otherwise(0.0)

    def write(self) -> MLWriter:
        """Return a writer; `write().overwrite().save(path)` replaces what is there."""
        return NetworkWriter(self)

    @classmethod
    def read(cls) -> MLReader["ElephasClassificationModel"]:
        """Return a reader; `load(path)` is its short form."""
        return NetworkReader(cls)
