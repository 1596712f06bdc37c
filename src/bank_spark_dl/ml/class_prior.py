"""The prior: rows with one share of positives stand for a population with another."""

from dataclasses import dataclass

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from bank_spark_dl.ml.column_names import LABEL_INDEX


@dataclass(frozen=True)
class ClassWeights:
    """How much a row of each class counts, so that the rows' shares become the population's.

    Attributes:
        negative: Weight of a row of label 0.
        positive: Weight of a row of label 1.
    """

    negative: float = 1.0
    positive: float = 1.0

    def total(self, of_all: float, of_positives: float) -> float:
        """Weigh a sum over rows.

        Args:
            of_all: The sum over all rows, each counting once: to the last bit the answer where
                both weights are 1.
            of_positives: The part of it that positive rows make.
        """
        return self.negative * of_all + (self.positive - self.negative) * of_positives


def class_weights(rows: float, positives: float, prior: float | None) -> ClassWeights:
    """Weigh rows so that the share of positives among them becomes the prior.

    Args:
        rows: Their number.
        positives: How many of them are positive.
        prior: Share of positives in the population, (0, 1); None leaves the rows as they are, and
            so does a missing class.
    """
    if prior is None or not 0 < positives < rows:
        return ClassWeights()
    share = positives / rows
    return ClassWeights((1 - prior) / (1 - share), prior / share)


def odds_factor(train_rows: DataFrame, prior: float | None) -> float:
    """Return what the odds of a model are multiplied by to state those of the population.

    Args:
        train_rows: With `label_index`: the rows the model has learnt from.
        prior: Share of positives in the population, (0, 1). None: 1.0, without a Spark job.
    """
    if prior is None:
        return 1.0
    share = float(train_rows.agg(F.mean(LABEL_INDEX)).collect()[0][0])
    return prior / (1 - prior) * (1 - share) / share


def with_odds(probability: Column, factor: float) -> Column:
    """Multiply the odds of probabilities (Saerens, Latinne and Decaestecker, 2002).

    Args:
        probability: In [0, 1].
        factor: The answer of odds_factor; 1.0 leaves probabilities as they are.
    """
    if factor == 1.0:
        return probability
    return probability * factor / (probability * factor + (1 - probability))
