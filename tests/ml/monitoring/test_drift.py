import logging
from dataclasses import replace
from pathlib import Path
from unittest.mock import ANY

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyspark.sql import DataFrame, SparkSession

from bank_spark_dl.datasets import ResultDataset
from bank_spark_dl.errors import InputDataError
from bank_spark_dl.ml.monitoring.bin_counts import BinCounts, count_bins
from bank_spark_dl.ml.monitoring.drift import (
    CategoryDrift,
    DriftReport,
    act_on_drift,
    compare_with_training,
)
from bank_spark_dl.ml.monitoring.histograms import (
    MOST_VALUES,
    BooleanHistogram,
    NumberHistogram,
    TimeHistogram,
    TrainingProfile,
    choose_bins,
)
from bank_spark_dl.parameters import DriftOptions, Parameters
from bank_spark_dl.pipelines.feature_engineering.nodes import profile_train_rows

OPTIONS = DriftOptions(psi=0.25, unseen=0.01, out_of_range=0.01, action="warn")
COLUMNS = "number int, `odd.name` double, word string, nothing string"


@pytest.fixture(scope="module")
def frame(spark: SparkSession) -> DataFrame:
    rows = [(number, float(number % 3), "abc"[number % 3], None) for number in range(1, 100)]
    return spark.createDataFrame([*rows, (None, None, None, None)], COLUMNS)


@pytest.fixture(scope="module")
def profile(frame: DataFrame) -> TrainingProfile:
    return counted_profile(frame)


def counted_profile(frame: DataFrame) -> TrainingProfile:
    bins = choose_bins(frame)
    counted = count_bins(frame, bins)
    return {name: replace(bins[name], counts=counted[name].counts) for name in bins}


def compare(
    rows: DataFrame, profile: TrainingProfile, options: DriftOptions = OPTIONS
) -> DriftReport:
    return compare_with_training(count_bins(rows, profile), profile, options)


def test_every_row_is_in_one_bin(frame: DataFrame, profile: TrainingProfile) -> None:
    assert list(profile) == ["number", "odd.name", "word", "nothing"]
    assert {sum(histogram.counts) for histogram in profile.values()} == {100}
    assert profile["number"] == NumberHistogram(
        min=1, max=99, edges=[10, 20, 30, 40, 50, 60, 70, 80, 90], counts=[10] * 9 + [9, 1]
    )
    assert profile["odd.name"].edges == [0, 1, 2]
    assert profile["odd.name"].counts == [33, 33, 33, 0, 1]
    assert profile["word"].values == ["a", "b", "c"]
    assert profile["word"].counts == [33, 33, 33, 0, 1]
    assert profile["nothing"].counts == [0, 100]
    assert [found.outside for found in count_bins(frame, profile).values()] == [0, 0, 0, 0]


def test_a_saved_profile_is_the_same(
    spark: SparkSession, frame: DataFrame, profile: TrainingProfile, tmp_path: Path
) -> None:
    """Also of times and booleans, which differ from numbers and texts by their unit only."""
    whole = profile | counted_profile(times(spark, 19_000, "id % 2 = 0"))
    dataset = ResultDataset(
        filepath=str(tmp_path / "profile.json"),
        result="bank_spark_dl.ml.monitoring.histograms.TrainingProfile",
    )
    dataset.save(whole)
    assert dataset.load() == whole


def test_the_same_rows_have_not_drifted(frame: DataFrame, profile: TrainingProfile) -> None:
    drift = compare(frame, profile)
    assert (drift.rows, drift.drifted) == (100, {})
    assert {column.psi for column in drift.columns.values()} == {0.0}


