"""The cuts are exact: the nearest there are, whatever the order and the partitions of the rows."""

import random
from decimal import Decimal
from itertools import accumulate
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from bank_spark_dl.ml.splits import cuts
from bank_spark_dl.ml.splits.cuts import nearest_cuts

KEYS = {
    "long": st.integers(-3, 20) | st.sampled_from([2**53, 2**53 + 1, 2**53 + 2, -(2**63)]),
    "double": st.sampled_from([-0.0, 0.0, 1.5, 2.5, -1e300, float("inf"), -float("inf")]),
    "decimal(38,18)": st.integers(0, 9).map(lambda digit: Decimal(f"1.00000000000000000{digit}")),
}


def nearest(values: list[Any], shares: list[float]) -> list[Any]:
    different = sorted(set(values))
    ends = list(accumulate(values.count(value) for value in different))[:-1]
    pairs = list(zip(ends, different, strict=False))
    total = len(values)
    return [min(pairs, key=lambda pair: abs(pair[0] - s * total))[1] for s in shares if pairs]


@pytest.mark.parametrize("accuracy", [10_000, 10], ids=["exact sketch", "rough sketch"])
@pytest.mark.parametrize("kind", KEYS)
@settings(
    max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data(), shuffling=st.randoms(use_true_random=False))
def test_the_nearest_cuts(
    spark: SparkSession,
    monkeypatch: pytest.MonkeyPatch,
    kind: str,
    accuracy: int,
    data: st.DataObject,
    shuffling: random.Random,
) -> None:
    values = data.draw(st.lists(KEYS[kind], min_size=2, max_size=60))
    shares = sorted(data.draw(st.lists(st.floats(0.001, 0.999), min_size=1, max_size=4)))
    expected = nearest(values, shares)
    shuffling.shuffle(values)
    rows = spark.createDataFrame([(value,) for value in values], f"key {kind}").repartition(3)
    with monkeypatch.context() as patched:
        patched.setattr(cuts, "ACCURACY", accuracy)
        assert nearest_cuts(rows, F.col("key"), shares) == expected


def test_what_cuts_cost(spark: SparkSession) -> None:
    """The driver gets no more values than a part of all that the sketch's accuracy bounds."""
    collected = []
    rows = spark.range(200_000, numPartitions=4)
    counted = cuts._count_between
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(
            cuts, "_count_between", lambda *given: collected.append(counted(*given)) or collected[0]
        )
        assert nearest_cuts(rows, F.col("id"), [0.25, 0.8]) == [49_999, 159_999]
    assert len(collected[0]) < 2 * 200_000 * 8 / cuts.ACCURACY
