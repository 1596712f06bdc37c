from pathlib import Path

import pytest
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from bank_spark_dl.errors import InputDataError, ParameterError
from bank_spark_dl.ml.features.fit import fit_feature_model
from bank_spark_dl.ml.models.row_arguments import training_columns
from bank_spark_dl.ml.splits.validation import mark_validation
from bank_spark_dl.parameters import Parameters
from feature_steps import make


def test_train_and_test_rows_become_vectors(rows: DataFrame, parameters: Parameters) -> None:
    train, test = rows.where("row_id % 5 > 0"), rows.where("row_id % 5 = 0")
    settings = parameters.data, parameters.features
    fitted = fit_feature_model(train, *settings)
    numeric = fitted.input_columns.numeric
    assert numeric == tuple(fitted.scaled_columns.columns) == tuple(settings[0].columns.numeric)
    features = make(train, test, fitted, settings)
    for frame, source in zip(features, (train, test), strict=True):
        assert frame.columns == ["row_id", "features", "label_index"]
        assert frame.count() == source.count()
        assert frame.where("label_index = 1").count() == source.where("deposit = 'yes'").count()


def test_the_newest_train_rows_validate(rows: DataFrame, parameters: Parameters) -> None:
    columns = parameters.data.columns.model_copy(update={"time": "called"})
    data = parameters.data.model_copy(update={"columns": columns, "split": "time"})
    rows = rows.withColumn("called", F.col("row_id"))
    settings = data, parameters.features
    train, test = make(rows, rows, fit_feature_model(rows, *settings), settings)
    assert train.columns == ["row_id", "features", "label_index", "validation"]
    assert test.columns == ["row_id", "features", "label_index"]
    ids = sorted(row["row_id"] for row in rows.collect())
    validating = train.where("validation").collect()
    assert sorted(row["row_id"] for row in validating) == ids[-60:]


@pytest.mark.parametrize("marked", [0.0, 0.2])
def test_training_refuses_another_number_of_validation_rows_than_was_marked(
    rows: DataFrame, parameters: Parameters, tmp_path: Path, marked: float
) -> None:
    columns = parameters.data.columns.model_copy(update={"time": "called"})
    data = parameters.data.model_copy(update={"columns": columns, "split": "time"})
    rows, settings = rows.withColumn("called", F.col("row_id")), (data, parameters.features)
    made = make(rows, rows, fit_feature_model(rows, *settings), settings, marked)[0]
    made.limit(1).write.parquet(str(tmp_path / "made"))
    saved = rows.sparkSession.read.parquet(str(tmp_path / "made"))
    expected = {"validationIndicatorCol": "validation"} if marked else {}
    assert training_columns(saved, marked) == expected
    with pytest.raises(ParameterError) as refused:
        training_columns(saved, 0.1)
    assert str(refused.value) == (
        f"elephas.validation_split is 0.1, but the validation rows were marked with {marked} when "
        "the train rows were made into vectors: run feature_engineering again, or set it back."
    )


def test_the_engine_draws_its_validation_rows_itself_unless_rows_belong_together(
    rows: DataFrame, parameters: Parameters
) -> None:
    columns = parameters.data.columns.model_copy(update={"time": "row_id"})
    by_time = parameters.data.model_copy(update={"columns": columns, "split": "time"})
    assert mark_validation(rows, parameters.data, 0.1, seed=1) is rows
    assert mark_validation(rows, by_time, 0.0, seed=1) is rows


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
    fitted = fit_feature_model(train, data, features)
    assert make(train, train, fitted, (data, features))[1].count() == train.count()
    with pytest.raises(InputDataError, match="both: 'managementdivorced'"):
        make(train, rows, fitted, (data, features))


def test_a_strange_category_in_the_test_rows_is_refused(
    rows: DataFrame, parameters: Parameters
) -> None:
    train = rows.where("job != 'management'")
    settings = parameters.data, parameters.features
    fitted = fit_feature_model(train, *settings)
    with pytest.raises(InputDataError, match=r"The test rows hold categories .*job: 'management'"):
        make(train, rows, fitted, settings)
    keep = parameters.features.model_copy(update={"unseen_categories": "keep"})
    kept = fit_feature_model(train, parameters.data, keep)
    assert make(train, rows, kept, (parameters.data, keep))[1].count() == rows.count()
