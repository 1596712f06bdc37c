"""Plots of predictions of two classes."""

from collections.abc import Mapping, Sequence

from plotly.graph_objects import Figure

from bank_spark_dl.ml.evaluation.curves import CalibrationBin
from bank_spark_dl.ml.evaluation.figures import Figures
from bank_spark_dl.pipelines.reporting.escaping import escape_plotly
from bank_spark_dl.pipelines.reporting.plots.style import (
    COLORS,
    add_diagonal,
    error_bars,
    new_figure,
)


def roc_curves(curves: Mapping[str, tuple[list[float], list[float]]]) -> Figure:
    """Draw ROC curves, each given as false and true positive rates."""
    figure = new_figure("ROC curve, test rows", "false positive rate", "true positive rate")
    for (name, (false_rates, true_rates)), color in zip(curves.items(), COLORS, strict=False):
        shown = name.replace("_", " ")
        figure.add_scatter(x=false_rates, y=true_rates, name=shown, mode="lines", line_color=color)
    add_diagonal(figure, "chance")
    return figure


def reliability_diagram(bins: Sequence[CalibrationBin], error: float) -> Figure:
    """Draw the share of positives, with 95% intervals, against the stated probability.

    Args:
        bins: The answer of ml.evaluation.curves.reliability.
        error: The expected calibration error, for the title.
    """
    figure = new_figure(
        f"Calibration, test rows: error {error:.3f}", "stated probability", "share of positives"
    )
    add_diagonal(figure, "as stated")
    figure.add_scatter(
        x=[each.probability for each in bins],
        y=[each.positives.mean for each in bins],
        error_y=error_bars(each.positives for each in bins),
        text=[f"{each.rows:,} rows" for each in bins],
        name="network",
        mode="lines+markers",
        line_color=COLORS[0],
    )
    return figure


def confusion_matrix(figures: Figures, rows: str, label: str, classes: Sequence[str]) -> Figure:
    """Draw counts and shares of the true class.

    Args:
        figures: Have the matrix.
        rows: Which rows they are of.
        label: Name of the label column.
        classes: The negative and the positive one.
    """
    matrix = figures.confusion_matrix
    label = escape_plotly(label)
    names = [escape_plotly(name) for name in classes]
    shares = [[cell / max(sum(row), 1) for cell in row] for row in matrix]
    texts = [
        [f"{cell:,}<br>{share:.1%}" for cell, share in zip(row, parts, strict=True)]
        for row, parts in zip(matrix, shares, strict=True)
    ]
    figure = new_figure(
        f"{rows}: {figures.rows:,} rows, accuracy {figures.accuracy:.3f}",
        f"predicted {label}",
        f"true {label}",
    )
    figure.add_heatmap(
        z=shares,
        x=names,
        y=names,
        text=texts,
        texttemplate="%{text}",
        zmin=0,
        zmax=1,
        colorscale="Blues",
        showscale=False,
        hoverinfo="skip",
    )
    figure.update_yaxes(autorange="reversed")
    return figure
