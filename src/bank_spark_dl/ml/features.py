"""The feature stages: raw columns in, one `features` vector and a `label_index` out."""

from collections.abc import Mapping, Sequence
from itertools import takewhile
from typing import Any

from pyspark.ml import Pipeline, PipelineModel
from pyspark.ml.feature import (
    OneHotEncoder,
    SQLTransformer,
    StandardScaler,
    StringIndexer,
    StringIndexerModel,
    VectorAssembler,
)
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from bank_spark_dl.errors import InputDataError
from bank_spark_dl.ml.columns import FEATURES, LABEL_INDEX, FeatureColumns
from bank_spark_dl.ml.piecewise import encoding_stages, quantile_edges
from bank_spark_dl.ml.profile import column_statistic
from bank_spark_dl.params import FeatureOptions, SkewOptions


def find_skewed(rows: DataFrame, numeric: Sequence[str], options: SkewOptions) -> dict[str, Any]:
    """Decide which numeric columns are standardized, in one aggregation.

    Args:
        rows: The train rows.
        numeric: Numeric feature columns.
        options: Statistic and bounds; a column is skewed when its value lies outside them.

    Returns:
        `statistic`, `lower`, `upper` and `columns`: for each its `value` (null for a constant
        column, which is never skewed) and whether it is `standardized`.
    """
    values = column_statistic(rows, numeric, options.statistic)
    return options.model_dump() | {
        "columns": {
            name: {
                "value": value,
                "standardized": value is not None and not options.lower <= value <= options.upper,
            }
            for name, value in values.items()
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
    stages: list[Any] = []
    inputs: list[str] = []
    if columns.categorical:
        indexes = [f"{name}_index" for name in columns.categorical]
        inputs += [f"{name}_onehot" for name in columns.categorical]
        stages += [
            _fit_categories(rows, columns.categorical, indexes, options),
            OneHotEncoder(inputCols=indexes, outputCols=list(inputs)),
        ]
    if options.piecewise_linear is None:
        numeric_stages, numeric_inputs = _scaling_stages(columns.numeric, scaled, options)
    else:
        edges = quantile_edges(rows, columns.numeric, options.piecewise_linear)
        numeric_stages, numeric_inputs = encoding_stages(edges)
    inputs += numeric_inputs
    stages += [*numeric_stages, VectorAssembler(inputCols=inputs, outputCol=FEATURES)]
    fitted = Pipeline(stages=stages).fit(rows)
    return PipelineModel([*first_stages, *fitted.stages])


def _fit_categories(
    rows: DataFrame, names: Sequence[str], indexes: Sequence[str], options: FeatureOptions
) -> StringIndexerModel:
    """Number the categories; refuse what the encoder would fail on: a column with one of them."""
    fitted = StringIndexer(
        inputCols=list(names), outputCols=list(indexes), handleInvalid=options.unseen_categories
    ).fit(rows)
    constant = [
        f"{name} ({labels[0]!r})"
        for name, labels in zip(names, fitted.labelsArray, strict=True)
        if len(labels) == 1 and options.unseen_categories == "error"
    ]
    if constant:
        raise InputDataError(
            f"The train rows hold a single value in {', '.join(constant)}, which teaches nothing: "
            "take it out of data.columns.categorical or add it to data.columns.drop, or set "
            "features.unseen_categories to keep."
        )
    return fitted


def _scaling_stages(
    numeric: Sequence[str], scaled: Mapping[str, Any], options: FeatureOptions
) -> tuple[list[Any], list[str]]:
    """Make the stages that standardize the skewed columns, and name the vectors to assemble."""
    skewed = [name for name in numeric if scaled["columns"][name]["standardized"]]
    plain = [name for name in numeric if name not in skewed]
    stages: list[Any] = []
    inputs: list[str] = []
    if skewed:
        inputs.append("skewed_scaled")
        stages += [
            VectorAssembler(inputCols=skewed, outputCol="skewed"),
            StandardScaler(
                inputCol="skewed",
                outputCol="skewed_scaled",
                withMean=options.standardize.with_mean,
                withStd=options.standardize.with_std,
            ),
        ]
    if plain:
        inputs.append("plain")
        stages.append(VectorAssembler(inputCols=plain, outputCol="plain"))
    return stages, inputs


def index_label(label: str, negative: str, positive: str) -> StringIndexerModel:
    """Make the stage that turns the label into 0.0 (negative) and 1.0 (positive)."""
    return StringIndexerModel.from_labels(
        [negative, positive], inputCol=label, outputCol=LABEL_INDEX, handleInvalid="error"
    )


def check_categories(rows: DataFrame, model: PipelineModel, source: str) -> None:
    """Refuse categories that training never saw, in one job.

    Args:
        rows: Rows that are about to be transformed.
        model: The fitted feature stages.
        source: What the rows are, for the message.

    Raises:
        InputDataError: There are such categories; names the columns and at most five values each.
    """
    known = known_categories(model)
    if not known:
        return
    for stage in takewhile(lambda stage: stage not in _category_indexers(model), model.stages):
        if isinstance(stage, SQLTransformer):
            rows = stage.transform(rows)
    strange = rows.agg(
        *(
            F.slice(
                F.sort_array(F.collect_set(F.when(~F.col(name).isin(values), F.col(name)))), 1, 5
            )
            for name, values in known.items()
        )
    ).head()
    found = {name: values for name, values in zip(known, strange or (), strict=True) if values}
    if found:
        listed = "; ".join(
            f"{name}: {', '.join(map(repr, values))}" for name, values in found.items()
        )
        raise InputDataError(
            f"{source} hold categories that the train rows do not ({listed}). Train on rows that "
            "hold them, or set features.unseen_categories to keep."
        )


def known_categories(model: PipelineModel) -> dict[str, list[str]]:
    """Return the categories that each indexed feature column had in training."""
    return {
        name: list(labels)
        for stage in _category_indexers(model)
        for name, labels in zip(stage.getInputCols(), stage.labelsArray, strict=True)
    }


def _category_indexers(model: PipelineModel) -> list[StringIndexerModel]:
    return [
        stage
        for stage in model.stages
        if isinstance(stage, StringIndexerModel) and stage.isSet("inputCols")
    ]


def describe_stages(model: PipelineModel) -> str:
    """List the stages, a line each: what it is, what it reads, what it writes."""
    return "\n".join(
        f"  {number}. {type(stage).__name__}: {_columns(stage, 'input')} -> "
        f"{_columns(stage, 'output')}"
        for number, stage in enumerate(model.stages, start=1)
    )


def _columns(stage: Any, side: str) -> str:
    for param in (f"{side}Cols", f"{side}Col"):
        if stage.hasParam(param) and stage.isSet(param):
            value = stage.getOrDefault(param)
            return ", ".join(value) if isinstance(value, list) else str(value)
    return "?"


def without_label(model: PipelineModel) -> PipelineModel:
    """Return the feature stages without the label's, for rows that have no label."""
    return PipelineModel([stage for stage in model.stages if not _indexes_label(stage)])


def _indexes_label(stage: Any) -> bool:
    return isinstance(stage, StringIndexerModel) and stage.getOutputCol() == LABEL_INDEX
