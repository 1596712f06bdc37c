"""Score raw rows."""

from typing import Any, Final

from pyspark.ml import PipelineModel
from pyspark.sql import Column, DataFrame

from bank_spark_dl.ml.column_names import ROW_ID
from bank_spark_dl.ml.features.compiled import compiled_features
from bank_spark_dl.ml.features.row_ids import add_row_id

PREDICTED_CLASS: Final = "predicted_class"
"""What a scoring model of more than two classes calls the name of the predicted one."""


def compute_scores(
    rows: DataFrame, scoring_model: PipelineModel, id_column: str | None, source: Column
) -> DataFrame:
    """Score rows, at rest or in a stream, without a join; sort only where there is no id.

    Args:
        rows: Checked raw rows; the label is not needed.
        scoring_model: Feature stages and network.
        id_column: A column of the rows; None where they have no id.
        source: Where each row comes from, for messages.

    Returns:
        `row_id` (the id, or a hash of the row's values), `probability` of the positive class
        (double, [0, 1]) and `prediction` (double, 0.0 or 1.0). Computing them fails on an unseen
        category, with its name, unless the model was trained with
        `features.unseen_categories: keep`.
    """
    stages: list[Any] = scoring_model.stages
    inputs = compiled_features(add_row_id(rows, id_column), stages[:-1], source)
    scores: DataFrame = stages[-1].score(inputs, ROW_ID)
    return scores
