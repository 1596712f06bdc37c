"""Columns that the user gives a role."""

import pytest
from pyspark.sql.types import DataType, DateType, DoubleType, StringType

from bank_spark_dl.drafting.inspection import ColumnFacts
from bank_spark_dl.drafting.roles import Roles, check_group, check_time, repeating_ids
from bank_spark_dl.errors import InputDataError, ParameterError

NAMES = ["y", "day", "customer", "key"]


def facts(name: str, distinct: int = 100, rows: int = 320, missing: int = 0) -> ColumnFacts:
    forms = {"text": rows - missing}
    return ColumnFacts(name, StringType(), rows, forms, (), distinct, 0, None, None)


def test_columns_are_found_with_blanks_around_their_names() -> None:
    found = Roles(" y", row_id="key ", time=" day").found_in("t.csv", NAMES)
    assert found == Roles("y", row_id="key", time="day")
    assert Roles("y", group=" customer").found_in("t.csv", NAMES).group == "customer"


def test_the_order_of_the_file_is_no_column() -> None:
    assert Roles("y", time=":order").found_in("t.csv", NAMES).time == ":order"


@pytest.mark.parametrize(
    ("roles", "part"),
    [
        (Roles("y", time="dya"), "no column 'dya', which --time names. Did you mean 'day'?"),
        (Roles("y", group="cust"), "no column 'cust', which --group names"),
        (Roles("y", time="y"), "--label and --time both name 'y'"),
        (Roles("y", row_id="key", group="key"), "--id and --group both name 'key'"),
    ],
)
def test_a_role_needs_a_column_of_its_own(roles: Roles, part: str) -> None:
    with pytest.raises(InputDataError) as refused:
        roles.found_in("t.csv", NAMES)
    assert part in str(refused.value)


def test_rows_are_held_out_in_one_way() -> None:
    with pytest.raises(ParameterError, match="in one way only"):
        Roles("y", time="day", group="customer").found_in("t.csv", NAMES)


@pytest.mark.parametrize(
    ("column", "kind", "part"),
    [
        (facts("day"), StringType(), "is of the type string, and only dates as 2024-12-31"),
        (facts("day", missing=7), DateType(), "has no value in 7 rows. Fill it"),
    ],
)
def test_a_time_orders_every_row(column: ColumnFacts, kind: DataType, part: str) -> None:
    check_time("t.csv", facts("day"), DoubleType())
    with pytest.raises(InputDataError, match="which --time names") as refused:
        check_time("t.csv", column, kind)
    assert part in str(refused.value)


@pytest.mark.parametrize(
    ("column", "distinct", "part"),
    [
        (facts("c"), 320, "has another value in every row"),
        (facts("c"), 1, "has the same value in every row"),
        (facts("c", missing=1), 100, "has no value in 1 rows"),
    ],
)
def test_a_group_holds_some_rows(column: ColumnFacts, distinct: int, part: str) -> None:
    check_group("t.csv", facts("c"), 100)
    with pytest.raises(InputDataError, match="which --group names") as refused:
        check_group("t.csv", column, distinct)
    assert part in str(refused.value)


@pytest.mark.parametrize(
    ("name", "distinct", "repeats"),
    [
        ("customer_id", 100, True),
        ("patientID", 100, True),
        ("id of flat", 100, True),
        ("Client", 100, True),
        ("period", 100, False),
        ("valid", 100, False),
        ("customer_id", 10, False),  # ten customers are a category
        ("customer_id", 319, False),  # nearly every row has its own
    ],
)
def test_an_id_repeats_if_many_values_stand_in_a_few_rows(
    name: str, distinct: int, repeats: bool
) -> None:
    assert dict(repeating_ids([facts(name, distinct)])) == (
        {name: 320 / distinct} if repeats else {}
    )
