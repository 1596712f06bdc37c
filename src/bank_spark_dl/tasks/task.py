"""The interface of a task."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar

from pyspark.ml import Estimator
from pyspark.sql import DataFrame

from bank_spark_dl import distributed
from bank_spark_dl.ml.evaluation.evaluation import Evaluation
from bank_spark_dl.ml.models.training import training_arguments
from bank_spark_dl.ml.target import Target
from bank_spark_dl.parameters import (
    BaselineOptions,
    DecisionOptions,
    ElephasOptions,
    GradientBoostingOptions,
)


class Task(ABC):
    """What differs by the kind of target.

    Attributes:
        name: As in `Target.task`.
        trained_by: Name of the engine's estimator.
        linear: Name of the linear model among the baselines.
        predicted: Columns of a prediction dataset beside `row_id`, and their types.
    """

    name: ClassVar[str]
    trained_by: ClassVar[str]
    linear: ClassVar[str]
    predicted: ClassVar[tuple[tuple[str, str], ...]]

    def estimator(
        self,
        network: dict[str, Any],
        options: ElephasOptions,
        prior: float | None,
        seed: int,
        by_rows: Mapping[str, Any] | None = None,
    ) -> Any:
        """Make the engine's estimator that trains a network on feature vectors.

        Args:
            network: Keras's JSON description.
            options: Elephas's settings; its checkpoint is left to the caller.
            prior: Share of positives among the rows that will be scored; None: as in the train
                rows.
            seed: Layout of the rows, initial weights, shuffling, dropout.
            by_rows: What depends on the rows, see ml.models.row_arguments; without marked
                validation rows, a fraction of the rows is drawn.

        Returns:
            It has a progress bar.
        """
        engine = getattr(distributed, self.trained_by)
        arguments = training_arguments(network, options, seed, by_rows or {})
        return engine(**arguments, **self.own_arguments(options, prior))

    def own_arguments(self, options: ElephasOptions, prior: float | None) -> dict[str, Any]:
        """Return the arguments that only this task's estimator takes."""
        return {}

    def with_threshold(
        self, model: Any, threshold: object, decision: DecisionOptions | None, prior: float | None
    ) -> Any:
        """Return a trained model that predicts classes as the parameters ask; see ml.models."""
        return model

    def network_threshold(self, model: Any) -> float | None:
        """Return above which probability a trained network predicts the positive class, if any."""
        return None

    def baseline_threshold(self, threshold: object) -> float | None:
        """Return the threshold of the baselines for that of the parameters; see ml.models."""
        return None

    @abstractmethod
    def keras_model(self, network: Mapping[str, Any], trained: Any) -> Any:
        """Build the trained network alone as an uncompiled Keras model.

        Args:
            network: Keras's JSON description.
            trained: The engine's model.

        Returns:
            Feature vectors in; the classes' probabilities or the numbers out, as `trained` states
            them.
        """

    @abstractmethod
    def baselines(self, options: BaselineOptions, seed: int) -> dict[str, Estimator[Any]]:
        """Return simpler models by name, to compare the network with.

        Args:
            options: Their settings.
            seed: For the models that draw.
        """

    @abstractmethod
    def boosting(self, options: GradientBoostingOptions, seed: int) -> dict[str, Estimator[Any]]:
        """Return the strongest baseline by name, if Spark ML has one; it trains far longer."""

    @abstractmethod
    def predictions(
        self, predicted: DataFrame, threshold: float | None = None, odds: float = 1.0
    ) -> DataFrame:
        """Keep what a prediction dataset holds.

        Args:
            predicted: A frame with the columns of a Spark ML model.
            threshold: Of two classes, predict the positive one above this probability; None keeps
                the model's own predictions.
            odds: What the odds of two classes are multiplied by, see ml.class_prior.odds_factor.

        Returns:
            `row_id`, `predicted`, and `weight` if the rows have one.
        """

    @abstractmethod
    def evaluation(self, target: Target, prior: float | None) -> Evaluation:
        """Return how its predictions are measured.

        Args:
            target: Has the classes.
            prior: Share of positives in the population that the rows stand for; None: theirs.
        """

    def scoring_stages(self, target: Target) -> list[Any]:
        """Return the stages of a scoring model behind the network."""
        return []
