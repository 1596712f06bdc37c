"""Which columns rows to score may lack, and what may name them."""

from types import SimpleNamespace
from typing import Any

import pytest

from bank_spark_dl.errors import ParameterError
from bank_spark_dl.hooks.scoring import ScoringHooks


def lacking(derived: dict[str, str], counts: dict[str, list[str]], **others: Any) -> list[str]:
    """What the hook tells the dataset of rows to score; the table has a column of each role."""
    told: list[str] = []
    dataset = SimpleNamespace(reads_rows_to_score=True, may_lack=told.extend, **others)
    parameters: dict[str, Any] = {
        "raw_filepath": "customers",
        "scoring.input": "new.csv",
        "data.columns.label": "y",
        "data.columns.drop": ["notes", "day"],
        "data.columns.time": "a`b",
        "data.columns.group": "Customer",
        "data.weight": "share",
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
        pytest.param(
            {"x": "`a``b` + interval 1 day"}, {}, ["notes", "day", "Customer"], id="interval"
        ),
    ],
)
def test_columns_that_no_model_reads_may_be_absent(
    derived: dict[str, str], counts: dict[str, list[str]], unread: list[str]
) -> None:
    assert lacking(derived, counts) == ["y", *unread, "share"]


def test_a_path_to_score_is_refused_where_the_rows_are_no_file() -> None:
    assert lacking({}, {}, table="new.csv")[0] == "y"
    with pytest.raises(ParameterError) as refused:
        lacking({}, {}, table="new_customers")
    assert str(refused.value) == (
        "scoring.input is new.csv, but rows is the table new_customers, which a dataset loads and "
        "no path names: leave scoring.input out, and name another dataset under rows in the "
        "catalog to score other rows."
    )
