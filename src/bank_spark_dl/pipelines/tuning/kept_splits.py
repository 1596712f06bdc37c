"""Fit the feature stages of a fold once for several rungs and batches."""

from dataclasses import dataclass, field

from pyspark.sql import DataFrame

from bank_spark_dl.distributed.many.splits import Split
from bank_spark_dl.ml.models.fold_features import FoldFeatures


@dataclass(frozen=True)
class KeptSplit:
    """A splitter whose stages are fitted at its first call, or at that of an equal one.

    Attributes:
        repeat: Each repeat has other folds.
        features: Fits the stages and divides the rows.
        kept: The splits so far; their frames are lazy.
    """

    repeat: int
    features: FoldFeatures
    kept: list[tuple["KeptSplit", Split]] = field(compare=False, repr=False)

    def __call__(self, dealt: DataFrame) -> Split:
        """Divide dealt rows."""
        for known, split in self.kept:
            if known == self:
                return split
        made = self.features(dealt)
        self.kept.append((self, made))
        return made
