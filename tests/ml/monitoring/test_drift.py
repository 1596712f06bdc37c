import json
import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyspark.sql import DataFrame, SparkSession

from bank_spark_dl.errors import InputDataError
from bank_spark_dl.ml.monitoring.drift import (
    act_on_drift,
    compare_with_training,
    profile_train_rows,
)
from bank_spark_dl.ml.monitoring.histograms import MOST_VALUES, choose_bins, count_rows
from bank_spark_dl.parameters import DriftOptions, Parameters

OPTIONS = DriftOptions(psi=0.25, unseen=0.01, out_of_range=0.01, action="warn")
COLUMNS = "number int, `odd.name` double, word string, nothing string"


@pytest.fixture(scope="module")
def frame(spark: SparkSession) -> DataFrame:
    rows = [(number, float(number % 3), "abc"[number % 3], None) for number in range(1, 100)]
    return spark.createDataFrame([*rows, (None, None, None, None)], COLUMNS)


@pytest.fixture(scope="module")
def profile(frame: DataFrame) -> dict:
    bins = choose_bins(frame)
    return {name: bins[name] | entry for name, entry in count_rows(frame, bins).items()}


def test_every_row_is_in_one_bin(profile: dict) -> None:
    assert list(profile) == ["number", "odd.name", "word", "nothing"]
    assert {sum(entry["counts"]) for entry in profile.values()} == {100}
    assert profile["number"]["edges"] == [10, 20, 30, 40, 50, 60, 70, 80, 90]
    assert profile["number"]["counts"] == [10] * 9 + [9, 1]
    assert (profile["number"]["min"], profile["number"]["max"]) == (1, 99)
    assert profile["odd.name"]["edges"] == [0, 1, 2]
    assert profile["odd.name"]["counts"] == [33, 33, 33, 0, 1]
    assert profile["word"]["values"] == ["a", "b", "c"]
    assert profile["word"]["counts"] == [33, 33, 33, 0, 1]
    assert profile["nothing"]["counts"] == [0, 100]
    assert [entry["outside"] for entry in profile.values()] == [0, 0, 0, 0]


def test_a_profile_outlives_json(frame: DataFrame, profile: dict) -> None:
    read = json.loads(json.dumps(profile))
    assert count_rows(frame, read) == count_rows(frame, profile)


def test_the_same_rows_have_not_drifted(frame: DataFrame, profile: dict) -> None:
    drift = compare_with_training(count_rows(frame, profile), profile, OPTIONS)
    assert drift["rows"] == 100
    assert drift["drifted"] == {}
    assert {column["psi"] for column in drift["columns"].values()} == {0.0}


def test_strange_values_are_counted_and_named(
    spark: SparkSession, frame: DataFrame, profile: dict
) -> None:
    strange = [(0, 1.0, "x", "new"), (100, 1.0, "z", None), (5, 2.5, "y", None), (5, 1.0, "a", "")]
    rows = spark.createDataFrame(strange, COLUMNS)
    columns = compare_with_training(count_rows(rows, profile), profile, OPTIONS)["columns"]
    assert columns["number"]["out_of_range"] == 0.5
    assert columns["odd.name"]["out_of_range"] == 0.25
    assert (columns["word"]["unseen"], columns["word"]["unseen_values"]) == (0.75, ["x", "z"])
    assert (columns["nothing"]["unseen"], columns["nothing"]["unseen_values"]) == (0.5, ["", "new"])


def test_shifted_numbers_drift(frame: DataFrame, profile: dict) -> None:
    shifted = frame.selectExpr("int(50 + number / 2) number", "`odd.name`", "word", "nothing")
    drift = compare_with_training(count_rows(shifted, profile), profile, OPTIONS)
    assert list(drift["drifted"]) == ["number"]
    assert drift["drifted"]["number"][0].startswith("PSI ")
    later = compare_with_training(
        count_rows(shifted, profile), profile, OPTIONS.model_copy(update={"psi": 1e6})
    )
    assert later["drifted"] == {}


TIMES = "day date, moment timestamp, local timestamp_ntz, sure boolean"


def times(spark: SparkSession, first: int, sure: str) -> DataFrame:
    """100 rows, a day each."""
    return spark.range(first, first + 100).selectExpr(
        "date_from_unix_date(int(id)) day",
        "timestamp_seconds(id * 86400) moment",
        "timestamp_ntz '1970-01-01 00:00:00' + make_dt_interval(int(id)) local",
        f"{sure} sure",
    )


