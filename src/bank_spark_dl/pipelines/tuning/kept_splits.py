"""Keep the splits that several rungs and batches train on."""

from dataclasses import dataclass, field

from pyspark.sql import DataFrame

from bank_spark_dl.distributed.many.splits import Split
from bank_spark_dl.ml.models.fold_features import FoldFeatures
from bank_spark_dl.spark.caching import persist, unpersist


class KeptSplits:
    """Splits whose feature stages are fitted; the oldest one makes way for another."""

    def __init__(self, most: int) -> None:
        """Take how many are kept at a time."""
        self._most = most
        self._splits: list[tuple[KeptSplit, Split]] = []

    def get(self, wanted: "KeptSplit", dealt: DataFrame) -> Split:
        """Return a split of dealt rows, made anew only if it is not kept."""
        for known, split in self._splits:
            if known == wanted:
                return split
        made = wanted.features(dealt)
        split = Split(persist(made.train), persist(made.held_out))
        self._splits.append((wanted, split))
        if len(self._splits) > self._most:
            _forget(self._splits.pop(0)[1])
        return split

    def close(self) -> None:
        """Unpersist all."""
        while self._splits:
            _forget(self._splits.pop()[1])


@dataclass(frozen=True)
class KeptSplit:
    """A splitter that makes its split once.

    Attributes:
        repeat: Each repeat has other folds.
        features: Makes the split.
        kept: Keeps it.
    """

    repeat: int
    features: FoldFeatures
    kept: KeptSplits = field(compare=False)

    def __call__(self, dealt: DataFrame) -> Split:
        """Divide dealt rows."""
        return self.kept.get(self, dealt)


def _forget(split: Split) -> None:
    unpersist(split.train)
    unpersist(split.held_out)
