"""Summarize scored validation rows whose labels are numbers."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

_ROUNDING = 1e-12
"""Labels whose variance is a smaller share of their squares are the same but for rounding."""


@dataclass(frozen=True)
class NumberScores:
    """Sums over scored rows, each times its weight, in the units the network is trained in.

    Attributes:
        scale: Units of the label in one of these units.
        loss: Of the losses.
        weight: Of the weights.
        absolute: Of the errors' sizes.
        squared: Of their squares.
        label: Of the labels' distances from their mean.
        label_squared: Of their squares.
    """

    scale: float
    loss: float = 0.0
    weight: float = 0.0
    absolute: float = 0.0
    squared: float = 0.0
    label: float = 0.0
    label_squared: float = 0.0

    def __add__(self, other: "NumberScores") -> "NumberScores":
        """Add the summary of other rows."""
        return NumberScores(
            self.scale,
            self.loss + other.loss,
            self.weight + other.weight,
            self.absolute + other.absolute,
            self.squared + other.squared,
            self.label + other.label,
            self.label_squared + other.label_squared,
        )

    def figures(self) -> dict[str, float]:
        """Return the `val_` figures of `history.Round`; labels that do not differ have no R2."""
        weight = self.weight or 1.0
        figures = {
            "val_loss": self.loss / weight,
            "val_rmse": self.scale * (self.squared / weight) ** 0.5,
            "val_mae": self.scale * self.absolute / weight,
        }
        variance = self.label_squared - self.label * self.label / weight
        known = variance > _ROUNDING * self.label_squared
        return figures | ({"val_r2": 1 - self.squared / variance} if known else {})


def score_numbers(
    loss: float,
    prediction: npt.NDArray[np.float64],
    label: npt.NDArray[np.float32],
    weight: npt.NDArray[np.float64] | None,
    scale: float,
    mean: float,
) -> NumberScores:
    """Summarize scored rows.

    Args:
        loss: Sum of the rows' losses.
        prediction: (rows,), in the units the network is trained in, as are the labels.
        label: (rows,).
        weight: Of the rows, (rows,); None: each is 1.
        scale: Units of the label in one of these units.
        mean: Of all labels, in these units.

    Returns:
        The summary. If a prediction is not finite, the loss is NaN.
    """
    weight = np.ones(len(label)) if weight is None else weight
    error, distance = prediction - label, label.astype(np.float64) - mean
    if not np.isfinite(prediction).all():
        loss = np.nan
    return NumberScores(
        scale=scale,
        loss=loss,
        weight=float(weight.sum()),
        absolute=float(np.abs(error) @ weight),
        squared=float(error * error @ weight),
        label=float(distance @ weight),
        label_squared=float(distance * distance @ weight),
    )
