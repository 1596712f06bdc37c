"""Which class is the positive one."""

import pytest

from bank_spark_dl.drafting.label import choose_label, find_column
from bank_spark_dl.errors import InputDataError


@pytest.mark.parametrize(
    ("counts", "given", "positive"),
    [
        ({"no": 10, "yes": 90}, None, "yes"),
        ({"0": 10, "1": 90}, None, "1"),
        ({"0.0": 10, "1.0": 90}, None, "1.0"),
        ({"True": 90, "False": 10}, None, "True"),
        ({"good": 90, "bad": 10}, None, "bad"),
        ({"good": 90, "bad": 10}, "good", "good"),
    ],
)
def test_it_is_what_is_given_or_says_yes_or_is_rarer(
    counts: dict[str | None, int], given: str | None, positive: str
) -> None:
    label = choose_label("t.csv", "y", counts, given)
    assert label.positive == positive
    assert {label.positive, label.negative} == set(counts)


@pytest.mark.parametrize(
    ("counts", "given", "part"),
    [
        ({"a": 5}, None, "must have two classes, but has 1: 'a' (5 rows)"),
        (
            {str(n): 1 for n in range(7)},
            None,
            "'3' (1 rows), '4' (1 rows) and others. Name",
        ),
        ({str(n): 1 for n in range(101)}, None, "at least 101"),
        ({"a": 5, "b": 1}, None, "the class 'b' of the label 'y' has 1 row"),
        ({"a": 5, "b": 4, None: 3}, None, "is empty in 3 rows"),
        ({"a": 5, "b": 4}, "c", "has no class 'c', which --positive names"),
    ],
)
def test_other_labels_are_refused(
    counts: dict[str | None, int], given: str | None, part: str
) -> None:
    with pytest.raises(InputDataError) as refused:
        choose_label("t.csv", "y", counts, given)
    assert part in str(refused.value)


def test_a_column_is_found_with_blanks_around_its_name() -> None:
    assert find_column("t.csv", " y ", ["x", "y"], "--label") == "y"


@pytest.mark.parametrize(
    ("name", "hint"), [("Churn ?", "Did you mean 'churn'?"), ("z", "It has x, churn.")]
)
def test_a_column_that_is_not_there_is_refused_with_a_hint(name: str, hint: str) -> None:
    with pytest.raises(InputDataError, match="which --label names") as refused:
        find_column("t.csv", name, ["x", "churn"], "--label")
    assert str(refused.value).endswith(hint)
