from typing import Any

import pytest
from pyspark.ml import PipelineModel, Transformer
from pyspark.ml.functions import array_to_vector
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from bank_spark_dl.ml.evaluation.binary_evaluation import BinaryEvaluation
from bank_spark_dl.ml.evaluation.evaluation import Evaluation
from bank_spark_dl.ml.evaluation.intervals import Interval
from bank_spark_dl.ml.evaluation.multiclass_evaluation import MulticlassEvaluation
from bank_spark_dl.ml.evaluation.permutation_importance import SHUFFLED, shuffled_copies
from bank_spark_dl.ml.evaluation.regression_evaluation import RegressionEvaluation


class ByA(Transformer):
    """Sure of itself, and right, by column `a` alone."""

    def _transform(self, frame: DataFrame) -> DataFrame:
        positive = F.when(F.col("a") > 0, 0.9).otherwise(0.1)
        return frame.withColumns(
            {
                "probability": array_to_vector(F.array(1 - positive, positive)),
                "prediction": (positive > 0.5).cast("double"),
            }
        )


MODEL = PipelineModel([ByA()])
BINARY = BinaryEvaluation(prior=None)


@pytest.fixture(scope="module")
def table(spark: SparkSession) -> DataFrame:
    rows = [(n, n % 2, f"b{n % 7}", float(n % 2)) for n in range(200)]
    return spark.createDataFrame(rows, "row_id int, a int, b string, label_index double").cache()


def test_a_shuffle_deals_out_the_same_values(table: DataFrame) -> None:
    copies = shuffled_copies(table, ["a", "b"], repeats=2, seed=1).toPandas()
    before = table.toPandas().set_index("row_id")
    assert len(copies) == 200 * 2 * 3
    for number, (shuffled, kept) in enumerate([("a", "b"), ("b", "a")]):
        part = copies[copies[SHUFFLED] == number].set_index("row_id")
        assert sorted(part[shuffled]) == sorted([*before[shuffled]] * 2)
        assert (part[shuffled] != before[shuffled].loc[part.index]).any()
        assert (part[kept] == before[kept].loc[part.index]).all()
    same = copies[copies[SHUFFLED] == 2].set_index("row_id")
    assert (same[["a", "b"]] == before[["a", "b"]].loc[same.index]).all(axis=None)


@pytest.mark.parametrize("evaluation", [BINARY, MulticlassEvaluation(("no", "yes"))])
def test_what_the_model_uses_is_lost_and_nothing_else(
    table: DataFrame, evaluation: Evaluation
) -> None:
    found = evaluation.importance(table, MODEL, ["b", "a"], repeats=3, seed=1)
    used, unused = found
    assert (used.column, unused.column) == ("a", "b")
    assert unused.log_loss == unused.accuracy == Interval(0.0, 0.0, 0.0)
    # Half of the rows get the other value, and with it log(0.1) instead of log(0.9).
    assert used.accuracy.mean == pytest.approx(0.5, abs=0.1)
    assert used.log_loss.mean == pytest.approx(2.197 * used.accuracy.mean, abs=0.001)
    assert used.accuracy.low < used.accuracy.mean < used.accuracy.high


def test_the_seed_decides(table: DataFrame) -> None:
    def lost(seed: int) -> Any:
        return BINARY.importance(table, MODEL, ["a"], 1, seed)

    assert lost(1) == lost(1) != lost(2)


class NearA(Transformer):
    """Predicts a number by column `a`, always one too little."""

    def _transform(self, frame: DataFrame) -> DataFrame:
        return frame.withColumn("prediction", 10.0 * F.col("a") - 1)


def test_numbers_lose_rmse(table: DataFrame) -> None:
    rows = table.withColumn("label_index", 10.0 * F.col("label_index"))
    model = PipelineModel([NearA()])
    used, unused = RegressionEvaluation().importance(rows, model, ["b", "a"], repeats=3, seed=1)
    assert (used.column, unused.column) == ("a", "b")
    assert unused.rmse == Interval(0.0, 0.0, 0.0)
    # Half of the rows get the other value: the squared error is 1, or of 11 and 9.
    expected = (0.5 * 1 + 0.25 * (11**2 + 9**2)) ** 0.5 - 1
    assert used.rmse.mean == pytest.approx(expected, abs=0.8)
    assert 0 < used.rmse.low < used.rmse.mean < used.rmse.high
