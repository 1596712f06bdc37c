"""Means and intervals over folds."""

from collections.abc import Sequence
from dataclasses import fields
from typing import Any

from bank_spark_dl.ml.evaluation.figures import AnyFigures
from bank_spark_dl.ml.evaluation.intervals import Interval, fold_interval
from bank_spark_dl.ml.evaluation.results import AnyFoldMeans


def mean_figures(folds: Sequence[AnyFigures], means: type[AnyFoldMeans]) -> AnyFoldMeans:
    """Average the figures of a model.

    Args:
        folds: Its figures on each fold.
        means: Which of them are averaged.
    """
    averaged: dict[str, Any] = {
        field.name: fold_interval([getattr(fold, field.name) for fold in folds])
        for field in fields(means)
    }
    return means(**averaged)


def mean_differences(
    ours: Sequence[AnyFigures], theirs: Sequence[AnyFigures], means: type[AnyFoldMeans]
) -> AnyFoldMeans:
    """Average one model's figures minus another's on the same fold.

    Args:
        ours: The first model's figures on each fold.
        theirs: The second model's figures on the same folds.
        means: Which of them are averaged.
    """
    pairs = list(zip(ours, theirs, strict=True))

    def difference(name: str) -> Interval:
        return fold_interval([getattr(a, name) - getattr(b, name) for a, b in pairs])

    averaged: dict[str, Any] = {field.name: difference(field.name) for field in fields(means)}
    return means(**averaged)
