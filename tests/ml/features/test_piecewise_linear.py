import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from pyspark.sql import DataFrame, SparkSession

from bank_spark_dl.ml.features.fit import fit_feature_model
from bank_spark_dl.ml.features.piecewise_linear import encoding_stages
from bank_spark_dl.parameters import Parameters, PiecewiseLinearOptions


def test_a_value_fills_the_bins_below_it(spark: SparkSession) -> None:
    frame = spark.createDataFrame([(-5.0,), (0.0,), (1.0,), (4.0,), (9.0,)], "__value_x double")
    stages, names = encoding_stages({"x": [0.0, 2.0, 6.0]})
    rows = stages[0].transform(frame).select("__value_x", *names).orderBy("__value_x").collect()
    assert [tuple(row)[1:] for row in rows] == [(0, 0), (0, 0), (0.5, 0), (1, 0.5), (1, 1)]


def test_a_constant_column_becomes_no_input() -> None:
    assert encoding_stages({"x": [7.0]}) == ([], [])


def test_normal_scores_are_interpolated_between_edges(spark: SparkSession) -> None:
    frame = spark.createDataFrame([(-5.0,), (0.0,), (1.0,), (4.0,), (9.0,)], "__value_x double")
    stages, names = encoding_stages({"x": [0.0, 2.0, 6.0]}, scores={"x": [-1.5, 0.5, 2.5]})
    for stage in stages:
        frame = stage.transform(frame)
    assert names == ["__bin0_x", "__bin1_x", "__score_x"]
    found = [row["__score_x"] for row in frame.orderBy("__value_x").collect()]
    assert found == [-1.5, -1.5, -0.5, 1.5, 2.5]


def test_a_missing_value_has_the_score_0(spark: SparkSession) -> None:
    frame = spark.createDataFrame([(None,)], "__value_x double")
    stages, names = encoding_stages({"x": [0.0, 2.0]}, {"x"}, {"x": [-1.0, 1.0]})
    for stage in stages:
        frame = stage.transform(frame)
    assert frame.select(*names).first() == (0.0, 0.0)


@settings(max_examples=15, deadline=None)
@given(st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=6, unique=True))
def test_bins_are_those_of_numpy(spark: SparkSession, edges: list[float]) -> None:
    edges = sorted(edges)
    values = np.linspace(edges[0] - 1, edges[-1] + 1, 7)
    stages, names = encoding_stages({"x": edges})
    frame = spark.createDataFrame([(float(value),) for value in values], "__value_x double")
    found = np.array(stages[0].transform(frame).orderBy("__value_x").select(*names).collect())
    low, high = np.array(edges[:-1]), np.array(edges[1:])
    np.testing.assert_allclose(found, np.clip((values[:, None] - low) / (high - low), 0, 1))


def test_features_hold_categories_then_bins(rows: DataFrame, parameters: Parameters) -> None:
    options = parameters.features.model_copy(
        update={"piecewise_linear": PiecewiseLinearOptions(bins=3)}
    )
    columns = parameters.data.columns.model_copy(
        update={"categorical": ["marital"], "numeric": ["age"]}
    )
    data = parameters.data.model_copy(update={"columns": columns})
    fitted = fit_feature_model(rows, data, options)
    assert fitted.scaled_columns.columns == {}
    width = rows.select("marital").distinct().count() - 1 + 3
    assert fitted.model.transform(rows).first()["features"].size == width  # type: ignore[index]
