"""Correct for a population whose share of positives (the prior) is not that of the rows."""

from dataclasses import dataclass

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from bank_spark_dl.distributed.data.counts import WEIGHT_SUM
from bank_spark_dl.ml.column_names import LABEL_INDEX, WEIGHT


@dataclass(frozen=True)
class ClassWeights:
    """Weights of rows that turn the rows' shares of classes into the population's.

    Attributes:
        negative: Weight of a row of label 0.
        positive: Weight of a row of label 1.
    """

    negative: float = 1.0
    positive: float = 1.0

    def total(self, of_all: float, of_positives: float) -> float:
        """Weigh a sum over rows.

        Args:
            of_all: The sum over all rows; returned to the last bit where both weights are 1.
            of_positives: The sum over the positive rows.
        """
        return self.negative * of_all + (self.positive - self.negative) * of_positives


def class_weights(rows: float, positives: float, prior: float | None) -> ClassWeights:
    """Weigh rows so that the share of positives among them becomes the prior.

    Args:
        rows: Number of rows.
        positives: Number of positive rows.
        prior: Share of positives in the population, (0, 1). Without it, and without rows of one
            class, all rows count the same.
    """
    if prior is None or not 0 < positives < rows:
        return ClassWeights()
    share = positives / rows
    return ClassWeights((1 - prior) / (1 - share), prior / share)


def odds_factor(train_rows: DataFrame, prior: float | None) -> float:
    """Return the factor from the odds that a model predicts to those in the population.

    Args:
        train_rows: The rows that the model was trained on, with `label_index`, and `weight` if it
            was trained by weight.
        prior: Share of positives in the population, (0, 1). None: 1.0, without a Spark job.
    """
    if prior is None:
        return 1.0
    share = float(train_rows.agg(_share_of_positives(train_rows)).collect()[0][0])
    return prior / (1 - prior) * (1 - share) / share


def _share_of_positives(rows: DataFrame) -> Column:
    if WEIGHT not in rows.columns:
        return F.mean(LABEL_INDEX)
    weight = F.col(WEIGHT).cast(WEIGHT_SUM)
    positive = F.sum(F.when(F.col(LABEL_INDEX) == 1, weight).otherwise(0))
    return positive.cast("double") / F.sum(weight).cast("double")


def with_odds(probability: Column, factor: float) -> Column:
    """Multiply the odds of probabilities (Saerens, Latinne and Decaestecker, 2002).

    Args:
        probability: In [0, 1].
        factor: See odds_factor; 1.0 leaves probabilities as they are.
    """
    if factor == 1.0:
        return probability
    return probability * factor / (probability * factor + (1 - probability))
