"""The feature stages: raw columns in, one `features` vector and a `label_index` out."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pyspark.ml import Pipeline, PipelineModel
from pyspark.ml.feature import (
    OneHotEncoder,
    SQLTransformer,
    StandardScaler,
    StandardScalerModel,
    StringIndexerModel,
    VectorAssembler,
)
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from bank_spark_dl.ml.column_names import FEATURES, LABEL_INDEX, carried_name
from bank_spark_dl.ml.features.categories import fit_categories, known_categories
from bank_spark_dl.ml.features.columns import FeatureColumns
from bank_spark_dl.ml.features.compiled import standardized
from bank_spark_dl.ml.features.inputs import VALUE, inner_name, inputs_stage, number_sql
from bank_spark_dl.ml.features.piecewise_linear import encoding_stages, quantile_edges
from bank_spark_dl.ml.features.sql_stages import add_columns, add_source, apply_sql
from bank_spark_dl.ml.statistics import column_statistic
from bank_spark_dl.parameters import FeatureOptions, SkewOptions, StandardizeOptions
from bank_spark_dl.spark.sql import quoted, sql_name

LABEL = "__label"
SKEWED, SCALED = "__skewed", "__scaled"
SHOWN = 100  # characters of a statement


def find_skewed(rows: DataFrame, numeric: Sequence[str], options: SkewOptions) -> dict[str, Any]:
    """Decide which numeric columns are standardized, in one aggregation.

    Args:
        rows: The train rows.
        numeric: Raw names of the numeric feature columns.
        options: Statistic and bounds; a column is skewed when its value lies outside them.

    Returns:
        `statistic`, `lower`, `upper` and `columns`: for each its `value` (null for a constant
        column, which is never skewed) and whether it is `standardized`.
    """
    values = column_statistic(rows, [carried_name(name) for name in numeric], options.statistic)
    return options.model_dump() | {
        "columns": {
            name: {
                "value": value,
                "standardized": value is not None and not options.lower <= value <= options.upper,
            }
            for name, value in zip(numeric, values.values(), strict=True)
        }
    }


def fit_features(
    rows: DataFrame,
    columns: FeatureColumns,
    scaled: Mapping[str, Any],
    options: FeatureOptions,
    first_stages: Sequence[Any],
) -> PipelineModel:
    """Fit the feature stages on the train rows.

    Args:
        rows: Train rows only, with derived columns; what they teach is applied to all others.
        columns: Feature columns, derived ones among them.
        scaled: The answer of find_skewed; not needed for a piecewise-linear encoding.
        options: Settings of the stages.
        first_stages: Go before the fitted ones: the label's, and those that derive columns.

    Returns:
        A PipelineModel from raw columns to `features` (vector) and `label_index` (double).

    Raises:
        InputDataError: A categorical column has a single value, and no input for unseen ones.
    """
    unchecked = inputs_stage(columns, _refused(columns.categorical, options), {})
    copied = apply_sql(add_source(rows, F.lit("The train rows")), unchecked)
    stages, inputs = _category_stages(copied, columns.categorical, options)
    skewed: list[str] = []
    if options.piecewise_linear is None:
        skewed = [name for name in columns.numeric if scaled["columns"][name]["standardized"]]
        plain = [name for name in columns.numeric if name not in skewed]
        stages += _scaling_stages(skewed, options.standardize)
        inputs += [SCALED] * bool(skewed) + [inner_name(VALUE, name) for name in plain]
    else:
        edges = quantile_edges(copied, columns.numeric, options.piecewise_linear)
        encoding, bins = encoding_stages(edges)
        stages, inputs = stages + encoding, inputs + bins
    stages.append(VectorAssembler(inputCols=inputs, outputCol=FEATURES))
    fitted = Pipeline(stages=stages).fit(copied)
    known = _refused(known_categories(fitted), options)
    checked = inputs_stage(columns, known, _scaled_numbers(fitted, skewed))
    return PipelineModel([*first_stages, checked, *fitted.stages])


def _refused(known: Iterable[str], options: FeatureOptions) -> dict[str, Sequence[str] | None]:
    """Return the categories by column, if others are refused."""
    if options.unseen_categories == "keep":
        return {}
    return dict(known) if isinstance(known, Mapping) else dict.fromkeys(known)


def _category_stages(
    rows: DataFrame, names: Sequence[str], options: FeatureOptions
) -> tuple[list[Any], list[str]]:
    """Make the stages that encode categories, and name the vectors to assemble."""
    if not names:
        return [], []
    indexer = fit_categories(rows, names, options.unseen_categories)
    vectors = [inner_name("onehot", name) for name in names]
    return [indexer, OneHotEncoder(inputCols=indexer.getOutputCols(), outputCols=vectors)], vectors


def _scaling_stages(skewed: Sequence[str], options: StandardizeOptions) -> list[Any]:
    if not skewed:
        return []
    return [
        VectorAssembler(inputCols=[inner_name(VALUE, name) for name in skewed], outputCol=SKEWED),
        StandardScaler(
            inputCol=SKEWED,
            outputCol=SCALED,
            withMean=options.with_mean,
            withStd=options.with_std,
        ),
    ]


def _scaled_numbers(fitted: PipelineModel, skewed: Sequence[str]) -> dict[str, str]:
    """Write what the fitted scaler makes of each skewed column."""
    scalers = [stage for stage in fitted.stages if isinstance(stage, StandardScalerModel)]
    numbers = [number_sql(name) for name in skewed]
    return {
        name: sql
        for scaler in scalers
        for name, sql in zip(skewed, standardized(scaler, numbers), strict=True)
    }


def index_label(label: str, negative: str, positive: str) -> list[Any]:
    """Make the stages that turn the label into 0.0 (negative) and 1.0 (positive).

    Args:
        label: Raw name of a column of any type, taken as text.
        negative: The class that becomes 0.0.
        positive: The class that becomes 1.0.
    """
    indexer = StringIndexerModel.from_labels(
        [negative, positive], inputCol=LABEL, outputCol=LABEL_INDEX, handleInvalid="error"
    )
    return [add_columns({LABEL: f"CAST({sql_name(carried_name(label))} AS STRING)"}), indexer]


def without_label(model: PipelineModel) -> PipelineModel:
    """Return the feature stages without the label's, for rows that have no label."""
    return PipelineModel([stage for stage in model.stages if not _indexes_label(stage)])


def _indexes_label(stage: Any) -> bool:
    if isinstance(stage, SQLTransformer):
        return f"AS {quoted(LABEL)} FROM" in str(stage.getStatement())
    return isinstance(stage, StringIndexerModel) and stage.getOutputCol() == LABEL_INDEX


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
