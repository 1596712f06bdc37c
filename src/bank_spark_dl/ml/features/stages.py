"""Fit the stages from input columns to the vector of features."""

from collections.abc import Mapping, Sequence
from typing import Any

from pyspark.ml import Pipeline, PipelineModel
from pyspark.ml.feature import SQLTransformer, StandardScalerModel, VectorAssembler
from pyspark.sql import DataFrame

from bank_spark_dl.ml.column_names import FEATURES
from bank_spark_dl.ml.features.categories import category_stages, known_categories
from bank_spark_dl.ml.features.inputs import MISSING, InputValues, inner_name, inputs_stage
from bank_spark_dl.ml.features.piecewise_linear import encoding_stages
from bank_spark_dl.ml.features.quantiles import column_edges, normal_scores
from bank_spark_dl.ml.features.scaled_columns import (
    ScaledColumns,
    scaling_stages,
    standardized_sql,
)
from bank_spark_dl.ml.features.sql_stages import apply_sql
from bank_spark_dl.parameters import FeatureOptions

SHOWN = 100  # characters of a statement


def fit_stages(
    rows: DataFrame, values: InputValues, scaled: ScaledColumns, options: FeatureOptions
) -> list[Any]:
    """Fit the stages that copy and check the inputs, encode them, and assemble the vector.

    Args:
        rows: The train rows from add_source, with derived columns.
        values: The inputs.
        scaled: Which numeric inputs are standardized.
        options: Settings of the stages.

    Raises:
        InputDataError: A categorical column has a single value, and no input for unseen ones.
    """
    strict = options.unseen_categories == "error"
    # Categories and factors of the scaler, which the checks need, are not known yet.
    unchecked = inputs_stage(values, dict.fromkeys(values.texts) if strict else {}, {})
    copied = apply_sql(rows, unchecked)
    stages, categories = category_stages(copied, list(values.texts), options, values.frequent)
    number_stages, numbers = _number_stages(copied, values, scaled, options)
    missing = [inner_name(MISSING, name) for name in values.missing]
    vector = VectorAssembler(inputCols=[*categories, *numbers, *missing], outputCol=FEATURES)
    fitted = Pipeline(stages=[*stages, *number_stages, vector]).fit(copied).stages
    known: Mapping[str, Sequence[str] | None] = {}
    if strict:  # where an embedding reads indices, their own stage refuses unseen ones
        listed = options.categories.encoding == "one_hot"
        known = known_categories(fitted) if listed else dict.fromkeys(values.texts)
    plain = {name: values.numbers[name] for name in scaled.standardized}
    return [inputs_stage(values, known, _scaled_sql(fitted, plain)), *fitted]


def _number_stages(
    copied: DataFrame, values: InputValues, scaled: ScaledColumns, options: FeatureOptions
) -> tuple[list[Any], list[str]]:
    if options.piecewise_linear is None:
        return scaling_stages(list(values.numbers), scaled.standardized, options.standardize)
    edges = column_edges(copied, list(values.numbers), options.piecewise_linear)
    scores = normal_scores(copied, edges) if options.piecewise_linear.normal_scores else {}
    return encoding_stages(edges, values.empty, scores)


def _scaled_sql(fitted: list[Any], numbers: Mapping[str, str]) -> dict[str, str]:
    """Write what the fitted scaler, if there is one, makes of the standardized columns."""
    for stage in fitted:
        if isinstance(stage, StandardScalerModel):
            scaled = standardized_sql(stage, list(numbers.values()))
            return dict(zip(numbers, scaled, strict=True))
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
