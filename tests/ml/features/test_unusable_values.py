"""A value that the network cannot take is refused, with its row and its column."""

from typing import Any

import pytest
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from bank_spark_dl.ml.features.fit import fit_feature_model
from bank_spark_dl.parameters import Parameters
from feature_steps import failure, fit, make, scored_inputs, settings

COLUMNS = {"categorical": ["t"], "numeric": ["x", "small"]}
BEYOND = "holds {}, too large for the 32-bit numbers of the network"
UNUSABLE = [
    ("x", "double('Infinity')", "the column 'x' " + BEYOND.format("Infinity")),
    ("x", "double('-Infinity')", "the column 'x' " + BEYOND.format("-Infinity")),
    ("x", "1e39", "the column 'x' " + BEYOND.format("1.0E39")),
    ("x", "-3.4028236e38", "the column 'x' " + BEYOND.format("-3.4028236E38")),
    ("x", "double('NaN')", "the column 'x' holds no number"),
    ("x", "double(null)", "the column 'x' holds no number"),
    ("t", "string(null)", "the column 't' is empty"),
]


@pytest.fixture(scope="module")
def table(spark: SparkSession) -> DataFrame:
    rows = [(n, n % 7 / 2, n * 1e-6, "ab"[n % 2], "yes" if n % 3 else "no") for n in range(30)]
    return spark.createDataFrame(
        rows, "row_id long, x double, small double, t string, y string"
    ).cache()


def with_one(table: DataFrame, column: str, sql: str) -> DataFrame:
    """The table with another value in row 17."""
    return table.withColumn(
        column, F.when(F.col("row_id") == 17, F.expr(sql)).otherwise(F.col(column))
    )


def failures(train: DataFrame, odd: DataFrame, chosen: Any) -> dict[str, str]:
    """What goes wrong when a row is among the train rows, the test rows, the rows to score."""
    fitted = fit_feature_model(train, *chosen)

    def train_on_odd() -> None:
        make(odd, train, fit_feature_model(odd, *chosen), chosen)[0].collect()

    return {
        "The train rows": failure(train_on_odd),
        "The test rows": failure(lambda: make(train, odd, fitted, chosen)[1].collect()),
        "new.csv": failure(lambda: scored_inputs(odd, fitted.model)),
    }


@pytest.mark.parametrize(("column", "sql", "said"), UNUSABLE)
def test_it_is_named_wherever_it_stands(
    table: DataFrame, parameters: Parameters, column: str, sql: str, said: str
) -> None:
    piecewise = {"bins": 3, "columns": {}} if "null" in sql or "Infinity" in sql else None
    chosen = settings(parameters, columns=COLUMNS, piecewise_linear=piecewise)
    found = failures(table, with_one(table, column, sql), chosen)
    if "null" in sql or "NaN" in sql:
        for rows in ("The train rows", "The test rows"):
            assert f"{rows} have missing values in {column} (1 rows), which" in found.pop(rows)
    for source, message in found.items():
        assert f"{source}: in the row with row_id 17 {said}" in message


def test_so_is_a_derived_value(table: DataFrame, parameters: Parameters) -> None:
    columns = COLUMNS | {"numeric": ["e"]}
    chosen = settings(parameters, columns=columns, derived={"e": "exp(x)"})
    found = failures(table, with_one(table, "x", "95.5"), chosen)
    for source, message in found.items():
        assert f"{source}: in the row with row_id 17 the column 'e' holds 2.9" in message


def test_so_is_one_that_grows_too_large_when_it_is_standardized(
    table: DataFrame, parameters: Parameters
) -> None:
    all_skewed = {"statistic": "kurtosis", "lower": 100.0, "upper": 200.0}
    model = fit(table, settings(parameters, columns=COLUMNS, skew=all_skewed))
    message = failure(lambda: scored_inputs(with_one(table, "small", "1e36"), model))
    assert "in the row with row_id 17 the column 'small' holds 1.0E36, too large for" in message


def test_the_largest_float_is_taken(table: DataFrame, parameters: Parameters) -> None:
    none_skewed = {"statistic": "kurtosis", "lower": -1e9, "upper": 1e9}
    model = fit(table, settings(parameters, columns=COLUMNS, skew=none_skewed))
    largest = with_one(table, "x", "double(float(3.4028235e38))")
    assert max(map(max, scored_inputs(largest, model))) == pytest.approx(3.4028235e38)


def test_the_saved_stages_name_the_column_by_themselves(
    table: DataFrame, parameters: Parameters
) -> None:
    model = fit(table, settings(parameters, columns=COLUMNS))
    for column, sql, said in UNUSABLE:
        odd = with_one(table, column, sql).drop("row_id", "y")
        message = failure(
            lambda odd=odd: model.transform(odd.withColumn("y", F.lit("no"))).collect()
        )
        assert f"In a row {said}" in message


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("1 / x", "0D"),
        ("element_at(array(1, 2, 3, 4, 5, 6, 7), int(x * 2) + 1)", "50D"),
        ("int(x * 1000000)", "1e15"),
        ("CAST(if(x = 77, 'much', '1') AS DOUBLE)", "77D"),
        ("size(sequence(1, 5, if(x = 77, -1, 1)))", "77D"),
    ],
)
def test_an_expression_that_fails_in_a_row_is_named(
    table: DataFrame, parameters: Parameters, expression: str, value: str
) -> None:
    chosen = settings(
        parameters,
        columns=COLUMNS | {"numeric": ["after"]},
        derived={"ratio": expression, "again": expression, "after": "coalesce(ratio, 0) + again"},
    )
    fine = table.where("x > 0")
    found = failures(fine, with_one(fine, "x", value), chosen)
    for source, message in found.items():
        assert (
            f"{source}: in the row with row_id 17 features.derived.ratio cannot be computed "
            f"({expression})" in message
        )
