"""What becomes of missing values: refused all at once, or filled, with an input that says so."""

from typing import Any

import numpy as np
import pytest
from pyspark.ml import PipelineModel
from pyspark.sql import DataFrame, SparkSession

from bank_spark_dl.ml.features.fit import fit_feature_model
from bank_spark_dl.parameters import Parameters
from feature_steps import failure, fit, scored_inputs, settings, transform, vectors

UNSKEWED = {"statistic": "kurtosis", "lower": -1e9, "upper": 1e9}
SKEWED = {"statistic": "kurtosis", "lower": 1e9, "upper": 2e9}
NUMBERS = {"categorical": [], "numeric": ["x", "a.b", "flag"]}
X = [None, float("nan"), 0.0, 1.0, 3.0, 3.0, 9.0, 27.0]
DOTTED = [5, None, 7, 8, 9, 10, 11, 12]
FLAGS = [True, False, True, False, True, True, None, False]


@pytest.fixture(scope="module")
def table(spark: SparkSession) -> DataFrame:
    rows = [
        (n, x, dotted, flag, "ab"[n % 2] if n < 6 else None, "c", None, "yes" if n % 3 else "no")
        for n, (x, dotted, flag) in enumerate(zip(X, DOTTED, FLAGS, strict=True))
    ]
    schema = "row_id long, x double, `a.b` int, flag boolean, t string, full string, no double"
    return spark.createDataFrame(rows, f"{schema}, y string").cache()


def row(spark: SparkSession, table: DataFrame, **values: Any) -> DataFrame:
    """A row without any value but some."""
    every = dict.fromkeys(table.columns) | {"row_id": 1, "y": "no"} | values
    return spark.createDataFrame([tuple(every.values())], table.schema)


@pytest.mark.parametrize(
    ("missing", "x", "dotted", "flag"),
    [
        ("median", 3.0, 9.0, 1.0),
        ("mean", 43 / 6, 62 / 7, 4 / 7),
        (-1, -1.0, -1.0, -1.0),
        (2.5, 2.5, 2.5, 2.5),
    ],
)
def test_numbers_are_filled_and_marked(
    table: DataFrame, parameters: Parameters, missing: Any, x: float, dotted: float, flag: float
) -> None:
    chosen = settings(parameters, columns=NUMBERS, skew=UNSKEWED, missing=missing)
    found, _ = transform(table, table, chosen)
    assert found[0] == [x, 5, 1, 1, 0, 0]
    assert found[1] == [x, dotted, 0, 1, 1, 0]
    assert found[6] == [9, 11, flag, 0, 0, 1]
    assert found[7] == [27, 12, 0, 0, 0, 0]


def test_columns_without_missing_train_values_get_no_mark_but_are_filled(
    spark: SparkSession, table: DataFrame, parameters: Parameters
) -> None:
    chosen = settings(parameters, columns=NUMBERS, skew=UNSKEWED, missing="median")
    train = table.where("row_id >= 2")
    model = fit(train, chosen)
    assert vectors(model.transform(row(spark, table))) == [[3.0, 9.5, 1.0, 1.0]]


def test_filled_numbers_are_standardized(table: DataFrame, parameters: Parameters) -> None:
    chosen = settings(
        parameters,
        columns={"categorical": [], "numeric": ["x"]},
        skew=SKEWED,
        standardize={"with_mean": True, "with_std": True},
        missing="median",
    )
    found, _ = transform(table, table, chosen)
    filled = np.array([3.0, 3.0, *X[2:]])
    scaled = (filled - filled.mean()) / filled.std(ddof=1)
    np.testing.assert_allclose([vector[0] for vector in found], scaled)
    assert [vector[1] for vector in found] == [1, 1, 0, 0, 0, 0, 0, 0]


def test_the_statistic_is_that_of_filled_numbers(table: DataFrame, parameters: Parameters) -> None:
    chosen = settings(parameters, columns=NUMBERS, missing="median")
    found = fit_feature_model(table, *chosen).scaled_columns.columns["x"].value
    z = np.array([3.0, 3.0, *X[2:]]) - np.mean([3.0, 3.0, *X[2:]])
    assert found == pytest.approx((z**4).mean() / (z**2).mean() ** 2 - 3)


def test_missing_numbers_have_a_bin_of_their_own(
    spark: SparkSession, table: DataFrame, parameters: Parameters
) -> None:
    columns = {"categorical": [], "numeric": ["x", "row"]}
    bins = {"bins": 2, "columns": {}}
    chosen = settings(
        parameters,
        columns=columns,
        piecewise_linear=bins,
        derived={"row": "row_id"},
        missing="median",
    )
    found, _ = transform(table, table, chosen)  # edges 0, 3, 27 and 0, 3.5, 7
    assert found[:4] == [
        [0, 0, 0, 0, 1],
        [0, 0, 1 / 3.5, 0, 1],
        [0, 0, 2 / 3.5, 0, 0],
        [1 / 3, 0, 3 / 3.5, 0, 0],
    ]
    assert found[7] == [1, 1, 1, 1, 0]


