"""Saved estimators, and paths that hold something else."""

from pathlib import Path
from typing import Any

import pytest
from pyspark.ml import Pipeline
from pyspark.ml.feature import VectorAssembler
from pyspark.sql import DataFrame

from bank_spark_dl.distributed import ElephasClassifier
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
    assert loaded.settings() == ElephasClassifier(**settings).settings()
    assert loaded.network_spec() == ElephasClassifier(**settings).network_spec()


def test_values_that_met_no_converter_are_refused(
    frame: DataFrame, settings: dict[str, Any]
) -> None:
    classifier = ElephasClassifier(**settings).set_epochs(2.5)
    with pytest.raises(UserError, match="epochs must be a whole number"):
        classifier.fit(frame)
    classifier.set_epochs(1)
    with pytest.raises(UserError, match="batch_size must be a whole number"):
        classifier.fit(frame, {classifier.batch_size: "x"})
