import copy
from typing import Any

import pytest
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from bank_spark_dl.errors import InputDataError, ParameterError
from bank_spark_dl.ml.features.row_ids import add_row_id
from bank_spark_dl.ml.raw_source import RawSource
from bank_spark_dl.parameters import (
    DataOptions,
    Parameters,
    SegmentOptions,
    check_parameters,
)
from bank_spark_dl.pipelines.data_processing.nodes import (
    check_rows,
    clean_rows,
    preview_rows,
    profile_rows,
    split_rows,
)

SOURCE = RawSource("bank.csv", "0", synthetic=True)


def options_with(options: DataOptions, **columns: Any) -> DataOptions:
    return options.model_copy(update={"columns": options.columns.model_copy(update=columns)})


def ids(frame: DataFrame) -> set[Any]:
    return {row["row_id"] for row in frame.select("row_id").collect()}


def test_good_rows_pass_unchanged(raw_rows: DataFrame, parameters: Parameters) -> None:
    assert check_rows(raw_rows, SOURCE, parameters.data) is raw_rows


def test_doubled_ids_are_refused_by_name(raw_rows: DataFrame, parameters: Parameters) -> None:
    twice = raw_rows.limit(1)
    name = twice.first()["id"]
    with pytest.raises(InputDataError) as refused:
        check_rows(raw_rows.union(twice), SOURCE, parameters.data)
    assert str(refused.value) == (
        f"bank.csv: the id column 'id' must name each row once, but these ids come more often: "
        f"{name} (2 rows). Correct them, or set data.columns.id to null."
    )


def test_a_configured_column_that_is_not_there_is_refused(
    raw_rows: DataFrame, parameters: Parameters
) -> None:
    with pytest.raises(ParameterError, match=r"data\.columns names weekday, but bank\.csv has"):
        check_rows(raw_rows, SOURCE, options_with(parameters.data, drop=["weekday"]))


def test_a_time_that_is_a_text_is_refused(raw_rows: DataFrame, parameters: Parameters) -> None:
    options = options_with(parameters.data, time="month", drop=["day"])
    with pytest.raises(ParameterError, match=r"data\.columns\.time names 'month', a column of the"):
        check_rows(raw_rows, SOURCE, options)


def test_an_order_that_no_reader_adds_is_refused(
    raw_rows: DataFrame, parameters: Parameters
) -> None:
    with pytest.raises(ParameterError) as refused:
        check_rows(raw_rows, SOURCE, options_with(parameters.data, time=":order"))
    assert str(refused.value) == (
        "data.columns.time is ':order', but the rows of bank.csv are not numbered: add `order: "
        "true` to the load_args of bank_raw in the catalog."
    )


def test_the_order_of_the_file_is_carried_and_changes_no_id(
    raw_rows: DataFrame, parameters: Parameters
) -> None:
    few = raw_rows.drop("id").limit(20)
    twice = few.union(few)
    ordered = twice.coalesce(1).withColumn(":order", F.monotonically_increasing_id())
    options = options_with(parameters.data, id=None, time=":order")
    clean = clean_rows(ordered, options)
    without = clean_rows(ordered, options_with(parameters.data, id=None))
    assert ":order" not in without.columns
    assert (
        ids(clean) == ids(without) == ids(clean_rows(twice, options_with(parameters.data, id=None)))
    )
    by_order = {row[":order"]: row["row_id"] for row in clean.collect()}
    shuffled = clean_rows(ordered.orderBy(F.rand(1)).repartition(3), options)
    assert {row[":order"]: row["row_id"] for row in shuffled.collect()} == by_order
    profile = profile_rows(ordered, SOURCE, options)
    assert set(profile.columns) == set(twice.columns)


def test_a_call_list_needs_to_know_when_each_column_is_known(
    raw_rows: DataFrame, parameters: Parameters
) -> None:
    columns = parameters.data.columns.model_copy(update={"drop": ["duration"]})
    known = {name: "before_call" for name in parameters.data.availability if name != "balance"}
    options = parameters.data.model_copy(
        update={"columns": columns, "purpose": "call_list", "availability": known}
    )
    with pytest.raises(ParameterError, match=r"does not say when balance is known: name it there"):
        check_rows(raw_rows, SOURCE, options)


def test_a_call_list_may_not_find_late_columns_by_their_type(
    raw_rows: DataFrame, raw_parameters: dict[str, Any]
) -> None:
    raw = copy.deepcopy(raw_parameters)
    raw["data"]["purpose"] = "call_list"
    raw["data"]["columns"]["numeric"] = "auto"
    options = check_parameters(raw).data
    with pytest.raises(ParameterError, match="duration is known only after the call"):
        check_rows(raw_rows, SOURCE, options)
    # A table without the column has nothing to hide.
    assert check_rows(raw_rows.drop("duration"), SOURCE, options).columns