def test_times_and_booleans_are_compared(spark: SparkSession) -> None:
    trained = times(spark, 19_000, "id % 2 = 0")
    bins = choose_bins(trained)
    profile = json.loads(
        json.dumps({n: bins[n] | entry for n, entry in count_rows(trained, bins).items()})
    )
    assert list(profile) == ["day", "moment", "local", "sure"]
    assert (profile["day"]["min"], profile["day"]["max"]) == (19_000, 19_099)
    assert profile["moment"]["max"] == profile["local"]["max"] == 19_099 * 86_400
    assert profile["moment"]["counts"] == [10] * 10 + [0]
    assert (profile["sure"]["values"], profile["sure"]["counts"]) == (
        ["false", "true"],
        [50, 50, 0, 0],
    )
    same = compare_with_training(count_rows(trained, profile), profile, OPTIONS)
    assert same["drifted"] == {}
    later = times(spark, 19_050, "id >= 0")
    found = compare_with_training(count_rows(later, profile), profile, OPTIONS)
    assert set(found["drifted"]) == set(profile)
    assert found["columns"]["day"]["out_of_range"] == 0.5
    assert found["columns"]["sure"]["unseen"] == 0.0


def test_drift_goes_by_raw_names(spark: SparkSession, parameters: Parameters) -> None:
    """Rows to score have them; train rows are carried under others, see ml.names."""
    columns = parameters.data.columns.model_copy(update={"label": "prediction"})
    data = parameters.data.model_copy(update={"columns": columns})
    rows = spark.range(10).selectExpr(
        "id row_id", "id raw_features", "id raw_row_id", "'x' raw_prediction", "id `a.b`"
    )
    assert list(profile_train_rows(rows, data)) == ["features", "row_id", "a.b"]


def test_a_few_rows_are_no_drift(frame: DataFrame, profile: dict) -> None:
    drift = compare_with_training(count_rows(frame.limit(4), profile), profile, OPTIONS)
    assert drift["columns"]["number"]["psi"] > OPTIONS.psi
    assert drift["drifted"] == {}


def test_a_column_of_many_words_is_not_asked_for_unseen_ones(spark: SparkSession) -> None:
    frame = spark.range(MOST_VALUES + 5).selectExpr("concat('word ', id) word")
    bins = choose_bins(frame)
    figures = count_rows(frame, bins)
    assert figures["word"]["counts"] == [1] * MOST_VALUES + [5, 0]
    profile = {"word": bins["word"] | figures["word"]}
    drift = compare_with_training(figures, profile, OPTIONS)
    assert (drift["columns"]["word"]["unseen"], drift["drifted"]) == (None, {})


@pytest.mark.parametrize("columns", [2, 30])
def test_jobs_do_not_grow_with_columns(
    spark: SparkSession, parameters: Parameters, columns: int
) -> None:
    wide = spark.range(100).selectExpr(
        "id row_id",
        "'yes' deposit",
        *(f"id % {n + 2} as number_{n}" for n in range(columns)),
        *(f"string(id % {n + 2}) as word_{n}" for n in range(columns)),
    )
    context = spark.sparkContext
    context.setJobGroup(f"drift of {columns}", "profile")
    profile = profile_train_rows(wide, parameters.data)
    jobs = context.statusTracker().getJobIdsForGroup(f"drift of {columns}")
    context.setJobGroup("", "")
    assert len(profile) == 2 * columns
    assert len(jobs) == 3


DRIFTED = {"age": ["PSI 0.300, above 0.25"], "job": ["2.00% unseen such as 'x', above 1.00%"]}
SAID = (
    "new.csv: the rows have drifted from the train rows in age (PSI 0.300, above 0.25); job (2.00% "
    "unseen such as 'x', above 1.00%)."
)


def test_each_action(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        act_on_drift(DRIFTED, OPTIONS.model_copy(update={"action": "ignore"}), "new.csv")
        act_on_drift({}, OPTIONS, "new.csv")
        assert caplog.messages == []
        act_on_drift(DRIFTED, OPTIONS, "new.csv")
        assert caplog.messages == [SAID]
    with pytest.raises(InputDataError) as refused:
        act_on_drift(DRIFTED, OPTIONS.model_copy(update={"action": "stop"}), "new.csv")
    assert str(refused.value) == (
        f"{SAID} Train on newer rows, or set scoring.drift.action to warn to score these."
    )


@given(outside=st.integers(0, 100), threshold=st.floats(0, 1))
def test_a_share_above_its_threshold_is_drift(outside: int, threshold: float) -> None:
    profile = {"number": {"min": 0.0, "max": 1.0, "edges": [0.5], "counts": [50, 50, 0]}}
    figures = {"number": {"counts": [50, 50, 0], "outside": outside}}
    options = OPTIONS.model_copy(update={"out_of_range": threshold})
    drift = compare_with_training(figures, profile, options)
    assert bool(drift["drifted"]) == (outside / 100 > threshold)
