"""Plots of predictions of more than two classes."""

from collections.abc import Mapping, Sequence
from typing import Final

from plotly.colors import sample_colorscale
from plotly.graph_objects import Figure

from bank_spark_dl.ml.evaluation.class_curves import MOST_PROBABLE, Curve, mean_curve
from bank_spark_dl.ml.evaluation.curves import CalibrationBin
from bank_spark_dl.ml.evaluation.figures import MulticlassFigures
from bank_spark_dl.pipelines.reporting.escaping import escape_plotly
from bank_spark_dl.pipelines.reporting.plots.style import (
    COLORS,
    add_diagonal,
    error_bars,
    move_legend_beside,
    new_figure,
)

CURVES: Final = 10
"""Classes up to which each has a curve of its own."""
NUMBERED: Final = 12
"""Classes up to which the cells of a confusion matrix hold their counts."""


def class_curves(curves: Mapping[str, Curve]) -> Figure:
    """Draw a ROC curve for each class of the network.

    Args:
        curves: By class, false and true positive rates.
    """
    title = "ROC curves, one against the rest, test rows"
    figure = new_figure(title, "false positive rate", "true positive rate")
    for (name, curve), color in zip(curves.items(), _colors(len(curves)), strict=True):
        _add_curve(figure, curve, escape_plotly(name), color)
    add_diagonal(figure, "chance")
    return figure


def mean_curves(curves: Mapping[str, Mapping[int, Curve]], points: int) -> Figure:
    """Draw for each model the mean of the classes' ROC curves.

    Args:
        curves: By model and class, false and true positive rates.
        points: Number of points of a mean curve.
    """
    title = "ROC curve, mean of the classes, test rows"
    figure = new_figure(title, "false positive rate", "true positive rate")
    drawn = {name: by_class for name, by_class in curves.items() if by_class}
    for (name, by_class), color in zip(drawn.items(), _colors(len(drawn)), strict=True):
        curve = mean_curve(by_class.values(), points)
        _add_curve(figure, curve, name.replace("_", " "), color)
    add_diagonal(figure, "chance")
    return figure


def class_reliability_diagram(
    found: Mapping[int, Sequence[CalibrationBin]], names: Sequence[str], error: float
) -> Figure:
    """Draw how often a class is the true one, against its stated probability.

    Args:
        found: See ml.evaluation.class_curves.class_reliability.
        names: Of the classes in label-index order.
        error: The expected calibration error of the most probable class, for the title.
    """
    title = f"Calibration, test rows: error {error:.3f}"
    figure = new_figure(title, "stated probability", "share of rows of the class")
    add_diagonal(figure, "as stated")
    each_class = {n: bins for n, bins in found.items() if n != MOST_PROBABLE}
    for (number, bins), color in zip(each_class.items(), _colors(len(each_class)), strict=True):
        _add_bins(figure, bins, escape_plotly(names[number]), color)
    most = found[MOST_PROBABLE]
    _add_bins(figure, most, "most probable class", "black" if each_class else COLORS[0])
    figure.data[-1].error_y = error_bars(each.positives for each in most)
    if each_class:
        move_legend_beside(figure)
    return figure


def large_confusion_matrix(figures: MulticlassFigures, rows: str, label: str) -> Figure:
    """Draw the shares of each true class, with counts where they fit.

    Args:
        figures: Have the matrix.
        rows: Which rows they are of.
        label: Name of the label column.
    """
    matrix = figures.confusion_matrix or ()
    names = [escape_plotly(each.name) for each in figures.classes]
    shares = [[cell / max(sum(row), 1) for cell in row] for row in matrix]
    label = escape_plotly(label)
    figure = new_figure(
        f"{rows}: {figures.rows:,} rows, accuracy {figures.accuracy:.3f}",
        f"predicted {label}",
        f"true {label}",
    )
    figure.add_heatmap(
        z=shares,
        x=names,
        y=names,
        text=[[f"{cell:,}" for cell in row] for row in matrix],
        texttemplate="%{text}" if len(names) <= NUMBERED else None,
        hovertemplate="true %{y}, predicted %{x}: %{text} rows, %{z:.1%}<extra></extra>",
        zmin=0,
        zmax=1,
        colorscale="Blues",
        showscale=False,
    )
    # Names such as 1 and 2 are no numbers.
    figure.update_xaxes(type="category", dtick=1)
    figure.update_yaxes(type="category", dtick=1, autorange="reversed", automargin=True)
    return figure


def _add_curve(figure: Figure, curve: Curve, name: str, color: str) -> None:
    false_rates, true_rates = curve
    figure.add_scatter(x=false_rates, y=true_rates, name=name, mode="lines", line_color=color)


def _add_bins(figure: Figure, bins: Sequence[CalibrationBin], name: str, color: str) -> None:
    figure.add_scatter(
        x=[each.probability for each in bins],
        y=[each.positives.mean for each in bins],
        text=[f"{each.rows:,} rows" for each in bins],
        name=name,
        mode="lines+markers",
        line_color=color,
    )


def _colors(number: int) -> Sequence[str]:
    """Return colours that stay apart: more than a few are shades from dark to light."""
    if number <= len(COLORS):
        return COLORS[:number]
    shades: list[str] = sample_colorscale("Viridis", [n / number for n in range(number)])
    return shades
