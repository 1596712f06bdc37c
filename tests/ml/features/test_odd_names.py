"""Every name that Spark can hold is one of a feature column."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from pyspark.ml import PipelineModel
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from bank_spark_dl.parameters import Parameters
from feature_steps import Settings, failure, fit, scored_inputs, settings, transform, vectors

NAMES = [
    *("plain", "skewed", "skewed_scaled", "job_index", "job_onehot", "age_bin_0", "__bin_age"),
    *("a.b", "b`t", "*", "${x}", "a__THIS__b", "THIS__", 'it\'s "so"', "größe", "a b", "100%"),
    *("%2E", "_", "__value_age", "features", "label_index", "prediction", "probability", "age.x"),
    *(
        "row_id",
        "rawPrediction",
        "predicted_class",
        "raw_features",
        "value",
        "key",
        "count",
        "column",
        "1",
        "select",
    ),
]

CONTRACT = {
    *("features", "label_index", "predicted_class", "prediction", "probability", "rawPrediction"),
    "row_id",
}


def carried(name: str) -> str:
    """What clean rows call a raw column."""
    own = name.removeprefix("raw_") in CONTRACT or name.startswith("__")
    return f"raw_{name}" if own else name


@pytest.fixture
def case_sensitive(spark: SparkSession) -> Iterator[None]:
    before = spark.conf.get("spark.sql.caseSensitive")
    spark.conf.set("spark.sql.caseSensitive", "true")
    yield
    spark.conf.set("spark.sql.caseSensitive", before)


def table(spark: SparkSession, names: Sequence[str]) -> DataFrame:
    """A column of numbers and, where the place is odd, of text, by every name."""
    columns = [
        f"array('a', 'b', 'c')[(id + {place}) % 3]"
        if place % 2
        else f"id * {place + 7} % 50 + 0.5D"
        for place in range(len(names))
    ]
    rows = spark.range(60).selectExpr(
        "id AS row_id",
        *(f"{sql} AS c{place}" for place, sql in enumerate(columns)),
        "id * id % 7 AS age",
        "if(id % 4 = 0, 'yes', 'no') AS y",
    )
    return rows.toDF("row_id", *map(carried, names), "age", "y").cache()


@pytest.mark.usefixtures("case_sensitive")
@pytest.mark.parametrize(("names", "piecewise"), [(NAMES, False), (NAMES[::-1], True)])
def test_columns_by_any_name_are_inputs(
    spark: SparkSession, parameters: Parameters, names: list[str], piecewise: bool, tmp_path: Path
) -> None:
    rows, places = table(spark, names), [f"c{place}" for place in range(len(names))]
    plain = rows.toDF("row_id", *places, "age", "y")

    def chosen(names: list[str]) -> Settings:
        columns = {"categorical": names[1::2], "numeric": [*names[::2], "age"]}
        bins = {"bins": 3, "columns": {names[8]: 5}} if piecewise else None
        return settings(parameters, columns=columns, piecewise_linear=bins)

    expected = transform(plain, plain, chosen(places))
    found: list[object] = []
    assert failure(lambda: found.append(transform(rows, rows, chosen(names)))) == ""
    assert found == [expected]
    fit(rows, chosen(names)).write().save(str(tmp_path / "stages"))
    loaded = PipelineModel.load(str(tmp_path / "stages"))
    assert vectors(loaded.transform(rows)) == expected[0]
    scored = scored_inputs(rows.drop("y"), loaded)
    assert np.array_equal(np.float32(expected[0]), np.float32(scored))


@pytest.mark.usefixtures("case_sensitive")
def test_columns_by_any_name_can_be_derived_from_and_counted_by(
    spark: SparkSession, parameters: Parameters
) -> None:
    names = ["a.b", "b`t", "*", "${x}", "a__THIS__b", 'it\'s "so"', "features", "row_id"]
    rows = table(spark, [part for name in names for part in (name, f"text {name}")])
    written = {name: "`" + name.replace("`", "``") + "`" for name in names if "${" not in name}
    derived = {f"d{n}": f"2 * {sql} + {sql}" for n, sql in enumerate(written.values())}
    counts = {f"n{n}": [name] for n, name in enumerate(names)}
    chosen = settings(
        parameters,
        columns={"categorical": [], "numeric": [*derived, *counts]},
        derived=derived,
        counts=counts,
        skew={"statistic": "kurtosis", "lower": -1e9, "upper": 1e9},
    )
    found: list[list[list[float]]] = []
    assert failure(lambda: found.append(transform(rows, rows, chosen)[0])) == ""
    places = {name: 2 * place + 7 for place, name in enumerate(names)}
    values = {name: [n * place % 50 + 0.5 for n in range(60)] for name, place in places.items()}
    expected = [[3 * value for value in values[name]] for name in written]
    expected += [[each.count(value) - 1 for value in each] for each in values.values()]
    assert found == [[list(row) for row in zip(*expected, strict=True)]]


@pytest.mark.usefixtures("case_sensitive")
@pytest.mark.parametrize(
    "name", ["Age", "features", "prediction", "a.b", "b`t", "*", "plain", "age_index", "__x"]
)
def test_a_derived_column_may_have_any_name(
    spark: SparkSession, parameters: Parameters, name: str
) -> None:
    rows = table(spark, ["u", "job"])
    chosen = settings(
        parameters,
        columns={"categorical": ["job"], "numeric": [name, "after"]},
        derived={name: "age + 1", "after": "`" + name.replace("`", "``") + "` * 2"},
    )
    found: list[list[list[float]]] = []
    assert failure(lambda: found.append(transform(rows, rows, chosen)[0])) == ""
    assert [vector[-2:] for vector in found[0]] == [
        [n**2 % 7 + 1, 2 * (n**2 % 7 + 1)] for n in range(60)
    ]


@pytest.mark.usefixtures("case_sensitive")
def test_names_that_differ_by_case_are_two_columns(
    spark: SparkSession, parameters: Parameters
) -> None:
    rows = table(spark, ["Age", "job"])
    chosen = settings(
        parameters,
        columns={"categorical": [], "numeric": ["Age", "age", "sum"]},
        derived={"sum": "Age + age"},
        skew={"statistic": "kurtosis", "lower": -1e9, "upper": 1e9},
    )
    expected = [[7 * n % 50 + 0.5, n**2 % 7, 7 * n % 50 + 0.5 + n**2 % 7] for n in range(60)]
    assert transform(rows, rows, chosen)[0] == expected


@pytest.mark.usefixtures("case_sensitive")
@pytest.mark.parametrize("name", ["a.b", "label_index", "b`t", "*", "features"])
def test_the_label_may_have_any_name_and_type(
    spark: SparkSession, parameters: Parameters, name: str
) -> None:
    columns = {"label": name, "positive": "true", "categorical": [], "numeric": ["age"]}
    rows = table(spark, ["u", "job"]).withColumn(carried(name), F.col("y") == "yes").drop("y")
    chosen = settings(parameters, columns=columns)
    found: list[object] = []
    assert failure(lambda: found.append(transform(rows, rows, chosen)[0])) == ""
    assert len(found) == 1
