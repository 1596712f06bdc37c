import inspect
from typing import get_args

import keras
import pytest

from bank_spark_dl.errors import ParameterError
from bank_spark_dl.ml.training import checkpoint_folder, keras_config
from bank_spark_dl.params import ElephasOptions, Optimizer, Parameters, Schedule


@pytest.fixture
def options(parameters: Parameters) -> ElephasOptions:
    return parameters.elephas


def test_parameters_allow_what_keras_has() -> None:
    optimizers, schedules = keras.optimizers, keras.optimizers.schedules
    wrappers = {optimizers.Optimizer, optimizers.LossScaleOptimizer, optimizers.MultiOptimizer}
    known = [value for value in vars(optimizers).values() if inspect.isclass(value)]
    usable = {kind for kind in known if issubclass(kind, optimizers.Optimizer)} - wrappers
    assert set(get_args(Optimizer)) == {kind.__name__.lower() for kind in usable}
    assert {*get_args(Schedule), "LearningRateSchedule"} == {
        name for name, value in vars(schedules).items() if inspect.isclass(value)
    }


def test_checkpoints_lie_with_the_results_or_where_the_options_say(options: ElephasOptions) -> None:
    assert checkpoint_folder(options, "data") == "data/06_models/checkpoint"
    named = options.model_copy(update={"checkpoint_dir": "/fast/disk"})
    assert checkpoint_folder(named, "s3a://bucket") == "/fast/disk"


def test_results_elsewhere_have_no_checkpoint_and_cannot_be_resumed(
    options: ElephasOptions,
) -> None:
    assert checkpoint_folder(options, "s3a://bucket/data") is None
    with pytest.raises(ParameterError, match=r"data_root is s3a://bucket.*set elephas.checkpoint"):
        checkpoint_folder(options.model_copy(update={"resume": True}), "s3a://bucket")


def test_keras_describes_its_objects_by_class_and_configuration() -> None:
    assert keras_config({"name": "sgd", "momentum": 0.9}) == {
        "class_name": "sgd",
        "config": {"momentum": 0.9},
    }
