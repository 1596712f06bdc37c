"""From raw rows to scores."""

from typing import Any

from pyspark.ml import PipelineModel
from pyspark.sql import Column, DataFrame

from bank_spark_dl.ml.column_names import ROW_ID
from bank_spark_dl.ml.features.compiled import flat_features
from bank_spark_dl.ml.features.row_ids import add_row_id


def compute_scores(
    rows: DataFrame, scoring_model: PipelineModel, id_column: str | None, source: Column
) -> DataFrame:
    """Score rows, at rest or streaming: nothing is joined, and sorted only where there is no id.

    Args:
        rows: Checked raw rows; the label is not needed.
        scoring_model: Feature stages and network.
        id_column: A column of the rows; None where they have no id.
        source: Where each row comes from, for messages.

    Returns:
        `row_id` (the id the rows came with, or a hash of their values where they have none),
        `probability` of the positive class (double, [0, 1]) and `prediction` (double, 0.0 or 1.0).
        Computing it fails on a category that training never saw, naming it, unless the model was
        trained with `features.unseen_categories: keep`.
    """
    stages: list[Any] = scoring_model.stages
    inputs = flat_features(add_row_id(rows, id_column), stages[:-1], source)
    scores: DataFrame = stages[-1].score(inputs, ROW_ID)
    return scores
