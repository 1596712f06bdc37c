"""See how much each column alone says about the label."""

from collections.abc import Iterator, Mapping
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from bank_spark_dl.drafting.label import Label

_BINS: Final = 50  # of a number, at quantiles
_PRIOR_ROWS: Final = 5  # a group's mean counts as if so many rows had the overall mean
_MOST_CLASSES: Final = 30
_SEED: Final = 0


def foretelling(
    sample: pd.DataFrame, label: Label, numeric: Mapping[str, bool]
) -> dict[str, float]:
    """Measure how well each column alone foretells the label, on held-out rows.

    The mean of the label in each category, or in each of 50 quantile bins of a number, is taken
    from one half of the rows; it predicts the other half. Of a class the label is whether a row has
    it, of numbers the rank.

    Args:
        sample: Texts, or None.
        label: What is predicted.
        numeric: Whether a column holds numbers, by name.

    Returns:
        By column the area under the ROC curve, 0.5 to 1, of more than two classes the mean of one
        against the rest over the 30 most frequent; or R2 of the ranks of numbers, at most 1.
    """
    half = np.random.default_rng(_SEED).random(len(sample)) < 0.5
    targets = [known for known in _targets(sample[label.name], label) if _varies(known, half)]
    if not targets:
        return {}
    figure = _rank_r2 if label.task == "regression" else _auc
    found = {}
    for name, number in numeric.items():
        groups = _groups(sample[name], number)
        figures = [figure(_predicted(groups, y, half), y[~half]) for y in targets]
        found[name] = float(np.mean(figures))
    return found


def _targets(values: pd.Series, label: Label) -> Iterator[pd.Series]:
    """Yield what is to be foretold: of two classes the positive one, of more each."""
    if label.task == "regression":
        yield pd.to_numeric(values).rank()
    elif label.positive is not None:
        yield values == label.positive
    else:
        yield from (values == name for name in [*label.rows][:_MOST_CLASSES])


def _varies(target: pd.Series, half: npt.NDArray[np.bool_]) -> bool:
    return min(target[half].nunique(), target[~half].nunique()) > 1


def _groups(column: pd.Series, number: bool) -> pd.Series:
    if number:
        values = pd.to_numeric(column, errors="coerce")
        edges = np.unique(values.quantile(np.linspace(0, 1, _BINS + 1)).to_numpy())
        column = pd.Series(np.searchsorted(edges, values), index=column.index).where(values.notna())
    return column.astype("object").where(column.notna(), "")


def _predicted(groups: pd.Series, target: pd.Series, half: npt.NDArray[np.bool_]) -> pd.Series:
    """Predict the second half of the rows by the means of their groups in the first."""
    known = pd.DataFrame({"group": groups[half], "target": target[half]})
    overall = known["target"].mean()
    sums = known.groupby("group")["target"].agg(["sum", "count"])
    means = (sums["sum"] + _PRIOR_ROWS * overall) / (sums["count"] + _PRIOR_ROWS)
    return groups[~half].map(means).fillna(overall).astype(float)


def _rank_r2(predicted: pd.Series, target: pd.Series) -> float:
    """Compute R2 of the line through the predictions: means of few rows are drawn to the middle."""
    return float(predicted.corr(target) ** 2) if predicted.nunique() > 1 else 0.0


def _auc(score: pd.Series, positive: pd.Series) -> float:
    """Compute the area by the rank sum of the positives (Mann and Whitney, 1947)."""
    positives, rows = int(positive.sum()), len(positive)
    ranks = score.rank()[positive].sum()
    return float((ranks - positives * (positives + 1) / 2) / (positives * (rows - positives)))
