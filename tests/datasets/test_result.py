"""Typed results come back from JSON as they were."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from kedro.io import DatasetError

from bank_spark_dl.datasets import ResultDataset
from bank_spark_dl.ml.evaluation.decision import make_decision
from bank_spark_dl.ml.evaluation.intervals import Interval
from bank_spark_dl.ml.evaluation.results import (
    ColumnImportance,
    CrossValidation,
    FoldMeans,
    Importance,
    NoDecision,
    Subgroup,
)
from bank_spark_dl.parameters import DecisionOptions

RESULTS = "bank_spark_dl.ml.evaluation.results"
ENDS = Interval(0.2, 0.1, 0.3)
MEANS = FoldMeans(ENDS, ENDS, ENDS, ENDS)
DECISION = make_decision(
    np.ones((2, 1000)),
    DecisionOptions(call_cost=1.0, deposit_value=4.0, budget=None, bootstrap=100),
    None,
    seed=1,
)


def dataset(folder: Path, result: str) -> ResultDataset:
    return ResultDataset(filepath=str(folder / "it.json"), result=f"{RESULTS}.{result}")


@pytest.mark.parametrize(
    ("result", "content"),
    [
        pytest.param("AnyDecision", DECISION, id="decision"),
        pytest.param("AnyDecision", NoDecision(), id="no-decision"),
        pytest.param(
            "Importance",
            Importance(3, 2, (ColumnImportance("a, b", ("a", "b"), ENDS, ENDS),), {"n": ["a"]}),
            id="importance",
        ),
        pytest.param(
            "Subgroups", (Subgroup("job", "maid", 3, 0.5, ENDS, 0.7, None),), id="subgroups"
        ),
        pytest.param("Subgroups", (), id="no-subgroups"),
        pytest.param(
            "CrossValidation",
            CrossValidation(2, 0, {"network": MEANS}, {"tree": MEANS}, "Over 2 folds ..."),
            id="cross-validation",
        ),
    ],
)
def test_a_result_comes_back(tmp_path: Path, result: str, content: Any) -> None:
    kept = dataset(tmp_path, result)
    kept.save(content)
    assert kept.load() == content


def test_nothing_decided_is_an_empty_object(tmp_path: Path) -> None:
    dataset(tmp_path, "AnyDecision").save(NoDecision())
    assert (tmp_path / "it.json").read_text() == "{}"


def test_half_a_decision_is_none(tmp_path: Path) -> None:
    kept = dataset(tmp_path, "AnyDecision")
    kept.save(DECISION)
    content = json.loads((tmp_path / "it.json").read_text())
    del content["cutoff"]
    (tmp_path / "it.json").write_text(json.dumps(content))
    with pytest.raises(DatasetError, match=r"it.json is not what .*: Decision.cutoff: Field req"):
        kept.load()


def test_the_preview_is_the_file(tmp_path: Path) -> None:
    kept = dataset(tmp_path, "Importance")
    (tmp_path / "it.json").write_text('{"rows": 3}')
    assert kept.preview() == '{"rows": 3}'
