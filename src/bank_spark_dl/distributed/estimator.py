"""The Spark ML estimators: Elephas's parameters in, a model that can be saved out."""

from dataclasses import replace
from typing import Any

from bank_spark_dl.distributed.config import (
    CLASS_MONITORS,
    MANY_CLASS_MONITORS,
    NUMBER_MONITORS,
    NetworkConfig,
    TrainingConfig,
)
from bank_spark_dl.distributed.data.label_check import COUNT_LOSSES
from bank_spark_dl.distributed.data.plan import TrainingPlan
from bank_spark_dl.distributed.model import ElephasClassificationModel, ElephasRegressionModel
from bank_spark_dl.distributed.network_estimator import NetworkEstimator
from bank_spark_dl.distributed.params import ClassifierParams, RegressorParams
from bank_spark_dl.distributed.training.class_metrics import TOP_K
from bank_spark_dl.distributed.training.loop import Trained
from bank_spark_dl.distributed.training.network_check import count_classes
from bank_spark_dl.errors import ParameterError


class ElephasClassifier(ClassifierParams, NetworkEstimator):
    """Trains a Keras network that tells classes apart on a Spark DataFrame.

    Labels are 0, 1, ... `keras_model_config` is the JSON of an uncompiled Keras model with an
    output for each class (a softmax, or independent sigmoids), or for two classes one sigmoid.
    """

    def _network_config(self) -> NetworkConfig:
        weights = self.getOrDefault("class_weights")
        return replace(
            super()._network_config(), classes=2, class_weights=weights and tuple(weights.values())
        )

    def for_network(self, config: TrainingConfig, network: Any) -> TrainingConfig:
        """Complete a configuration by the number of classes.

        Raises:
            ParameterError: A parameter is for another number of classes.
        """
        classes = count_classes(network)
        self.check_thresholds(classes)
        weights = config.network.class_weights
        if weights is not None and len(weights) != classes:
            raise ParameterError(
                f"class_weights has {len(weights)} weights, and the network tells {classes} "
                "classes apart: give one for each."
            )
        if classes > 2 and config.prior is not None:
            raise ParameterError(
                f"prior is for two classes, and there are {classes}: leave it out."
            )
        if classes > 2 and config.calibration == "platt":
            raise ParameterError(
                f"calibration=platt is for two classes, and there are {classes}: use temperature."
            )
        monitors: tuple[str, ...] = CLASS_MONITORS if classes == 2 else MANY_CLASS_MONITORS
        if classes <= TOP_K:
            monitors = tuple(name for name in monitors if name != "val_top_k")
        require_monitor(config, monitors, f"{classes} classes")
        config = replace(config, network=replace(config.network, classes=classes))
        thresholds = self.getOrDefault("thresholds")
        if thresholds is None:
            return config
        if classes == 2:
            return replace(config, threshold=thresholds[1] / sum(thresholds))
        return replace(config, thresholds=tuple(thresholds))

    def trained_model(
        self, trained: Trained, config: TrainingConfig, plan: TrainingPlan, inputs: int
    ) -> ElephasClassificationModel:
        """Return the model of a training that has ended."""
        return ElephasClassificationModel(
            config.network.keras_model_config,
            trained.weights,
            trained.history,
            inputs,
            trained.calibration,
            trained.validation_bins,
            trained.prior_shift,
            config.network.classes or 2,
        )


class ElephasRegressor(RegressorParams, NetworkEstimator):
    """Trains a Keras network that predicts a number on a Spark DataFrame.

    `keras_model_config` is the JSON of an uncompiled Keras model with one output. `loss` is a Keras
    loss of numbers: mean_squared_error, mean_absolute_error, huber, log_cosh, poisson, ... It is of
    the standardized label if `standardizeLabel` is true.
    """

    def config(self) -> TrainingConfig:
        """Return the training's configuration: the parameters of the same names.

        Raises:
            ParameterError: Values do not fit together.
        """
        return replace(super().config(), standardize_label=self.getOrDefault("standardizeLabel"))

    def for_network(self, config: TrainingConfig, network: Any) -> TrainingConfig:
        """Complete a configuration.

        Raises:
            ParameterError: The loss takes no standardized labels, or early stopping monitors a
                figure of classes.
        """
        if config.standardize_label and config.network.loss in COUNT_LOSSES:
            raise ParameterError(
                f"loss {config.network.loss!r} takes no negative labels, as standardized ones may "
                "be: set standardizeLabel to False, and end the network with the activation "
                "softplus or exponential."
            )
        require_monitor(config, NUMBER_MONITORS, "numbers")
        return config

    def trained_model(
        self, trained: Trained, config: TrainingConfig, plan: TrainingPlan, inputs: int
    ) -> ElephasRegressionModel:
        """Return the model of a training that has ended."""
        number = plan.number
        label = (number.mean, number.scale) if config.standardize_label else (0.0, 1.0)
        return ElephasRegressionModel(
            config.network.keras_model_config, trained.weights, trained.history, inputs, *label
        )


def require_monitor(config: TrainingConfig, monitors: tuple[str, ...], labels: str) -> None:
    """Raise ParameterError if early stopping monitors a figure that these labels do not have."""
    stopping = config.early_stopping
    if stopping is not None and stopping.monitor not in monitors:
        raise ParameterError(
            f"early_stopping.monitor is {stopping.monitor}, which labels that are {labels} do not "
            f"have: use one of {', '.join(monitors)}."
        )