def test_strange_values_are_counted_and_named(
    spark: SparkSession, frame: DataFrame, profile: TrainingProfile
) -> None:
    strange = [(0, 1.0, "x", "new"), (100, 1.0, "z", None), (5, 2.5, "y", None), (5, 1.0, "a", "")]
    rows = spark.createDataFrame(strange, COLUMNS)
    columns = compare(rows, profile).columns
    assert columns["number"].out_of_range == 0.5
    assert columns["odd.name"].out_of_range == 0.25
    assert (columns["word"].unseen, columns["word"].unseen_values) == (0.75, ["x", "z"])
    assert (columns["nothing"].unseen, columns["nothing"].unseen_values) == (0.5, ["", "new"])
    assert (columns["word"].missing, columns["nothing"].missing) == (0.0, 0.5)


def test_shifted_numbers_drift(frame: DataFrame, profile: TrainingProfile) -> None:
    shifted = frame.selectExpr("int(50 + number / 2) number", "`odd.name`", "word", "nothing")
    drift = compare(shifted, profile)
    assert list(drift.drifted) == ["number"]
    assert drift.drifted["number"][0].startswith("PSI ")
    assert compare(shifted, profile, OPTIONS.model_copy(update={"psi": 1e6})).drifted == {}


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
    profile = counted_profile(trained)
    assert list(profile) == ["day", "moment", "local", "sure"]
    assert (profile["day"].min, profile["day"].max) == (19_000, 19_099)
    assert profile["moment"].max == profile["local"].max == 19_099 * 86_400
    assert isinstance(profile["moment"], TimeHistogram)
    assert profile["moment"].counts == [10] * 10 + [0]
    assert profile["sure"] == BooleanHistogram(
        values=["false", "true"], complete=True, counts=[50, 50, 0, 0], unit="boolean"
    )
    assert compare(trained, profile).drifted == {}
    found = compare(times(spark, 19_050, "id >= 0"), profile)
    assert set(found.drifted) == set(profile)
    assert found.columns["day"].out_of_range == 0.5
    assert found.columns["sure"].unseen == 0.0


def test_drift_goes_by_raw_names(spark: SparkSession, parameters: Parameters) -> None:
    """Rows to score have them; train rows are carried under others, see ml.column_names."""
    columns = parameters.data.columns.model_copy(update={"label": "prediction"})
    data = parameters.data.model_copy(update={"columns": columns})
    rows = spark.range(10).selectExpr(
        "id row_id", "id raw_features", "id raw_row_id", "'x' raw_prediction", "id `a.b`"
    )
    assert list(profile_train_rows(rows, data)) == ["features", "row_id", "a.b"]


def test_columns_that_split_the_rows_do_not_drift(
    spark: SparkSession, parameters: Parameters
) -> None:
    """New rows are later, and of other groups."""
    columns = parameters.data.columns.model_copy(update={"time": "row_id", "group": "a.b"})
    data = parameters.data.model_copy(update={"columns": columns})
    rows = spark.range(10).selectExpr("id row_id", "id raw_row_id", "id `a.b`", "id x")
    assert list(profile_train_rows(rows, data)) == ["x"]


def test_a_few_rows_are_no_drift(frame: DataFrame, profile: TrainingProfile) -> None:
    drift = compare(frame.limit(4), profile)
    assert drift.columns["number"].psi > OPTIONS.psi
    assert drift.drifted == {}


def test_a_column_of_many_words_is_not_asked_for_unseen_ones(spark: SparkSession) -> None:
    frame = spark.range(MOST_VALUES + 5).selectExpr("concat('word ', id) word")
    profile = counted_profile(frame)
    assert profile["word"].counts == [1] * MOST_VALUES + [5, 0]
    drift = compare(frame, profile)
    assert drift.columns == {"word": CategoryDrift(0.0, ANY, 0.0, unseen=None, unseen_values=[])}
    assert drift.drifted == {}


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
    counts = [50, 50, 0]
    profile = {"number": NumberHistogram(min=0.0, max=1.0, edges=[0.5], counts=counts)}
    options = OPTIONS.model_copy(update={"out_of_range": threshold})
    drift = compare_with_training({"number": BinCounts(counts, outside)}, profile, options)
    assert bool(drift.drifted) == (outside / 100 > threshold)
