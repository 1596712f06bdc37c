"""Saved estimators, and paths that hold something else."""

from pathlib import Path
from typing import Any

import pytest
from pyspark.ml import Pipeline
from pyspark.ml.feature import VectorAssembler
from pyspark.sql import DataFrame

from bank_spark_dl.distributed import ElephasClassifier
from bank_spark_dl.distributed.config import EarlyStopping
from bank_spark_dl.distributed.params import TypedParam
from bank_spark_dl.errors import UserError


def message(path: Path) -> str:
    try:
        ElephasClassifier.load(str(path))
    except UserError as error:
        return str(error)
    except Exception as error:
        return f"Traceback: {type(error).__name__}: {error}"
    return "loaded"


def test_what_is_no_estimator_is_named(
    frame: DataFrame, settings: dict[str, Any], tmp_path: Path
) -> None:
    ElephasClassifier(**settings | {"epochs": 1}).fit(frame).save(str(tmp_path / "model"))
    VectorAssembler(inputCols=["a"], outputCol="b").save(str(tmp_path / "assembler"))
    (tmp_path / "folder").mkdir()
    assert message(tmp_path / "model") == (
        f"At {tmp_path / 'model'} lies a saved ElephasClassificationModel, not an "
        "ElephasClassifier: load it with ElephasClassificationModel.load, or give the folder that "
        "an ElephasClassifier was saved to."
    )
    assert "lies a saved VectorAssembler, not an" in message(tmp_path / "assembler")
    assert message(tmp_path / "folder").startswith("There is no saved ElephasClassifier at")
    assert message(tmp_path / "nowhere").startswith("There is no saved ElephasClassifier at")


def test_estimators_inside_a_pipeline_load(settings: dict[str, Any], tmp_path: Path) -> None:
    Pipeline(stages=[ElephasClassifier(**settings)]).save(str(tmp_path / "pipeline"))
    (loaded,) = Pipeline.load(str(tmp_path / "pipeline")).getStages()
    assert loaded.config() == ElephasClassifier(**settings).config()


def test_every_parameter_is_documented_where_its_class_is(settings: dict[str, Any]) -> None:
    classifier = ElephasClassifier(**settings)
    for param in classifier.params:
        assert isinstance(getattr(ElephasClassifier, param.name), TypedParam)
        assert len(param.doc) > 10
    explained = classifier.explainParams().splitlines()
    assert "epochs: passes over the training rows (default: 25, current: 3)" in explained
    assert (
        "merge: optimizer state after a round: reset, average, or keep each worker's own "
        "(default: reset)" in explained
    )
    assert (
        "threshold: of two classes, label 1 is predicted above this probability, [0, 1] "
        "(default: 0.5)" in explained
    )
    assert "nb_classes: not offered: there is a class for each output. (default: None)" in explained


def test_the_configuration_is_the_parameters_of_the_same_names(settings: dict[str, Any]) -> None:
    config = ElephasClassifier(**settings, early_stopping={"patience": 2}).config()
    assert (config.num_workers, config.epochs, config.batch_size, config.seed) == (2, 3, 16, 7)
    assert config.early_stopping == EarlyStopping("val_loss", 2, 0.0)
    assert (config.merge, config.threshold, config.max_shard_mb) == ("reset", 0.5, 1024.0)


def test_a_schedule_is_taken_out_of_the_optimizer(settings: dict[str, Any]) -> None:
    """And what decides the rounds is compared with checkpoints in the form of earlier versions."""
    schedule = {"class_name": "CosineDecay", "config": {"decay_steps": 9}}
    adam = {"class_name": "adam", "config": {"learning_rate": schedule, "beta_1": 0.8}}
    classifier = ElephasClassifier(
        **settings | {"optimizer_config": adam, "class_weights": {1: 2, 0: 1}}
    )
    network = classifier.config().network
    assert network.learning_rate_schedule == schedule
    assert network.optimizer_config == {"class_name": "adam", "config": {"beta_1": 0.8}}
    assert classifier.get_optimizer_config() == adam
    assert classifier.config().fingerprint() == {
        "keras_model_config": settings["keras_model_config"],
        "loss": "binary_crossentropy",
        "metrics": ["acc"],
        "optimizer_config": '{"class_name": "adam", "config": {"beta_1": 0.8}}',
        "learning_rate_schedule": '{"class_name": "CosineDecay", "config": {"decay_steps": 9}}',
        "class_weights": [1.0, 2.0],
        "batch_size": 16,
        "num_workers": 2,
        "epochs": 3,
        "validation_split": 0.1,
        "seed": 7,
        "merge": "reset",
        "steps_per_round": None,
        "early_stopping": None,
        "threshold": 0.5,
        "prior": None,
    }


def test_values_that_met_no_converter_are_refused(
    frame: DataFrame, settings: dict[str, Any]
) -> None:
    classifier = ElephasClassifier(**settings).set_epochs(2.5)
    with pytest.raises(UserError, match="epochs must be a whole number"):
        classifier.fit(frame)
    classifier.set_epochs(1)
    with pytest.raises(UserError, match="batch_size must be a whole number"):
        classifier.fit(frame, {classifier.batch_size: "x"})
