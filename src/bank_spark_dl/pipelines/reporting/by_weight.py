"""Measure predictions by the rows' weights."""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from bank_spark_dl.errors import ParameterError
from bank_spark_dl.ml.column_names import WEIGHT
from bank_spark_dl.ml.evaluation.evaluation import Evaluation
from bank_spark_dl.ml.evaluation.results import Weighted


def measure_by_weight(
    column: str | None,
    evaluation: Evaluation,
    train: DataFrame,
    test: DataFrame,
    baselines: DataFrame,
) -> Weighted | None:
    """Measure predictions whose rows count by their weight, in some Spark jobs for each model.

    Args:
        column: Raw name of the column of weights; None: there is none.
        evaluation: How the predictions are measured.
        train: The network's predictions of the train rows.
        test: Those of the test rows.
        baselines: The baselines' predictions of the test rows, by `model`.

    Returns:
        None without weights.

    Raises:
        ParameterError: The predictions were made without weights.
    """
    if column is None:
        return None
    if WEIGHT not in test.columns:
        raise ParameterError(
            f"data.weight is {column}, but the predictions were made without weights: run "
            "feature_engineering and modeling again, or set it back."
        )
    names = sorted(row["model"] for row in baselines.select("model").distinct().collect())
    return Weighted(
        column=column,
        train=evaluation.weighted(train),
        test=evaluation.weighted(test),
        baselines={
            name: evaluation.weighted(baselines.where(F.col("model") == name)) for name in names
        },
    )
