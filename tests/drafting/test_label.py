"""What the label says: the task, and which class of two is the positive one."""

import pytest
from pyspark.sql.types import (
    BooleanType,
    DataType,
    DateType,
    DoubleType,
    IntegerType,
    StringType,
)

from bank_spark_dl.drafting.label import choose_label, find_column
from bank_spark_dl.errors import InputDataError, ParameterError

TEXT, WHOLE = StringType(), IntegerType()


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
    label = choose_label("t.csv", "y", TEXT, counts, positive=given)
    assert (label.task, label.positive, set(label.rows)) == ("binary", positive, set(counts))


@pytest.mark.parametrize(
    ("kind", "values", "given", "task"),
    [
        (TEXT, 2, None, "binary"),
        (BooleanType(), 2, None, "binary"),
        (DoubleType(), 2, None, "binary"),
        (WHOLE, 2, None, "binary"),
        (TEXT, 3, None, "multiclass"),
        (DateType(), 3, None, "multiclass"),
        (TEXT, 1000, None, "multiclass"),
        (WHOLE, 20, None, "multiclass"),
        (WHOLE, 21, None, "regression"),
        (DoubleType(), 3, None, "regression"),
        (WHOLE, 20, "regression", "regression"),
        (WHOLE, 2, "regression", "regression"),
        (WHOLE, 21, "multiclass", "multiclass"),
        (DoubleType(), 21, "multiclass", "multiclass"),
    ],
)
def test_type_and_values_decide_the_task(
    kind: DataType, values: int, given: str | None, task: str
) -> None:
    label = choose_label("t.csv", "y", kind, {str(n): 5 for n in range(values)}, given)
    assert label.task == task
    assert len(label.rows) == (0 if task == "regression" else values)
    assert (label.positive is not None) == (task == "binary")


@pytest.mark.parametrize(
    ("counts", "kind", "task", "positive", "part"),
    [
        ({"a": 5}, TEXT, None, None, "must have two or more classes, but has 1: 'a' (5 rows)"),
        ({"a": 5, "b": 5}, TEXT, "multiclass", None, "must have more than two classes, but has 2"),
        (dict.fromkeys("abc", 5), TEXT, "binary", None, "must have two classes, but has 3: 'a'"),
        (
            {str(n): 1 for n in range(7)},
            TEXT,
            None,
            None,
            "has 7 different values in 7 rows, which are too many to be classes. Name another",
        ),
        ({str(n): 9 for n in range(1001)}, TEXT, None, None, "has more than 1,000 different"),
        ({"a": 5, "b": 1}, TEXT, None, None, "the class 'b' of the label 'y' has 1 row, and train"),
        ({"a": 9, "b": 1, "c": 1}, TEXT, None, None, "has 1 row (so have 1 others), and train"),
        ({"a": 5, "b": 4, None: 3}, TEXT, None, None, "is empty in 3 rows"),
        ({"0.5": 5, "1.5": 4, None: 3}, DoubleType(), "regression", None, "is empty in 3 rows"),
        ({"5": 5}, DoubleType(), None, None, "must have different numbers, but has 1: '5' (5"),
        ({"a": 5, "b": 4}, TEXT, "regression", None, "is of the type string, and --task regress"),
        ({"a": 5, "b": 4}, TEXT, None, "c", "has no class 'c', which --positive names"),
    ],
)
def test_other_labels_are_refused(
    counts: dict[str | None, int],
    kind: DataType,
    task: str | None,
    positive: str | None,
    part: str,
) -> None:
    with pytest.raises(InputDataError) as refused:
        choose_label("t.csv", "y", kind, counts, task, positive)
    assert part in str(refused.value)


def test_only_two_classes_have_a_positive_one() -> None:
    with pytest.raises(ParameterError) as refused:
        choose_label("t.csv", "y", TEXT, {"a": 5, "b": 4, "c": 4}, positive="a")
    assert str(refused.value) == (
        "--positive names one of two classes, but the task is multiclass. Leave it out, or give "
        "--task binary."
    )


def test_a_column_is_found_with_blanks_around_its_name() -> None:
    assert find_column("t.csv", " y ", ["x", "y"], "--label") == "y"


@pytest.mark.parametrize(
    ("name", "hint"), [("Churn ?", "Did you mean 'churn'?"), ("z", "It has x, churn.")]
)
def test_a_column_that_is_not_there_is_refused_with_a_hint(name: str, hint: str) -> None:
    with pytest.raises(InputDataError, match="which --label names") as refused:
        find_column("t.csv", name, ["x", "churn"], "--label")
    assert str(refused.value).endswith(hint)
