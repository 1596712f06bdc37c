"""Fit the feature stages on a fold's training rows."""

from dataclasses import dataclass

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from bank_spark_dl.distributed.many.splits import Split
from bank_spark_dl.ml.models.train_test import train_test_vectors
from bank_spark_dl.ml.splits.folds import DEALT
from bank_spark_dl.ml.splits.ordered_folds import trains
from bank_spark_dl.parameters import DataOptions, FeatureOptions


@dataclass(frozen=True)
class FoldFeatures:
    """Divides the dealt rows into vectors of a fold's training rows and of the fold.

    The feature stages are fitted on the training rows only.

    Attributes:
        fold: Number of the fold.
        data: How the rows are split, and their columns.
        features: Settings of the feature stages.
        validation_split: Fraction of the training rows that validate.
        seed: Of the choice of these rows.
    """

    fold: int
    data: DataOptions
    features: FeatureOptions
    validation_split: float
    seed: int

    def __call__(self, dealt: DataFrame) -> Split:
        """Fit on the training rows, and apply to these and to the fold.

        Args:
            dealt: The answer of deal_rows.
        """
        train = dealt.where(trains(self.fold, self.data)).drop(DEALT)
        test = dealt.where(F.col(DEALT) == self.fold).drop(DEALT)
        names = (f"The training rows of fold {self.fold}", f"The rows of fold {self.fold}")
        given = (self.data, self.features, self.validation_split, self.seed)
        fitted, held_out, _ = train_test_vectors(train, test, *given, names)
        return Split(fitted, held_out)
