"""The feature steps one after the other, as the pipeline runs them."""

from typing import Any

from pyspark.ml import PipelineModel
from pyspark.ml.functions import vector_to_array
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from bank_spark_dl.ml.features.compiled import compiled_features
from bank_spark_dl.ml.features.fit import FittedFeatures, fit_feature_model
from bank_spark_dl.ml.features.label import without_label
from bank_spark_dl.parameters import DataOptions, FeatureOptions, Parameters
from bank_spark_dl.pipelines.feature_engineering.nodes import make_features

Settings = tuple[DataOptions, FeatureOptions]


def settings(
    parameters: Parameters, *, columns: dict[str, Any], availability: Any = None, **features: Any
) -> Settings:
    """The base parameters for a table with the label `y`, yes or no."""
    parts = {"id": None, "label": "y", "positive": "yes", "drop": []}
    parts |= {"time": None, "group": None}
    data = parameters.data.model_dump() | {
        "columns": parts | columns,
        "availability": availability or {},
        "segments": [],
    }
    changed = parameters.features.model_dump() | features
    return DataOptions.model_validate(data), FeatureOptions.model_validate(changed)


def fit(train: DataFrame, chosen: Settings) -> PipelineModel:
    return fit_feature_model(train, *chosen).model


def make(
    train: DataFrame,
    test: DataFrame,
    fitted: FittedFeatures,
    chosen: Settings,
    validation_split: float = 0.1,
) -> tuple[DataFrame, DataFrame]:
    """The vectors of train and test rows."""
    data, features = chosen
    inputs = fitted.input_columns
    return make_features(train, test, fitted.model, inputs, features, data, validation_split, 1)


def transform(
    train: DataFrame, test: DataFrame, chosen: Settings
) -> tuple[list[list[float]], list[list[float]]]:
    """Fit on train rows; the vectors of train and test rows, by row_id."""
    made = make(train, test, fit_feature_model(train, *chosen), chosen)
    return vectors(made[0]), vectors(made[1])


def vectors(frame: DataFrame) -> list[list[float]]:
    ordered = frame.orderBy("row_id").select(vector_to_array("features").alias("v"))
    return [row["v"] for row in ordered.collect()]


def scored_inputs(rows: DataFrame, model: PipelineModel) -> list[list[float]]:
    """What scoring gives the network for rows, by row_id."""
    stages: list[Any] = without_label(model).stages
    inputs = compiled_features(rows, stages, F.lit("new.csv")).select("row_id", "features")
    return [row["features"] for row in inputs.orderBy("row_id").collect()]


def failure(run: Any) -> str:
    """What is raised, as text; nothing if nothing is."""
    try:
        run()
    except Exception as error:
        return str(error)
    return ""
