import keras
import pytest
from pyspark.ml import PipelineModel
from pyspark.ml.functions import vector_to_array
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from bank_spark_dl.distributed import ElephasClassificationModel, TrainingHistory
from bank_spark_dl.errors import InputDataError, ParameterError
from bank_spark_dl.messages.diagnostics import user_mistake
from bank_spark_dl.ml.features.columns import FeatureColumns
from bank_spark_dl.ml.features.fit import fit_feature_model
from bank_spark_dl.ml.features.label import without_label
from bank_spark_dl.ml.monitoring.drift import DriftReport
from bank_spark_dl.ml.monitoring.histograms import TrainingProfile
from bank_spark_dl.parameters import DriftOptions, Parameters
from bank_spark_dl.pipelines.feature_engineering.nodes import profile_train_rows
from bank_spark_dl.pipelines.scoring.nodes import accept_rows, measure_drift, score_rows

SOURCE, ID = "new.csv", "id"
NOT_READ: PipelineModel = None  # type: ignore[assignment]
"""The model where drift shows nothing that it could refuse."""


def make_model(rows: DataFrame, parameters: Parameters, unseen: str) -> PipelineModel:
    """Fitted feature stages and a network with its first weights."""
    options = parameters.features.model_copy(update={"unseen_categories": unseen})
    features = fit_feature_model(rows, parameters.data, options).model
    width = features.transform(rows).first()["features"].size
    network = keras.Sequential([keras.Input((width,)), keras.layers.Dense(2, "sigmoid")])
    trained = ElephasClassificationModel(
        network.to_json(), network.get_weights(), TrainingHistory(1, 1, 0, 1, 0, 0), width
    )
    return PipelineModel([*without_label(features).stages, trained])


@pytest.fixture(scope="module")
def model(rows: DataFrame, parameters: Parameters) -> PipelineModel:
    return make_model(rows, parameters, "error")


def test_every_row_is_scored_under_its_own_id(
    raw_rows: DataFrame, rows: DataFrame, model: PipelineModel
) -> None:
    scores = score_rows(raw_rows.drop("deposit"), model, ID, SOURCE)
    assert scores.columns == ["row_id", "probability", "prediction"]
    assert scores.schema["row_id"].dataType == raw_rows.schema["id"].dataType
    expected = model.transform(rows).select(
        "row_id", vector_to_array("probability")[1].alias("expected")
    )
    assert scores.join(expected, "row_id").where("probability = expected").count() == rows.count()
    assert scores.where("(probability > 0.5) != (prediction = 1.0)").count() == 0


def test_rows_are_scored_in_one_pass(
    raw_rows: DataFrame, model: PipelineModel, capsys: pytest.CaptureFixture
) -> None:
    """One scan, no exchange between tasks: each row goes through once and stays where it is."""
    score_rows(raw_rows.drop("deposit"), model, ID, SOURCE).explain()
    plan = capsys.readouterr().out.split("InMemoryRelation")[0]
    assert plan.count("InMemoryTableScan") == 1
    assert "Exchange" not in plan
    assert plan.count("MapInArrow") == 1


def test_rows_without_an_id_are_named_by_their_values(
    raw_rows: DataFrame, model: PipelineModel
) -> None:
    nameless = raw_rows.drop("deposit", "id")
    scores = score_rows(nameless, model, None, SOURCE)
    assert scores.select("row_id").distinct().count() == nameless.count()


def test_an_unseen_category_is_named_with_its_row(
    raw_rows: DataFrame, model: PipelineModel
) -> None:
    astronaut = raw_rows.limit(1).withColumns({"job": F.lit("astronaut"), "id": F.lit(77)})
    with pytest.raises(Exception, match="astronaut") as caught:
        score_rows(astronaut, model, ID, SOURCE).collect()
    assert user_mistake(caught.value) == (
        "new.csv: in the row with row_id 77 the column 'job' holds 'astronaut', a value that no "
        "train row has. Correct it, or train with features.unseen_categories: keep."
    )


