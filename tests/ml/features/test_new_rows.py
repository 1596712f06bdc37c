"""Rows that fitted stages cannot take are refused before anything is computed of them."""

import pytest
from pyspark.sql import DataFrame, SparkSession

from bank_spark_dl.errors import InputDataError
from bank_spark_dl.ml.features.fit import FittedFeatures, fit_feature_model
from bank_spark_dl.ml.features.new_rows import check_new_rows
from bank_spark_dl.parameters import DataOptions, DateOptions, FeatureOptions, Parameters

SCHEMA = "row_id long, `a.b` double, kind string, seen date, y string"
DATES = DateOptions(parts=["year", "month"], encoding="number")


@pytest.fixture(scope="module")
def data(parameters: Parameters) -> DataOptions:
    roles = {"id": "row_id", "label": "y", "positive": "yes", "drop": []}
    columns = parameters.data.columns.model_copy(
        update=roles | {"categorical": ["kind"], "numeric": ["a.b", "twice"]}
    )
    return parameters.data.model_copy(update={"columns": columns, "segments": []})


@pytest.fixture(scope="module")
def features(parameters: Parameters) -> FeatureOptions:
    derived = {"twice": "2 * `a.b`"}
    return parameters.features.model_copy(update={"derived": derived, "dates": DATES})


def frame(spark: SparkSession, *rows: str) -> DataFrame:
    values = ", ".join(f"({n}, {row}, IF({n} % 2 = 0, 'yes', 'no'))" for n, row in enumerate(rows))
    names = [part.split(" ")[0] for part in SCHEMA.split(", ")]
    return spark.sql(f"SELECT * FROM VALUES {values} AS t({', '.join(names)})")


@pytest.fixture(scope="module")
def fitted(spark: SparkSession, data: DataOptions, features: FeatureOptions) -> FittedFeatures:
    days = (f"{n}D, 'k{n % 3}', DATE '2026-0{n}-01'" for n in range(1, 8))
    return fit_feature_model(frame(spark, *days), data, features)


def refusal(rows: DataFrame, fitted: FittedFeatures, options: FeatureOptions) -> str:
    with pytest.raises(InputDataError) as refused:
        check_new_rows(rows, fitted.model, options, "The test rows", fitted.input_columns)
    return str(refused.value)


def test_missing_values_and_unseen_categories_of_all_columns_are_named_at_once(
    spark: SparkSession, fitted: FittedFeatures, features: FeatureOptions
) -> None:
    odd = frame(
        spark,
        "NULL, 'k1', NULL",
        "double('nan'), 'k2', DATE '2026-01-01'",
        "1D, '', NULL",
        "1D, 'strange', NULL",
    )
    assert refusal(odd, fitted, features) == (
        "The test rows have missing values in kind (1 rows), a.b (2 rows), twice (2 rows), seen "
        "(3 rows), which the network cannot take: set features.missing: median, fill them in the "
        "table, or add the columns to data.columns.drop. The test rows hold categories that the "
        "train rows do not (kind: 'strange'). Train on rows that hold them, or set "
        "features.unseen_categories to keep."
    )


def test_unseen_categories_are_named_where_no_value_is_missing(
    spark: SparkSession, fitted: FittedFeatures, features: FeatureOptions
) -> None:
    odd = frame(spark, "1D, 'strange', DATE '2026-01-01'", "1D, 'k1', DATE '2026-01-01'")
    assert "(kind: 'strange')" in refusal(odd, fitted, features)


def test_where_neither_is_an_error_rows_are_not_read(
    fitted: FittedFeatures, features: FeatureOptions
) -> None:
    lenient = features.model_copy(update={"missing": "median", "unseen_categories": "keep"})
    nothing: DataFrame = None  # type: ignore[assignment]
    check_new_rows(nothing, fitted.model, lenient, "The test rows", fitted.input_columns)


def test_missing_texts_are_kept_with_unseen_ones(
    spark: SparkSession, fitted: FittedFeatures, features: FeatureOptions
) -> None:
    keep = features.model_copy(update={"unseen_categories": "keep"})
    odd = frame(spark, "NULL, NULL, DATE '2026-01-01'")
    assert "in a.b (1 rows), twice (1 rows), which" in refusal(odd, fitted, keep)
