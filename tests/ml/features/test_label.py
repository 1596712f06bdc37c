"""The label: classes or numbers, no gaps; of two classes one is positive."""

from decimal import Decimal

import pytest
from pyspark.ml import PipelineModel

from bank_spark_dl.errors import InputDataError
from bank_spark_dl.ml.features.label import (
    check_label,
    label_stages,
    positive_value,
    without_label,
)
from bank_spark_dl.ml.target import MOST_CLASSES, Target


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


@pytest.fixture
def found(spark, parameters):
    """The target of a frame's label."""

    def find(frame, positive="yes", task="auto"):
        columns = parameters.data.columns.model_copy(
            update={"label": "the.label", "positive": positive}
        )
        data = parameters.data.model_copy(update={"columns": columns, "task": task})
        return check_label(frame, "the.label", data, "calls.csv")

    return find


@pytest.mark.parametrize(
    ("values", "kind", "positive", "classes"),
    [
        ("abab", "string", "a", ("b", "a")),
        ([0, 1], "int", "yes", ("0", "1")),
        ([0.0, 1.0], "double", "1", ("0.0", "1.0")),
        ([True, False], "boolean", "yes", ("false", "true")),
    ],
)
@pytest.mark.parametrize("task", ["auto", "binary"])
def test_two_values_are_a_negative_and_a_positive_class(
    spark, found, values, kind, positive, classes, task
):
    target = Target("the.label", "binary", classes)
    assert found(labels(spark, values, kind), positive, task) == target


@pytest.mark.parametrize(
    ("values", "kind", "task", "expected", "classes"),
    [
        (["b", "a", "c", "B"], "string", "auto", "multiclass", ("B", "a", "b", "c")),
        ([10, 9, 2], "int", "multiclass", "multiclass", ("10", "2", "9")),
        ([10, 9, 2], "int", "regression", "regression", ()),
        ([0, 1], "int", "regression", "regression", ()),
        ([0.5, 1.5, 3.0], "double", "auto", "regression", ()),
        ([0.5, 1.5, 3.0], "float", "auto", "regression", ()),
        ([Decimal("0.5"), Decimal(2), Decimal(3)], "decimal(5,2)", "auto", "regression", ()),
        ([0.5, 1.5, 3.0], "double", "multiclass", "multiclass", ("0.5", "1.5", "3.0")),
    ],
)
def test_type_and_values_say_what_is_predicted(spark, found, values, kind, task, expected, classes):
    target = found(labels(spark, values, kind), None, task)
    assert target == Target("the.label", expected, classes)
    assert target.outputs == max(len(classes), 1)


def test_a_class_becomes_its_place_among_the_classes_and_a_number_stays(spark):
    classes = labels(spark, ["b", "a", "c"])
    stages = PipelineModel(label_stages(Target("the.label", "multiclass", ("a", "b", "c"))))
    assert [row["label_index"] for row in stages.transform(classes).collect()] == [1.0, 0.0, 2.0]
    numbers = labels(spark, [Decimal("2.50"), Decimal(-1)], "decimal(5,2)")
    stages = PipelineModel(label_stages(Target("the.label", "regression")))
    assert [row["label_index"] for row in stages.transform(numbers).collect()] == [2.5, -1.0]
    assert without_label(stages).stages == []


CORRECT = "Correct the label, or name another column in data.columns.label."
MORE = " If there are more classes, set data.task to multiclass."
TWO = "calls.csv: the label 'the.label' must have two classes, but has "


GAPS = "calls.csv: the label 'the.label' is empty in 2 rows. Fill it, or remove these rows."
FINITE = "and only finite numbers can be predicted. Correct it, or remove these rows."
SHOWN = "'a' (6 rows), 'b' (5 rows), 'c' (4 rows), 'd' (3 rows), 'e' (2 rows), .... "
THREE = "3: 'b' (3 rows), 'a' (2 rows), 'c' (1 rows). "


@pytest.mark.parametrize(
    ("values", "kind", "task", "message"),
    [
        pytest.param(
            "aa",
            "string",
            "auto",
            f"{TWO}1: 'a' (2 rows). {CORRECT}".replace("two classes", "two classes or more"),
            id="one",
        ),
        pytest.param("abcbba", "string", "binary", f"{TWO}{THREE}{CORRECT}{MORE}", id="three"),
        pytest.param(
            "aaaaaabbbbbccccdddeefgh",
            "string",
            "binary",
            f"{TWO}more than 5: {SHOWN}{CORRECT}{MORE}",
            id="many",
        ),
        pytest.param("", "string", "binary", f"{TWO}no rows. {CORRECT}{MORE}", id="none"),
        pytest.param(["a", None, "b", None], "string", "auto", GAPS, id="nulls"),
        pytest.param([1.5, None, 2.5, None, 3.5], "double", "auto", GAPS, id="null_numbers"),
        pytest.param(
            [1.5, float("nan"), 2.5],
            "double",
            "auto",
            f"calls.csv: the label 'the.label' is NaN in 1 rows, {FINITE}",
            id="nan",
        ),
        pytest.param(
            [1.5, float("-inf"), 2.5, float("-inf")],
            "float",
            "auto",
            f"calls.csv: the label 'the.label' is -Infinity in 2 rows, {FINITE}",
            id="infinite",
        ),
        pytest.param(
            "ab",
            "string",
            "regression",
            "calls.csv: the label 'the.label' is of the type string, and data.task is regression, "
            "which needs numbers: set data.task to auto, or name another column in "
            "data.columns.label.",
            id="text_for_numbers",
        ),
        pytest.param(
            [1, 2, 3],
            "long",
            "auto",
            "calls.csv: the label 'the.label' holds whole numbers with more than two values, which "
            "may be classes or amounts: set data.task to multiclass or to regression.",
            id="whole_numbers",
        ),
        pytest.param(
            [str(number) for number in range(MOST_CLASSES + 3)],
            "string",
            "auto",
            "calls.csv: the label 'the.label' has more than 1,000 classes, which are too many. "
            f"{CORRECT}",
            id="too_many",
        ),
        pytest.param(
            "aab",
            "string",
            "multiclass",
            "calls.csv: the label 'the.label' must have more than two classes (data.task), but has "
            f"2: 'a' (2 rows), 'b' (1 rows). {CORRECT}",
            id="two_for_many",
        ),
    ],
)
def test_refuses(spark, found, values, kind, task, message):
    with pytest.raises(InputDataError) as caught:
        found(labels(spark, values, kind), "yes" if task == "binary" else None, task)
    assert str(caught.value) == message


def test_where_a_positive_class_is_named_there_are_two(spark, found):
    """A label that is mistyped in one row does not make it one of three classes."""
    with pytest.raises(InputDataError) as caught:
        found(labels(spark, ["yes", "no", "yes", "maybe"]))
    assert str(caught.value).endswith(f"'maybe' (1 rows). {CORRECT}{MORE}")
    with pytest.raises(InputDataError) as caught:
        found(labels(spark, "xz"))
    assert str(caught.value) == (
        "calls.csv, column 'the.label': The positive class 'yes' is not among the label's values "
        "'x', 'z'. Set data.columns.positive to one of them."
    )


def test_two_classes_need_a_positive_one(spark, found):
    with pytest.raises(InputDataError) as caught:
        found(labels(spark, "aab"), positive=None)
    assert str(caught.value) == (
        "calls.csv: the label 'the.label' has two classes, 2: 'a' (2 rows), 'b' (1 rows), and "
        "data.columns.positive is null. Name there the class whose probability is predicted."
    )
