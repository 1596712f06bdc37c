"""The trained network as a Spark ML model."""

from typing import Any

import numpy as np
import numpy.typing as npt
from pyspark.ml import Model
from pyspark.ml.util import MLReadable, MLReader, MLWritable, MLWriter
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as sf

from bank_spark_dl.distributed.converters import checked
from bank_spark_dl.distributed.data.feature_array import feature_array
from bank_spark_dl.distributed.data.frame_columns import (
    feature_names,
    features_field,
    fields_named,
    free_name,
    only_field,
    require_free_names,
    require_width,
)
from bank_spark_dl.distributed.data.row_check import checked_score, row_named
from bank_spark_dl.distributed.inference.calibration import Calibration
from bank_spark_dl.distributed.inference.scoring import (
    Scorer,
    prediction_vectors,
    score_column,
    score_with_columns,
)
from bank_spark_dl.distributed.params import ScoringParams
from bank_spark_dl.distributed.persistence.spark_ml import NetworkReader, NetworkWriter
from bank_spark_dl.distributed.training.history import TrainingHistory
from bank_spark_dl.spark.sql import quoted


class ElephasClassificationModel(Model, ScoringParams, MLWritable, MLReadable):  # type: ignore[type-arg]
    """Adds `rawPrediction`, `probability` (vectors) and `prediction` (double) to a DataFrame.

    `probability` is the network's outputs divided by their sum, calibrated and adjusted to the
    prior if there are such, `rawPrediction` its logarithm; `prediction` is 1 where the probability
    of label 1 is above `threshold`.

    Attributes:
        keras_model_json: The network's architecture as Keras JSON.
        weights: Its weights in layer order.
        history: The record of its training.
        num_features: Features the network takes.
        calibration: Applied to the probabilities.
        validation_bins: After training, (2, bins) int64: validation rows of label 0 and 1 in equal
            intervals of the probability before calibration. None in a loaded model.
        prior_shift: Added to the calibrated log odds, see `prior.prior_shift`; 0 without a prior.
    """

    def __init__(
        self,
        keras_model_json: str,
        weights: list[npt.NDArray[Any]],
        history: TrainingHistory,
        num_features: int,
        calibration: Calibration = Calibration(),  # noqa: B008  frozen
        validation_bins: npt.NDArray[np.int64] | None = None,
        prior_shift: float = 0.0,
    ) -> None:
        """Take a trained network."""
        super().__init__()
        self.set_typed_defaults()
        self.keras_model_json = keras_model_json
        self.weights = weights
        self.history = history
        self.num_features = num_features
        self.calibration = calibration
        self.validation_bins = validation_bins
        self.prior_shift = prior_shift

    def copy(self, extra: Any = None) -> "ElephasClassificationModel":
        """Copy the model with other parameters, which Spark's own `copy` does not check.

        Raises:
            ParameterError: A value is not what its parameter takes.
        """
        for param, value in (extra or {}).items():
            if self.hasParam(param.name):  # others are of other stages
                checked(param.name, self.getParam(param.name).typeConverter, value)
        return super().copy(extra)

    @property
    def full_calibration(self) -> Calibration:
        """The calibration with the prior's shift."""
        return self.calibration.shifted(self.prior_shift)

    def calibrated_probability(self, probability: float) -> float:
        """Return the probability of label 1 for the network's own one."""
        return self.full_calibration.calibrate(probability)

    def score(self, frame: DataFrame, *selected: str) -> DataFrame:
        """Score rows and select a few other columns, faster than `transform`.

        Args:
            frame: Rows with the features.
            *selected: Names of other columns.

        Returns:
            These columns, then the probability of label 1 (double, [0, 1]) and the prediction
            (double), with the names and values of `transform`. Computing it fails, as there, at a
            row that the network cannot take; the message names the row.

        Raises:
            ParameterError: A column is missing, ambiguous or of another type, or a new column has
                the name of another one.
        """
        for name in selected:
            only_field(frame, name, "A selected column")
        names = self._names("probabilityCol", "predictionCol")
        require_free_names(frame.select(*map(quoted, selected)), names)
        ids = self._row_id(frame)
        carried = list(dict.fromkeys([*selected, *ids]))
        features = feature_array(frame, self.getFeaturesCol())
        scored = score_with_columns(
            frame, features, self._scorer(), [sf.col(quoted(name)) for name in carried]
        )
        *columns, score = map(sf.col, scored.columns)
        column = dict(zip(carried, columns, strict=True))
        valid = self._checked(frame, score, [column[name] for name in ids])
        positive = self.full_calibration.apply(valid)
        return scored.select(
            *(column[name].alias(name) for name in selected),
            positive.alias(self.getProbabilityCol()),
            self._predicted(positive).alias(self.getPredictionCol()),
        )

    def _transform(self, frame: DataFrame) -> DataFrame:
        names = self._names("rawPredictionCol", "probabilityCol", "predictionCol")
        require_free_names(frame, names)
        score = score_column(feature_array(frame, self.getFeaturesCol()), self._scorer())
        ids = [sf.col(quoted(name)) for name in self._row_id(frame)]
        temporary = free_name(frame, "__positive")
        calibrated = self.full_calibration.apply(self._checked(frame, score, ids))
        positive = sf.col(quoted(temporary))
        columns = (*prediction_vectors(positive), self._predicted(positive))
        added = (column.alias(name) for column, (_, name) in zip(columns, names, strict=True))
        scored = frame.select("*", calibrated.alias(temporary))
        return scored.select("*", *added).drop(temporary)

    def _checked(self, frame: DataFrame, score: Column, ids: list[Column]) -> Column:
        """Return the score; computing it fails at an invalid row, with a message that names it."""
        field = features_field(frame, self.getFeaturesCol())
        require_width(field, self.num_features)
        row = row_named(self.getOrDefault("rowIdCol"), ids)
        return checked_score(score, row, field.name, self.num_features, feature_names(field))

    def _row_id(self, frame: DataFrame) -> list[str]:
        """Name the column that identifies a row, if there is just one of that name."""
        name = self.getOrDefault("rowIdCol")
        return [name] if len(fields_named(frame, name)) == 1 else []

    def _names(self, *parameters: str) -> list[tuple[str, str]]:
        return [(parameter, self.getOrDefault(parameter)) for parameter in parameters]

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
