import pytest
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from bank_spark_dl.errors import InputDataError, ParameterError
from bank_spark_dl.ml.features.fit import fit_feature_model
from bank_spark_dl.parameters import Parameters
from bank_spark_dl.pipelines.feature_engineering.nodes import make_features, mark_validation_rows


def test_train_and_test_rows_become_vectors(rows: DataFrame, parameters: Parameters) -> None:
    train, test = rows.where("row_id % 5 > 0"), rows.where("row_id % 5 = 0")
    inputs, scaled, model = fit_feature_model(train, parameters.data, parameters.features)
    assert inputs.numeric == tuple(scaled.columns) == tuple(parameters.data.columns.numeric)
    features = make_features(train, test, model, parameters.features)
    for frame, source in zip(features, (train, test), strict=True):
        assert frame.columns == ["row_id", "features", "label_index"]
        assert frame.count() == source.count()
        assert frame.where("label_index = 1").count() == source.where("deposit = 'yes'").count()


def test_the_newest_train_rows_validate(rows: DataFrame, parameters: Parameters) -> None:
    columns = parameters.data.columns.model_copy(update={"time": "called"})
    data = parameters.data.model_copy(update={"columns": columns, "split": "time"})
    rows = rows.withColumn("called", F.col("row_id"))
    model = fit_feature_model(rows, data, parameters.features).model
    marked = mark_validation_rows(rows, data, 0.1, seed=1)
    train, test = make_features(marked, rows, model, parameters.features)
    assert train.columns == ["row_id", "features", "label_index", "validation"]
    assert test.columns == ["row_id", "features", "label_index"]
    ids = sorted(row["row_id"] for row in rows.collect())
    validating = train.where("validation").collect()
    assert sorted(row["row_id"] for row in validating) == ids[-60:]


def test_the_engine_draws_its_validation_rows_itself_unless_rows_belong_together(
    rows: DataFrame, parameters: Parameters
) -> None:
    columns = parameters.data.columns.model_copy(update={"time": "row_id"})
    by_time = parameters.data.model_copy(update={"columns": columns, "split": "time"})
    assert mark_validation_rows(rows, parameters.data, 0.1, seed=1) is rows
    assert mark_validation_rows(rows, by_time, 0.0, seed=1) is rows


def test_the_label_cannot_be_derived_from(rows: DataFrame, parameters: Parameters) -> None:
    leak = parameters.features.model_copy(update={"counts": {"alike": ["job", "deposit"]}})
    with pytest.raises(ParameterError, match="there is no column deposit"):
        fit_feature_model(rows, parameters.data, leak)


def test_strange_values_of_a_derived_category_are_refused_too(
    rows: DataFrame, parameters: Parameters
) -> None:
    features = parameters.features.model_copy(update={"derived": {"both": "concat(job, marital)"}})
    columns = parameters.data.columns.model_copy(update={"categorical": ["both"]})
    data = parameters.data.model_copy(update={"columns": columns})
    train = rows.where("job != 'management'")
    model = fit_feature_model(train, data, features).model
    assert make_features(train, train, model, features)[1].count() == train.count()
    with pytest.raises(InputDataError, match="both: 'managementdivorced'"):
        make_features(train, rows, model, features)


def test_a_strange_category_in_the_test_rows_is_refused(
    rows: DataFrame, parameters: Parameters
) -> None:
    train = rows.where("job != 'management'")
    model = fit_feature_model(train, parameters.data, parameters.features).model
    with pytest.raises(InputDataError, match=r"The test rows hold categories .*job: 'management'"):
        make_features(train, rows, model, parameters.features)
    keep = parameters.features.model_copy(update={"unseen_categories": "keep"})
    kept = fit_feature_model(train, parameters.data, keep).model
    assert make_features(train, rows, kept, keep)[1].count() == rows.count()
