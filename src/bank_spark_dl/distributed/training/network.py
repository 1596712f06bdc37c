"""Build and compile a network from its configuration."""

from typing import Any

from bank_spark_dl.distributed.config import NetworkConfig
from bank_spark_dl.distributed.runtime.keras_seeds import seeds_drawn_from
from bank_spark_dl.distributed.runtime.safe_keras import network_from_json
from bank_spark_dl.distributed.training.description_check import check_description
from bank_spark_dl.distributed.training.loss_check import check_loss_and_metrics
from bank_spark_dl.distributed.training.network_check import checked_network, count_classes
from bank_spark_dl.distributed.training.optimizer_check import build_optimizer, check_optimizer
from bank_spark_dl.distributed.training.output_check import check_outputs


def build_network(config: NetworkConfig) -> Any:
    """Build and compile the Keras model of a configuration, with new weights."""
    model = _compile(network_from_json(config.keras_model_config), config)
    model.optimizer.build(model.trainable_variables)
    return model


def initial_network(config: NetworkConfig, seed: int) -> Any:
    """Build and compile the network with the initial weights of a seed, and check all of it.

    Its optimizer has no state: the driver does no train step.

    Args:
        config: The network; of its `classes` only whether there are some counts.
        seed: Of the weights.

    Raises:
        InputDataError: The network holds code.
        ParameterError: Network, loss, metrics or optimizer cannot be trained with.
    """
    numbers = config.classes is None
    check_description(config.keras_model_config)
    with seeds_drawn_from(seed):
        model = checked_network(config.keras_model_config, numbers=numbers)
    check_outputs(model, numbers=numbers)
    classes = None if numbers else count_classes(model)
    check_loss_and_metrics(model, config.loss, config.metrics, classes)
    check_optimizer(config.optimizer_config)
    return _compile(model, config)


def _compile(model: Any, config: NetworkConfig) -> Any:
    optimizer = build_optimizer(config.optimizer_config)
    # Keras weighs only the metrics that are named so.
    metrics = {"weighted_metrics" if config.weighted else "metrics": list(config.metrics)}
    model.compile(optimizer=optimizer, loss=config.loss, **metrics)
    return model
