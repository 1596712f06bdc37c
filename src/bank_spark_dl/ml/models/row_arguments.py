"""Arguments of the engine's estimators that depend on the rows."""

from typing import Any

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from bank_spark_dl.distributed.data.label_check import COUNT_LOSSES
from bank_spark_dl.errors import InputDataError, ParameterError
from bank_spark_dl.ml.column_names import LABEL_INDEX, ROW_ID, VALIDATION, WEIGHT
from bank_spark_dl.ml.features.vectors import noted_validation_split
from bank_spark_dl.ml.models.class_weights import class_weights
from bank_spark_dl.ml.target import Target
from bank_spark_dl.parameters import ElephasOptions


def row_arguments(
    train_features: DataFrame, target: Target, options: ElephasOptions
) -> dict[str, Any]:
    """Return the arguments of the engine's estimators that depend on the rows, by name.

    Args:
        train_features: Vectors.
        target: What is predicted.
        options: How the network is trained.

    Raises:
        InputDataError: The loss is of counts, and a label is below 0.
        ParameterError: See training_columns and class_weights.
    """
    if options.loss in COUNT_LOSSES:
        _require_counts(train_features, target, options.loss)
    weights = class_weights(train_features, target, options)
    columns = training_columns(train_features, options.validation_split)
    return columns | ({"class_weights": weights} if weights else {})


def _require_counts(rows: DataFrame, target: Target, loss: str) -> None:
    wrong = rows.where(F.col(LABEL_INDEX) < 0).select(ROW_ID, LABEL_INDEX).head()
    if wrong is not None:
        raise InputDataError(
            f"elephas.loss is {loss}, of counts, but the label '{target.column}' is "
            f"{wrong[LABEL_INDEX]:g} in the row {wrong[ROW_ID]}: correct it, or set elephas.loss "
            "to mean_squared_error and model.output_activation to linear."
        )


def training_columns(train_features: DataFrame, validation_split: float) -> dict[str, str]:
    """Return which columns mark the validation rows and weigh the rows, by parameter's name.

    Args:
        train_features: Vectors.
        validation_split: Fraction of the rows that is to validate.

    Raises:
        ParameterError: Another fraction was marked when the vectors were made.
    """
    noted = noted_validation_split(train_features)
    if noted is not None and noted != validation_split:
        raise ParameterError(
            f"elephas.validation_split is {validation_split}, but the validation rows were marked "
            f"with {noted} when the train rows were made into vectors: run feature_engineering "
            "again, or set it back."
        )
    columns = {"validationIndicatorCol": VALIDATION, "weightCol": WEIGHT}
    return {key: name for key, name in columns.items() if name in train_features.columns}