def test_missing_texts_are_a_category_where_train_rows_have_them(
    spark: SparkSession, table: DataFrame, parameters: Parameters
) -> None:
    columns = {"categorical": ["t", "full"], "numeric": []}
    chosen = settings(parameters, columns=columns, unseen_categories="keep", missing="median")
    found, _ = transform(table, table, chosen)  # a, b, missing; c
    assert [found[0], found[1], found[7]] == [[1, 0, 0, 1], [0, 1, 0, 1], [0, 0, 1, 1]]
    new = row(spark, table, t="unseen")
    assert scored_inputs(new, fit(table, chosen)) == [[0, 0, 0, 0]]


def test_where_they_have_none_it_is_an_unseen_one(
    spark: SparkSession, table: DataFrame, parameters: Parameters
) -> None:
    chosen = settings(parameters, columns={"categorical": ["t"], "numeric": []}, missing="mean")
    model = fit(table.where("t IS NOT NULL"), chosen)
    message = failure(lambda: scored_inputs(row(spark, table), model))
    assert "new.csv: in the row with row_id 1 the column 't' is empty" in message
    assert scored_inputs(row(spark, table), fit(table, chosen)) == [[0, 0]]  # dropped: the last


def test_one_message_names_all_missing_values(table: DataFrame, parameters: Parameters) -> None:
    columns = {"categorical": ["t", "full"], "numeric": "auto"}
    chosen = settings(parameters, columns=columns, derived={"e": "1 + x", "z": "`a.b` + 0"})
    assert failure(lambda: fit(table, chosen)) == (
        "The train rows have missing values in t (2 rows), x (2 rows), a.b (1 rows), flag (1 rows),"
        " e (2 rows), z (1 rows), which the network cannot take: set features.missing: median, fill"
        " them in the table, or add the columns to data.columns.drop."
    )


def test_a_kept_place_takes_missing_texts_without_a_category(
    table: DataFrame, parameters: Parameters
) -> None:
    columns = {"categorical": ["t"], "numeric": []}
    chosen = settings(parameters, columns=columns, unseen_categories="keep")
    assert transform(table, table, chosen)[0][7] == [0, 0]


@pytest.mark.parametrize("missing", ["error", "median", 0])
def test_a_number_without_any_value_is_no_input(
    table: DataFrame, parameters: Parameters, missing: Any
) -> None:
    rows = table.select("row_id", "no", "y", table.x.isNull().alias("flag"))
    auto = {"categorical": "auto", "numeric": "auto"}
    found = fit_feature_model(rows, *settings(parameters, columns=auto, missing=missing))
    assert found.input_columns.left_out == {"no": "no train row has a value"}
    listed = settings(parameters, columns={"categorical": [], "numeric": ["no"]}, missing=missing)
    assert failure(lambda: fit(rows, listed)) == (
        "data.columns.numeric names no, but no train row has a value there: take it out of the "
        "list, or add it to data.columns.drop."
    )
    alone = settings(parameters, columns=auto, missing=missing)
    message = failure(lambda: fit(rows.drop("flag"), alone))
    assert message.endswith("name at least one. Left out are no (no train row has a value).")


def test_a_value_or_none_are_two_categories(table: DataFrame, parameters: Parameters) -> None:
    rows = table.selectExpr("row_id", "if(row_id < 4, 'b', NULL) AS t", "row_id AS x", "y")
    auto = {"categorical": "auto", "numeric": "auto"}

    def left_out(missing: str) -> Any:
        chosen = settings(parameters, columns=auto, missing=missing)
        return fit_feature_model(rows, *chosen).input_columns.left_out

    assert (left_out("error"), left_out("median")) == (
        {"t": "the train rows hold the single value 'b'"},
        {},
    )


def test_an_empty_text_is_missing(table: DataFrame, parameters: Parameters) -> None:
    rows = table.selectExpr("row_id", "nvl(t, '') AS t", "y")
    columns = {"categorical": ["t"], "numeric": []}
    expected = transform(table, table, settings(parameters, columns=columns, missing="median"))
    filled = settings(parameters, columns=columns, missing="median")
    assert transform(rows, rows, filled) == expected
    assert "missing values in t (2 rows)" in failure(
        lambda: fit(rows, settings(parameters, columns=columns))
    )
    kept = settings(parameters, columns=columns, unseen_categories="keep")
    assert transform(rows, rows, kept)[0][7] == [0, 0]


def test_a_missing_label_is_refused(table: DataFrame, parameters: Parameters) -> None:
    rows = table.selectExpr("row_id", "x", "if(row_id = 3, NULL, y) AS y")
    columns = {"categorical": [], "numeric": ["x"]}
    message = failure(lambda: fit(rows, settings(parameters, columns=columns, missing="median")))
    assert message.startswith("the train rows: the label 'y' is empty in 1 rows.")


@pytest.mark.parametrize("piecewise", [None, {"bins": 3, "columns": {}}])
def test_saved_stages_and_scoring_fill_alike(
    table: DataFrame, parameters: Parameters, piecewise: Any, tmp_path: Any
) -> None:
    columns = {"categorical": ["t"], "numeric": ["x", "a.b", "flag"]}
    chosen = settings(parameters, columns=columns, missing="mean", piecewise_linear=piecewise)
    expected, _ = transform(table, table, chosen)
    fit(table, chosen).write().save(str(tmp_path / "stages"))
    loaded = PipelineModel.load(str(tmp_path / "stages"))
    assert vectors(loaded.transform(table)) == expected
    scored = scored_inputs(table.drop("y"), loaded)
    assert np.array_equal(np.float32(expected), np.float32(scored))
