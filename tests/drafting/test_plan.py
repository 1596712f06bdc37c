"""What a column is used for."""

import pandas as pd
import pytest
from pyspark.sql.types import DataType, DoubleType, IntegerType, StringType

from bank_spark_dl.drafting.inspection import ColumnFacts
from bank_spark_dl.drafting.label import Label
from bank_spark_dl.drafting.plan import looks_like_id, plan_columns
from bank_spark_dl.drafting.roles import Roles


def facts(name: str = "x", rows: int = 1000, values: int = 1000, distinct: int = 50) -> ColumnFacts:
    return ColumnFacts(
        name=name,
        kind=StringType(),
        rows=rows,
        forms={"text": values},
        words=(),
        distinct=distinct,
        undecodable=0,
        low=0.0,
        high=1e6,
    )


def use(found: ColumnFacts, kind: DataType, values: list[str | None]) -> str:
    columns = {"y": (facts("y"), StringType()), "x": (found, kind)}
    label = Label("y", "binary", "", {"a": 1, "b": 1}, "a")
    return plan_columns(columns, Roles("y"), pd.DataFrame({"x": values, "y": values}), label)[1].use


@pytest.mark.parametrize(("rows", "expected"), [(19, "dropped"), (20, "category")])
def test_a_text_needs_a_value_that_is_frequent_among_train_rows(rows: int, expected: str) -> None:
    others = [f"rare {number % 200}" for number in range(1000 - rows)]
    assert use(facts(distinct=200), StringType(), [*["often"] * rows, *others]) == expected


@pytest.mark.parametrize(("values", "expected"), [(4, "dropped"), (5, "number")])
def test_a_number_needs_some_values(values: int, expected: str) -> None:
    found = facts(rows=20, values=values, distinct=4)
    assert use(found, DoubleType(), [str(number) for number in range(20)]) == expected


@pytest.mark.parametrize(
    ("name", "kind", "high", "expected"),
    [
        ("customer", StringType(), 0, True),
        ("customerID", IntegerType(), 1e6, True),
        ("order_no", IntegerType(), 1e6, True),
        ("population", IntegerType(), 1e6, False),
        ("row", IntegerType(), 1000, True),
    ],
)
def test_an_id_is_a_text_or_called_like_one_or_counts(
    name: str, kind: DataType, high: float, expected: bool
) -> None:
    found = ColumnFacts(**vars(facts(name)) | {"high": high})
    assert looks_like_id(found, kind, 1000) == expected
    assert not looks_like_id(found, kind, 999)
