"""Which columns a file to score may lack."""

from types import SimpleNamespace
from typing import Any

import pytest

from bank_spark_dl.hooks.scoring import ScoringHooks


def lacking(derived: dict[str, str], counts: dict[str, list[str]]) -> list[str]:
    """What the hook tells the dataset of rows to score, for a table with a time and a group."""
    told: list[str] = []
    dataset = SimpleNamespace(reads_rows_to_score=True, may_lack=told.extend)
    parameters: dict[str, Any] = {
        "data.columns.label": "y",
        "data.columns.drop": ["notes", "day"],
        "data.columns.time": "a`b",
        "data.columns.group": "Customer",
        "features.derived": derived,
        "features.counts": counts,
    }
    catalog: Any = {"rows": dataset, "model": SimpleNamespace()} | {
        f"params:{key}": SimpleNamespace(load=lambda value=value: value)
        for key, value in parameters.items()
    }
    pipeline: Any = SimpleNamespace(inputs=lambda: {"rows", "model"})
    ScoringHooks().before_pipeline_run(pipeline, catalog)
    return told


@pytest.mark.parametrize(
    ("derived", "counts", "unread"),
    [
        pytest.param({}, {}, ["notes", "day", "a`b", "Customer"], id="nothing-derived"),
        pytest.param({"w": "day / 7"}, {}, ["notes", "a`b", "Customer"], id="from-a-dropped-one"),
        pytest.param({"x": "day(`a``b`)"}, {}, ["notes", "day", "Customer"], id="from-the-time"),
        pytest.param({}, {"n": ["Customer"]}, ["notes", "day", "a`b"], id="counted-by-group"),
    ],
)
def test_columns_that_no_model_reads_may_be_absent(
    derived: dict[str, str], counts: dict[str, list[str]], unread: list[str]
) -> None:
    assert lacking(derived, counts) == ["y", *unread]
