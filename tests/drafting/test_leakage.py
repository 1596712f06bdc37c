"""Columns that alone foretell the label."""

import numpy as np
import pandas as pd

from bank_spark_dl.drafting.label import Label
from bank_spark_dl.drafting.leakage import foretelling

RANDOM = np.random.default_rng(3)
CLASSES = Label("y", "multiclass", "", {"a": 1000, "b": 1000, "c": 1000})
NUMBERS = Label("y", "regression", "")


def texts(values: object) -> pd.Series:
    return pd.Series(values).astype(str)


def test_of_many_classes_a_column_is_ranked_one_against_the_rest() -> None:
    y = pd.Series(RANDOM.choice(list("abc"), 3000))
    half_known = y.where(y == "a", "other")
    noise = texts(RANDOM.normal(size=3000))
    sample = pd.DataFrame({"y": y, "leak": y + "!", "half": half_known, "noise": noise})
    found = foretelling(sample, CLASSES, {"leak": False, "half": False, "noise": True})
    assert found["leak"] == 1.0
    # a is told apart, b and c are ranked before a third of the rows: 1 and twice about 3/4.
    assert 0.8 < found["half"] < 0.87
    assert 0.4 < found["noise"] < 0.6


def test_of_numbers_a_column_explains_the_ranks_whatever_the_skew() -> None:
    x = RANDOM.normal(size=4000)
    price = np.exp(3 * x)
    columns = {"leak": texts(x), "noisy": texts(x + RANDOM.normal(size=4000)), "y": texts(price)}
    found = foretelling(pd.DataFrame(columns), NUMBERS, {"leak": True, "noisy": True})
    assert found["leak"] > 0.99
    assert found["noisy"] < 0.7


def test_a_label_of_one_class_is_foretold_by_nothing() -> None:
    sample = pd.DataFrame({"y": ["a"] * 50, "x": ["1"] * 50})
    assert foretelling(sample, CLASSES, {"x": True}) == {}
