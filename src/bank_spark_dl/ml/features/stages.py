"""Fit the stages from input columns to the vector of features."""

from typing import Any

from pyspark.ml import Pipeline, PipelineModel
from pyspark.ml.feature import SQLTransformer, StandardScalerModel, VectorAssembler
from pyspark.sql import DataFrame

from bank_spark_dl.ml.column_names import FEATURES
from bank_spark_dl.ml.features.categories import category_stages, known_categories
from bank_spark_dl.ml.features.columns import FeatureColumns
from bank_spark_dl.ml.features.inputs import inputs_stage, number_sql
from bank_spark_dl.ml.features.piecewise_linear import encoding_stages, quantile_edges
from bank_spark_dl.ml.features.scaled_columns import (
    ScaledColumns,
    scaling_stages,
    standardized_sql,
)
from bank_spark_dl.ml.features.sql_stages import apply_sql
from bank_spark_dl.parameters import FeatureOptions

SHOWN = 100  # characters of a statement


def fit_stages(
    rows: DataFrame, columns: FeatureColumns, scaled: ScaledColumns, options: FeatureOptions
) -> list[Any]:
    """Fit the stages that copy and check the inputs, encode them, and assemble the vector.

    Args:
        rows: The train rows from add_source, with derived columns.
        columns: The inputs.
        scaled: Which numeric inputs are standardized.
        options: Settings of the stages.

    Raises:
        InputDataError: A categorical column has a single value, and no input for unseen ones.
    """
    strict = options.unseen_categories == "error"
    # Categories and factors of the scaler, which the checks need, are not known yet.
    unchecked = inputs_stage(columns, dict.fromkeys(columns.categorical) if strict else {}, {})
    copied = apply_sql(rows, unchecked)
    stages, categories = category_stages(copied, columns.categorical, options.unseen_categories)
    if options.piecewise_linear is None:
        number_stages, numbers = scaling_stages(
            columns.numeric, scaled.standardized, options.standardize
        )
    else:
        edges = quantile_edges(copied, columns.numeric, options.piecewise_linear)
        number_stages, numbers = encoding_stages(edges)
    vector = VectorAssembler(inputCols=[*categories, *numbers], outputCol=FEATURES)
    fitted = Pipeline(stages=[*stages, *number_stages, vector]).fit(copied).stages
    known = known_categories(fitted) if strict else {}
    return [inputs_stage(columns, known, _scaled_sql(fitted, scaled.standardized)), *fitted]


def _scaled_sql(fitted: list[Any], standardized: list[str]) -> dict[str, str]:
    """Write what the fitted scaler, if there is one, makes of each column."""
    numbers = [number_sql(name) for name in standardized]
    for stage in fitted:
        if isinstance(stage, StandardScalerModel):
            return dict(zip(standardized, standardized_sql(stage, numbers), strict=True))
    return {}


def describe_stages(model: PipelineModel) -> str:
    """List the stages, a line each: what it is, what it reads, what it writes."""
    return "\n".join(
        f"  {number}. {type(stage).__name__}: {_described(stage)}"
        for number, stage in enumerate(model.stages, start=1)
    )


def _described(stage: Any) -> str:
    if isinstance(stage, SQLTransformer):
        statement = " ".join(str(stage.getStatement()).split())
        return statement if len(statement) <= SHOWN else f"{statement[:SHOWN]}..."
    return f"{_columns(stage, 'input')} -> {_columns(stage, 'output')}"


def _columns(stage: Any, side: str) -> str:
    for param in (f"{side}Cols", f"{side}Col"):
        if stage.hasParam(param) and stage.isSet(param):
            value = stage.getOrDefault(param)
            return ", ".join(value) if isinstance(value, list) else str(value)
    return "?"
