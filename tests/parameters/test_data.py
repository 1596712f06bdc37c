"""Columns that have several roles, subgroups, target leakage."""

from typing import Any

import pytest

from bank_spark_dl.parameters import check_parameters
from parameters.raw import BASE, Key, changed, refusal


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        pytest.param(
            ("data", "columns", "drop"),
            ["job"],
            "data.columns: a column can have one role only: name job once.",
            id="two-roles",
        ),
        pytest.param(
            ("data", "columns", "time"),
            "age",
            "data.columns: a column can have one role only: name age once.",
            id="time-is-an-input",
        ),
        pytest.param(
            ("data", "columns", "group"),
            "id",
            "data.columns: a column can have one role only: name id once.",
            id="group-is-the-id",
        ),
        *(
            pytest.param(
                ("data", "split"),
                split,
                f"data: split is {split}, but columns.{split} is null: name the column there, or "
                "set split to random.",
                id=f"no-{split}",
            )
            for split in ("time", "group")
        ),
        pytest.param(
            ("data", "purpose"),
            "call_list",
            "data: purpose is call_list, but duration is known only after the call: add it to "
            "data.columns.drop, or set data.purpose to benchmark.",
            id="leakage",
        ),
        pytest.param(
            ("data", "segments"),
            [{"column": "age", "edges": [40, 30]}],
            "data.segments.0: the edges of age must ascend, as in [30, 40, 50].",
            id="edges-in-disorder",
        ),
        pytest.param(
            ("data", "segments"),
            [{"column": "id"}],
            "data: segments must name no column twice, and neither the id nor the label.",
            id="segment-of-the-id",
        ),
        pytest.param(
            ("data", "segments"),
            [{"column": "job"}, {"column": "job"}],
            "data: segments must name no column twice, and neither the id nor the label.",
            id="segment-twice",
        ),
        pytest.param(
            ("data", "segments"),
            [{"column": "month"}],
            "data: segments names month, which data.columns.drop drops: take it out of one of the "
            "two.",
            id="segment-of-a-dropped-column",
        ),
    ],
)
def test_columns_that_do_not_fit_are_refused(key: Key, value: Any, message: str) -> None:
    assert refusal(changed(key, value)).endswith(f".yml:\n  {message}")


def test_leakage_columns_are_those_that_are_used_and_known_after_the_call() -> None:
    data = check_parameters(BASE).data
    assert data.leakage_columns() == ["duration"]
    dropped = changed(("data", "columns", "numeric"), ["age"])
    dropped = changed(("data", "columns", "drop"), ["duration", "day"], dropped)
    assert check_parameters(dropped).data.leakage_columns() == []
