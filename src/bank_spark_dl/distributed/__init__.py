"""Keras on Spark by Elephas: exact, fast and saveable.

`ElephasClassifier` and `ElephasRegressor` train, `ElephasClassificationModel` and
`ElephasRegressionModel` score; `train_many` trains folds, seeds and settings side by side. Names
are resolved on first use, because Elephas imports TensorFlow (seconds) and neither scoring nor
partitioning rows needs it.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from bank_spark_dl.distributed.runtime.keras_import import load_keras

if TYPE_CHECKING:
    from bank_spark_dl.distributed.estimator import ElephasClassifier, ElephasRegressor
    from bank_spark_dl.distributed.many.splits import HoldOut, Split
    from bank_spark_dl.distributed.many.train_many import train_many
    from bank_spark_dl.distributed.many.training import Training, TrainingResult
    from bank_spark_dl.distributed.model import ElephasClassificationModel, ElephasRegressionModel
    from bank_spark_dl.distributed.runtime.worker_pool import prewarm, spark_conf
    from bank_spark_dl.distributed.training.history import TrainingHistory

__all__ = [
    "ElephasClassificationModel",
    "ElephasClassifier",
    "ElephasRegressionModel",
    "ElephasRegressor",
    "HoldOut",
    "Split",
    "Training",
    "TrainingHistory",
    "TrainingResult",
    "load_keras",
    "prewarm",
    "spark_conf",
    "train_many",
]

_HOMES = {
    "ElephasClassificationModel": "model",
    "ElephasClassifier": "estimator",
    "ElephasRegressionModel": "model",
    "ElephasRegressor": "estimator",
    "HoldOut": "many.splits",
    "Split": "many.splits",
    "Training": "many.training",
    "TrainingHistory": "training.history",
    "TrainingResult": "many.training",
    "prewarm": "runtime.worker_pool",
    "spark_conf": "runtime.worker_pool",
    "train_many": "many.train_many",
}

_IMPORT_ELEPHAS = ("ElephasClassifier", "ElephasRegressor", "train_many")


def __getattr__(name: str) -> Any:
    """Import a public name's module when the name is first used."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    if name in _IMPORT_ELEPHAS:
        # Elephas imports TensorFlow, and TensorFlow Keras. While another thread imports Keras,
        # which imports TensorFlow, that would leave TensorFlow without its Keras.
        load_keras()
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