@pytest.mark.parametrize(
    ("segment", "message"),
    [
        ({"column": "weekday"}, "data.segments names weekday, but"),
        ({"column": "job", "edges": [1.0]}, "data.segments gives edges for job, which holds no"),
    ],
)
def test_a_segment_that_cannot_be_is_refused_before_training(
    raw_rows: DataFrame, parameters: Parameters, segment: dict[str, Any], message: str
) -> None:
    options = parameters.data.model_copy(update={"segments": [SegmentOptions(**segment)]})
    with pytest.raises(ParameterError, match=message):
        check_rows(raw_rows, SOURCE, options)


@pytest.mark.parametrize("id_column", ["an.id", None])
def test_dropped_columns_and_ids_may_hold_dots(
    raw_rows: DataFrame, parameters: Parameters, id_column: str | None
) -> None:
    dotted = raw_rows.withColumnsRenamed({"id": "an.id", "day": "a.day"})
    drop = ["a.day", *([] if id_column else ["an.id"])]
    options = options_with(parameters.data, id=id_column, drop=drop)
    clean = clean_rows(check_rows(dotted, SOURCE, options), options)
    assert len(ids(clean)) == 600


def test_dropped_columns_stay_where_a_derived_column_reads_them(
    raw_rows: DataFrame, parameters: Parameters
) -> None:
    drop = ["day", "month", "a.b"]
    rows = raw_rows.withColumnRenamed("pdays", "a.b")
    options = options_with(parameters.data, drop=drop)
    derived = {"week": "INT(day / 7)", "later": "`a.b` + week", "same": "concat(job, 'month')"}
    assert {*clean_rows(rows, options, derived).columns} & {*drop} == {"day", "a.b"}
    assert not {*clean_rows(rows, options, {}).columns} & {*drop}


def test_a_call_list_derives_nothing_from_what_is_known_later(
    raw_rows: DataFrame, parameters: Parameters
) -> None:
    columns = parameters.data.columns.model_copy(update={"drop": ["duration", "day"]})
    options = parameters.data.model_copy(update={"columns": columns, "purpose": "call_list"})
    assert "day" in clean_rows(raw_rows, options, {"week": "day / 7"}).columns
    with pytest.raises(ParameterError, match=r"features\.counts reads duration, and"):
        clean_rows(raw_rows, options, {"minutes": "duration / 60", "week": "day / 7"})
    with pytest.raises(ParameterError, match=r"features\.counts reads duration, and"):
        clean_rows(raw_rows, options, {}, {"as_long": ["job", "duration"]})


def test_a_call_list_makes_nothing_of_a_time_that_is_known_later(
    raw_rows: DataFrame, parameters: Parameters
) -> None:
    rows = raw_rows.withColumn("ended", F.col("id"))
    columns = parameters.data.columns.model_copy(update={"time": "ended", "drop": ["duration"]})
    options = parameters.data.model_copy(update={"columns": columns, "purpose": "call_list"})
    with pytest.raises(ParameterError, match=r"features\.counts reads ended, and"):
        clean_rows(rows, options, {"hour": "ended % 24"})


def test_nothing_is_made_of_the_order_of_the_rows(
    raw_rows: DataFrame, parameters: Parameters
) -> None:
    rows = raw_rows.withColumn(":order", F.col("id"))
    columns = parameters.data.columns.model_copy(update={"time": ":order"})
    options = parameters.data.model_copy(update={"columns": columns})
    with pytest.raises(ParameterError, match="a row to score has no place among the rows"):
        clean_rows(rows, options, {"trend": "`:order` / 1000"})


def test_dropped_columns_stay_where_rows_are_counted_by_them(
    raw_rows: DataFrame, parameters: Parameters
) -> None:
    counts = {"same_day": ["day", "job"]}
    assert "day" in clean_rows(raw_rows, parameters.data, {}, counts).columns


NAMES = {
    "age": "an.age",
    "pdays": "Age",
    "previous": "age",
    "job": "a`b",
    "marital": "*",
    "education": "${x}",
    "default": "count",
    "housing": "__file",
    "loan": "features",
    "contact": "row_id",
    "poutcome": "raw_features",
    "month": "label_index",
    "day": " größe ",
}
CARRIED = {
    name: f"raw_{name}"
    for name in ("__file", "features", "row_id", "raw_features", "prediction", "__hash__")
}


@pytest.mark.parametrize(
    ("id_column", "label"),
    [("count", "prediction"), ("an id.", "a.label"), (None, "__hash__"), ("row_id", "value")],
)
def test_columns_may_have_any_name(
    raw_rows: DataFrame, parameters: Parameters, id_column: str | None, label: str
) -> None:
    names = NAMES | {"id": id_column or "id", "deposit": label}
    if id_column in ("count", "row_id"):
        names |= {"default": "default", "contact": "contact"}
    odd = raw_rows.withColumnsRenamed({old: f"__{old}" for old in names})
    odd = odd.withColumnsRenamed({f"__{old}": new for old, new in names.items()})
    drop = ["label_index", " größe ", *([] if id_column else ["id"])]
    options = options_with(parameters.data, id=id_column, label=label, drop=drop)
    segments = [SegmentOptions(column="an.age", edges=[40.0]), SegmentOptions(column="*")]
    options = options.model_copy(update={"segments": segments})
    profile = profile_rows(check_rows(odd, SOURCE, options), SOURCE, options)
    assert set(profile.columns) == set(odd.columns)
    assert sum(profile.columns[label].top.values()) == 600
    clean = clean_rows(odd, options)
    carried = {name: CARRIED.get(name, name) for name in odd.columns if name not in drop}
    carried.pop(id_column or "", None)
    assert set(clean.columns) == {"row_id", *carried.values()}
    if id_column:
        by_id = {row[id_column]: row for row in odd.collect()}
        for row in clean.collect():
            assert {name: row[carried[name]] for name in carried} == {
                name: by_id[row["row_id"]][name] for name in carried
            }
    train, test = split_rows(clean, options, seed=1)
    assert train.count() + test.count() == 600


