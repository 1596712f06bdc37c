"""The label: two classes, no gaps, one of them positive."""

import pytest

from bank_spark_dl.errors import InputDataError
from bank_spark_dl.ml.features.label import check_label, positive_value


@pytest.mark.parametrize(
    ("classes", "positive", "chosen"),
    [
        (["no", "yes"], "yes", "yes"),
        (["no", "yes"], "no", "no"),
        (["0", "1"], "yes", "1"),
        (["0", "1"], "True", "1"),
        (["0", "1"], "0", "0"),
        (["0.0", "1.0"], "1", "1.0"),
        (["0.0", "1.0"], "yes", "1.0"),
        (["1", "2"], "2.0", "2"),
        (["false", "true"], "yes", "true"),
        (["false", "true"], "True", "true"),
        (["false", "true"], "1", "true"),
        (["false", "true"], "False", "false"),
    ],
)
def test_positive_value(classes, positive, chosen):
    assert positive_value(classes, positive) == chosen


@pytest.mark.parametrize("positive", ["no", "maybe"])
def test_positive_value_must_be_a_class(positive):
    with pytest.raises(InputDataError) as caught:
        positive_value(["1", "0"], positive)
    assert str(caught.value) == (
        f"The positive class '{positive}' is not among the label's values '0', '1'. "
        "Set data.columns.positive to one of them."
    )


def labels(spark, values, kind="string"):
    return spark.createDataFrame([(value,) for value in values], f"`the.label` {kind}")


def test_returns_the_negative_and_the_positive_class(spark):
    assert check_label(labels(spark, "abab"), "the.label", "a", "f") == ("b", "a")
    assert check_label(labels(spark, [0, 1], "int"), "the.label", "yes", "f") == ("0", "1")
    doubles, booleans = labels(spark, [0.0, 1.0], "double"), labels(spark, [True, False], "boolean")
    assert check_label(doubles, "the.label", "1", "f") == ("0.0", "1.0")
    assert check_label(booleans, "the.label", "yes", "f") == ("false", "true")


CORRECT = "Correct the label, or name another column in data.columns.label."
TWO = "calls.csv: the label 'the.label' must have two classes, but has "


@pytest.mark.parametrize(
    ("values", "message"),
    [
        pytest.param("aa", TWO + f"1: 'a' (2 rows). {CORRECT}", id="one"),
        pytest.param(
            "abcbba", TWO + f"3: 'b' (3 rows), 'a' (2 rows), 'c' (1 rows). {CORRECT}", id="three"
        ),
        pytest.param(
            "aaaaaabbbbbccccdddeefgh",
            TWO + "more than 5: 'a' (6 rows), 'b' (5 rows), 'c' (4 rows), 'd' (3 rows), "
            f"'e' (2 rows), .... {CORRECT}",
            id="many",
        ),
        pytest.param("", TWO + f"no rows. {CORRECT}", id="none"),
        pytest.param(
            ["a", None, "b", None],
            "calls.csv: the label 'the.label' is empty in 2 rows. Fill it, or remove these rows.",
            id="nulls",
        ),
        pytest.param(
            "xz",
            "calls.csv, column 'the.label': The positive class 'yes' is not among the label's "
            "values 'x', 'z'. Set data.columns.positive to one of them.",
            id="no_positive",
        ),
    ],
)
def test_refuses(spark, values, message):
    with pytest.raises(InputDataError) as caught:
        check_label(labels(spark, values), "the.label", "yes", "calls.csv")
    assert str(caught.value) == message
