"""Score raw rows."""

from collections.abc import Sequence
from typing import Any, Final

from pyspark.ml import PipelineModel
from pyspark.ml.feature import IndexToString
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from bank_spark_dl.ml.column_names import ROW_ID
from bank_spark_dl.ml.features.compiled import compiled_features
from bank_spark_dl.ml.features.row_ids import add_row_id

MOST_COLUMNS: Final = 30
"""More classes get no columns of their own."""


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
        `row_id` (the id, or a hash of the row's values) and, of two classes, `probability` of the
        positive one (double, [0, 1]) and `prediction` (double, 0.0 or 1.0); of more classes
        `probability` of the predicted one, `prediction`, its name, and `probability_<class>` of
        each one, if they are at most MOST_COLUMNS; of numbers `prediction` (double). Computing them
        fails on an unseen category, with its name, unless the model was trained with
        `features.unseen_categories: keep`.
    """
    features, network, classes = scoring_parts(scoring_model)
    inputs = compiled_features(add_row_id(rows, id_column), features, source)
    scores: DataFrame = network.score(inputs, ROW_ID)
    return _named(scores, classes) if classes else scores


def scoring_parts(scoring_model: PipelineModel) -> tuple[list[Any], Any, Sequence[str]]:
    """Return the feature stages, the network, and the names of more than two classes."""
    stages: list[Any] = [*scoring_model.stages]
    classes = stages.pop().getLabels() if isinstance(stages[-1], IndexToString) else ()
    return stages[:-1], stages[-1], classes


def _named(scores: DataFrame, classes: Sequence[str]) -> DataFrame:
    """Name the predicted class, and give each class's probability a column."""
    place, shares = F.col("prediction").cast("int"), F.col("probability")
    columns = enumerate(classes) if len(classes) <= MOST_COLUMNS else ()
    return scores.select(
        ROW_ID,
        shares[place].alias("probability"),
        F.array(*map(F.lit, classes))[place].alias("prediction"),
        *(shares[number].alias(f"probability_{name}") for number, name in columns),
    )
