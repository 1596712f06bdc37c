"""What the models of all kinds of labels share: a trained network as a Spark ML model."""

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, Self

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
    only_field,
    require_free_names,
    require_width,
)
from bank_spark_dl.distributed.data.row_check import checked_array, checked_score, row_named
from bank_spark_dl.distributed.inference.scoring import Scorer, score_column, score_with_columns
from bank_spark_dl.distributed.params import ScoringParams
from bank_spark_dl.distributed.persistence.spark_ml import NetworkReader, NetworkWriter
from bank_spark_dl.distributed.training.history import TrainingHistory
from bank_spark_dl.spark.sql import quoted


class NetworkModel(Model, ScoringParams, MLWritable, MLReadable):  # type: ignore[type-arg]
    """A trained network that predicts from a column of features.

    Attributes:
        keras_model_json: The network's architecture as Keras JSON.
        weights: Its weights in layer order.
        history: The record of its training.
        num_features: Features the network takes.
    """

    def __init__(
        self,
        keras_model_json: str,
        weights: list[npt.NDArray[Any]],
        history: TrainingHistory,
        num_features: int,
    ) -> None:
        """Take a trained network."""
        super().__init__()
        self.set_typed_defaults()
        self.keras_model_json = keras_model_json
        self.weights = weights
        self.history = history
        self.num_features = num_features

    def copy(self, extra: Any = None) -> Self:
        """Copy the model with other parameters, which Spark's own `copy` does not check.

        Raises:
            ParameterError: A value is not what its parameter takes.
        """
        for param, value in (extra or {}).items():
            if self.hasParam(param.name):  # others are of other stages
                checked(param.name, self.getParam(param.name).typeConverter, value)
        copied: Self = super().copy(extra)
        return copied

    def saved_values(self) -> dict[str, Any]:
        """Return what a saved model holds besides network, weights, history and parameters."""
        return {"num_features": self.num_features}

    @classmethod
    def from_saved(
        cls,
        network: str,
        weights: list[npt.NDArray[Any]],
        history: TrainingHistory,
        values: Mapping[str, Any],
    ) -> Self:
        """Build a model from what was saved, see `saved_values`."""
        arguments = cls._saved_arguments(values)
        return cls(network, weights, history, values["num_features"], **arguments)

    @staticmethod
    @abstractmethod
    def _saved_arguments(values: Mapping[str, Any]) -> dict[str, Any]:
        """Return the constructor's further arguments, made of `saved_values`."""

    def write(self) -> MLWriter:
        """Return a writer; `write().overwrite().save(path)` replaces what is there."""
        return NetworkWriter(self)

    @classmethod
    def read(cls) -> MLReader[Self]:
        """Return a reader; `load(path)` is its short form."""
        return NetworkReader(cls)

    @abstractmethod
    def _scorer(self) -> Scorer:
        """Return what workers need to score."""

    @abstractmethod
    def _predictions(self, score: Column) -> list[Column]:
        """Return the columns that `score` adds, made of a checked score."""

    def score(self, frame: DataFrame, *selected: str) -> DataFrame:
        """Score rows and select a few other columns, faster than `transform`.

        Args:
            frame: Rows with the features.
            *selected: Names of other columns.

        Returns:
            These columns, then those that the model's class names. Computing it fails, as there,
            at a row that the network cannot take; the message names the row.

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
        added = zip(self._predictions(valid), names, strict=True)
        return scored.select(
            *(column[name].alias(name) for name in selected),
            *(prediction.alias(name) for prediction, (_, name) in added),
        )

    def _checked_scores(self, frame: DataFrame) -> Column:
        """Return the scores of a frame's rows as a column of it."""
        score = score_column(feature_array(frame, self.getFeaturesCol()), self._scorer())
        return self._checked(frame, score, [sf.col(quoted(name)) for name in self._row_id(frame)])

    def _checked(self, frame: DataFrame, score: Column, ids: list[Column]) -> Column:
        """Return the score; computing it fails at an invalid row, with a message that names it."""
        field = features_field(frame, self.getFeaturesCol())
        require_width(field, self.num_features)
        row = row_named(self.getOrDefault("rowIdCol"), ids)
        about = (row, field.name, self.num_features, feature_names(field))
        scorer = self._scorer()
        if scorer.classes == 2:
            return checked_score(score, *about)
        return checked_array(score, scorer.classes or 1, *about)

    def _row_id(self, frame: DataFrame) -> list[str]:
        """Return the name of the column that identifies rows, if there is one of that name."""
        name = self.getOrDefault("rowIdCol")
        return [name] if len(fields_named(frame, name)) == 1 else []

    def _names(self, *parameters: str) -> list[tuple[str, str]]:
        """Return the names of new columns by parameter, of parameters that the model has."""
        return [(name, self.getOrDefault(name)) for name in parameters if self.hasParam(name)]