def test_an_unseen_category_is_scored_where_training_kept_a_place_for_it(
    raw_rows: DataFrame, rows: DataFrame, parameters: Parameters
) -> None:
    keeping = make_model(rows, parameters, "keep")
    strange = raw_rows.withColumn("job", F.lit("astronaut"))
    assert score_rows(strange, keeping, ID, SOURCE).count() == raw_rows.count()


@pytest.fixture(scope="module")
def profile(rows: DataFrame, parameters: Parameters) -> TrainingProfile:
    return profile_train_rows(rows, parameters.data)


def accepted(
    rows: DataFrame,
    drift: DriftReport,
    parameters: Parameters,
    options: DriftOptions,
    model: PipelineModel = NOT_READ,
) -> DataFrame:
    columns = parameters.data.columns
    inputs = FeatureColumns(tuple(columns.categorical), tuple(columns.numeric))
    return accept_rows(rows, drift, model, inputs, parameters.features, ID, options, SOURCE)


def test_the_train_rows_themselves_have_not_drifted(
    raw_rows: DataFrame, profile: TrainingProfile, parameters: Parameters
) -> None:
    options = parameters.scoring.drift
    same, drift = measure_drift(raw_rows, profile, options)
    assert same is raw_rows
    assert drift.drifted == {}
    compared = set(raw_rows.columns) - {"id", "day", "month", "deposit"}
    assert set(drift.columns) == set(profile) == compared
    stopping = options.model_copy(update={"action": "stop"})
    assert accepted(raw_rows, drift, parameters, stopping) is raw_rows


def test_a_column_that_the_rows_need_not_have_is_not_compared(
    raw_rows: DataFrame, profile: TrainingProfile, parameters: Parameters
) -> None:
    _, drift = measure_drift(raw_rows.drop("duration"), profile, parameters.scoring.drift)
    assert "duration" not in drift.columns


def test_drifted_rows_are_refused_where_drift_stops(
    raw_rows: DataFrame, profile: TrainingProfile, parameters: Parameters
) -> None:
    options = parameters.scoring.drift.model_copy(update={"action": "stop"})
    older = raw_rows.withColumn("age", F.col("age") + 20)
    _, drift = measure_drift(older, profile, options)
    assert list(drift.drifted) == ["age"]
    with pytest.raises(InputDataError, match=r"new\.csv: the rows have drifted .* in age \(PSI"):
        accepted(older, drift, parameters, options)


def test_a_missing_id_is_named(
    raw_rows: DataFrame, profile: TrainingProfile, parameters: Parameters
) -> None:
    nameless, options = raw_rows.drop("id"), parameters.scoring.drift
    _, drift = measure_drift(nameless, profile, options)
    with pytest.raises(ParameterError, match=r"data\.columns\.id is id, but new\.csv has"):
        accepted(nameless, drift, parameters, options)


def test_what_cannot_be_scored_is_named_for_all_columns(
    raw_rows: DataFrame, model: PipelineModel, profile: TrainingProfile, parameters: Parameters
) -> None:
    odd = raw_rows.withColumns(
        {
            "age": F.expr("if(id % 100 = 0, NULL, age)"),
            "balance": F.expr("if(id % 100 = 0, NULL, balance)"),
            "job": F.expr("if(id % 100 = 1, 'astronaut', job)"),
        }
    )
    options, gaps = parameters.scoring.drift, odd.where("age IS NULL").count()
    _, drift = measure_drift(odd, profile, options)
    with pytest.raises(InputDataError) as refused:
        accepted(odd, drift, parameters, options, model)
    assert str(refused.value) == (
        f"The rows of new.csv have missing values in age ({gaps} rows), balance ({gaps} rows), "
        "which the network cannot take: set features.missing: median, fill them in the table, or "
        "add the columns to data.columns.drop. The rows of new.csv hold categories that the train "
        "rows do not (job: 'astronaut'). Train on rows that hold them, or set "
        "features.unseen_categories to keep."
    )
