"""The trained network as a Spark ML model."""

from typing import Any

import numpy as np
import numpy.typing as npt
from pyspark.ml import Model
from pyspark.ml.util import MLReadable, MLReader, MLWritable, MLWriter
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as sf

from bank_spark_dl.distributed.data.feature_array import feature_array
from bank_spark_dl.distributed.data.frame_columns import (
    feature_names,
    features_field,
    fields_named,
    free_name,
    only_field,
    refuse_other_width,
    refuse_taken,
)
from bank_spark_dl.distributed.data.row_check import checked_score, row_named
from bank_spark_dl.distributed.inference.calibration import Calibration
from bank_spark_dl.distributed.inference.scoring import Scorer, both, score_column, score_kept
from bank_spark_dl.distributed.params import ScoringParams, check_scoring_value
from bank_spark_dl.distributed.persistence.spark_ml import NetworkReader, NetworkWriter
from bank_spark_dl.distributed.training.history import TrainingHistory
from bank_spark_dl.spark.sql import quoted


class ElephasClassificationModel(Model, ScoringParams, MLWritable, MLReadable):  # type: ignore[type-arg]
    """Adds `rawPrediction`, `probability` (vectors) and `prediction` (double) to a DataFrame.

    `probability` is the network's outputs divided by their sum, calibrated and turned to the prior
    if training was asked to, `rawPrediction` its logarithm; `prediction` is 1 where the probability
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
        self._setDefault(threshold=0.5, rowIdCol="row_id")
        self.keras_model_json = keras_model_json
        self.weights = weights
        self.history = history
        self.num_features = num_features
        self.calibration = calibration
        self.validation_bins = validation_bins
        self.prior_shift = prior_shift

    def copy(self, extra: Any = None) -> "ElephasClassificationModel":
        """Copy the model with other parameters.

        Raises:
            ParameterError: A value is not what its parameter takes.
        """
        for param, value in (extra or {}).items():
            check_scoring_value(param.name, value)
        return super().copy(extra)

    @property
    def statement(self) -> Calibration:
        """What turns the network's own probabilities into those that are stated."""
        return self.calibration.shifted(self.prior_shift)

    def stated_probability(self, probability: float) -> float:
        """Return what is stated where the network's own probability of label 1 is this one."""
        return self.statement.of(probability)

    def score(self, frame: DataFrame, *kept: str) -> DataFrame:
        """Score rows of which only a few columns are kept, faster than `transform`.

        Args:
            frame: Rows with the features.
            *kept: Names of other columns.

        Returns:
            These columns, then the probability of label 1 (double, [0, 1]) and the prediction
            (double), named as those of `transform`, whose values they are. Computing it fails, as
            it does there, at a row that the network cannot take; the message names the row.

        Raises:
            ParameterError: A column is missing, unclear or of another type, or its name is taken.
        """
        for name in kept:
            only_field(frame, name, "A column to keep")
        names = self._names("probabilityCol", "predictionCol")
        refuse_taken(frame.select(*map(quoted, kept)), names)
        ids = self._row_id(frame)
        carried = list(dict.fromkeys([*kept, *ids]))
        features = feature_array(frame, self.getFeaturesCol())
        scored = score_kept(
            frame, features, self._scorer(), [sf.col(quoted(name)) for name in carried]
        )
        *columns, score = map(sf.col, scored.columns)
        column = dict(zip(carried, columns, strict=True))
        checked = self._checked(frame, score, [column[name] for name in ids])
        positive = self.statement.apply(checked)
        return scored.select(
            *(column[name].alias(name) for name in kept),
            positive.alias(self.getProbabilityCol()),
            self._predicted(positive).alias(self.getPredictionCol()),
        )

    def _transform(self, frame: DataFrame) -> DataFrame:
        names = self._names("rawPredictionCol", "probabilityCol", "predictionCol")
        refuse_taken(frame, names)
        score = score_column(feature_array(frame, self.getFeaturesCol()), self._scorer())
        ids = [sf.col(quoted(name)) for name in self._row_id(frame)]
        between = free_name(frame, "__positive")
        stated = self.statement.apply(self._checked(frame, score, ids)).alias(between)
        positive = sf.col(quoted(between))
        columns = (*both(positive), self._predicted(positive))
        added = (column.alias(name) for column, (_, name) in zip(columns, names, strict=True))
        return frame.select("*", stated).select("*", *added).drop(between)

    def _checked(self, frame: DataFrame, score: Column, ids: list[Column]) -> Column:
        """Fail at a row that has no probability, in a sentence that names it."""
        field = features_field(frame, self.getFeaturesCol())
        refuse_other_width(field, self.num_features)
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