def test_an_id_called_count_is_checked(raw_rows: DataFrame, parameters: Parameters) -> None:
    rows = raw_rows.withColumnRenamed("id", "count")
    options = options_with(parameters.data, id="count")
    with pytest.raises(InputDataError, match=r"the id column 'count' .* \(2 rows\)"):
        check_rows(rows.union(rows.limit(1)), SOURCE, options)


@pytest.mark.parametrize("kind", ["boolean", "int", "double"])
def test_labels_of_any_type_are_accepted(
    raw_rows: DataFrame, parameters: Parameters, kind: str
) -> None:
    label = (F.col("deposit") == "yes").cast(kind)
    rows = raw_rows.withColumn("deposit", label)
    assert check_rows(rows, SOURCE, parameters.data) is rows
    train, test = split_rows(clean_rows(rows, parameters.data), parameters.data, seed=1)
    assert dict(train.dtypes)["deposit"] == kind
    shares = [
        part.agg(F.mean(F.col("deposit").cast("double"))).first()[0] for part in (train, test)
    ]
    assert shares[0] == pytest.approx(shares[1], abs=0.01)


def test_one_class_is_refused(raw_rows: DataFrame, parameters: Parameters) -> None:
    with pytest.raises(InputDataError, match="the label 'deposit' must have two classes, but has"):
        check_rows(raw_rows.where("deposit = 'yes'"), SOURCE, parameters.data)


def test_the_preview_shows_types_and_values(
    raw_rows: DataFrame, parameters: Parameters, capsys: pytest.CaptureFixture[str]
) -> None:
    preview_rows(raw_rows, parameters.data.model_copy(update={"preview_rows": 2}))
    shown = capsys.readouterr().out
    assert "row 2" in shown
    assert "row 3" not in shown
    assert "balance" in shown
    assert str(raw_rows.first()["balance"]) in shown


def test_the_profile_says_where_the_rows_come_from(
    raw_rows: DataFrame, parameters: Parameters
) -> None:
    profile = profile_rows(raw_rows, SOURCE, parameters.data)
    assert RawSource(profile.source, profile.sha256, profile.synthetic) == SOURCE
    assert profile.rows == 600
    assert set(profile.columns) == set(raw_rows.columns)
    assert sum(profile.columns["deposit"].top.values()) == 600


def test_clean_rows_keep_the_id_and_lose_the_dropped(
    raw_rows: DataFrame, parameters: Parameters
) -> None:
    clean = clean_rows(raw_rows, parameters.data)
    assert clean.columns[0] == "row_id"
    assert {"day", "month", "id"}.isdisjoint(clean.columns)
    assert dict(clean.dtypes)["row_id"] == dict(raw_rows.dtypes)["id"]
    assert ids(clean) == {row["id"] for row in raw_rows.collect()}


def test_rows_without_an_id_are_named_by_their_values(raw_rows: DataFrame) -> None:
    nameless = raw_rows.drop("id")
    twins = nameless.union(nameless)
    first, again = (
        add_row_id(twins, None),
        add_row_id(twins.orderBy(F.rand(1)).repartition(5), None),
    )
    assert len(ids(first)) == 1200
    assert ids(first) == ids(again)
    assert ids(add_row_id(nameless, None)) < ids(first)


@pytest.mark.parametrize("partitions", [1, 7])
def test_the_split_knows_no_partitions(
    rows: DataFrame, parameters: Parameters, partitions: int
) -> None:
    train, test = split_rows(rows, parameters.data, seed=5)
    shuffled = rows.orderBy(F.rand(3)).repartition(partitions)
    assert [ids(part) for part in split_rows(shuffled, parameters.data, 5)] == [
        ids(train),
        ids(test),
    ]
    assert ids(train) | ids(test) == ids(rows)
    assert ids(train).isdisjoint(ids(test))


def test_the_split_has_the_asked_share(raw_rows: DataFrame, parameters: Parameters) -> None:
    many = raw_rows.sparkSession.range(20_000).withColumnRenamed("id", "row_id")
    many = many.withColumn("deposit", F.when(F.col("row_id") % 2 == 0, "yes").otherwise("no"))
    _, test = split_rows(many, parameters.data, seed=1)
    assert {row["count"] for row in test.groupBy("deposit").count().collect()} == {2000}
