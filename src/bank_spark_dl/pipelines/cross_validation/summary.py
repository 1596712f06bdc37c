"""Means and intervals over folds."""

from collections.abc import Sequence
from dataclasses import fields

from bank_spark_dl.ml.evaluation.intervals import fold_interval
from bank_spark_dl.ml.evaluation.results import Figures, FoldMeans

NAMES = [field.name for field in fields(FoldMeans)]


def mean_figures(folds: Sequence[Figures]) -> FoldMeans:
    """Average the figures of a model.

    Args:
        folds: Its figures on each fold.
    """
    return FoldMeans(
        **{name: fold_interval([getattr(fold, name) for fold in folds]) for name in NAMES}
    )


def mean_differences(ours: Sequence[Figures], theirs: Sequence[Figures]) -> FoldMeans:
    """Average one model's figures minus another's on the same fold.

    Args:
        ours: The first model's figures on each fold.
        theirs: The second model's figures on the same folds.
    """
    pairs = list(zip(ours, theirs, strict=True))
    return FoldMeans(
        **{
            name: fold_interval([getattr(a, name) - getattr(b, name) for a, b in pairs])
            for name in NAMES
        }
    )
