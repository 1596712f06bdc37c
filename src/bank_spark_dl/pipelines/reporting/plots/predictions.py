"""Plots of predictions and of permutation importance."""

from collections.abc import Mapping, Sequence

from plotly.graph_objects import Figure

from bank_spark_dl.ml.evaluation.curves import CalibrationBin
from bank_spark_dl.ml.evaluation.results import Figures, Importance, Metrics
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


def draw_importance(importance: Importance) -> Figure:
    """Draw how much the log loss grows when a column is shuffled, with 95% intervals."""
    figure = new_figure("Permutation importance, test rows", "log loss added by shuffling", "")
    columns = importance.columns
    figure.add_bar(
        y=[escape_plotly(entry.column) for entry in columns],
        x=[entry.log_loss.mean for entry in columns],
        error_x=error_bars(entry.log_loss for entry in columns),
        customdata=[-100 * entry.accuracy.mean for entry in columns],
        hovertemplate="%{y}: %{x:.3f}, accuracy %{customdata:+.1f} points<extra></extra>",
        orientation="h",
        marker_color=COLORS[0],
    )
    figure.update_yaxes(autorange="reversed", automargin=True, dtick=1)
    return figure


def draw_confusion_matrices(metrics: Metrics, label: str, positive: str) -> tuple[Figure, Figure]:
    """Draw the confusion matrices of train and test rows.

    Args:
        metrics: Figures of both.
        label: Name of the label column.
        positive: Its positive class.
    """
    return (
        _confusion_matrix(metrics.train, "Train rows", label, positive),
        _confusion_matrix(metrics.test, "Test rows", label, positive),
    )


def _confusion_matrix(figures: Figures, title: str, label: str, positive: str) -> Figure:
    """Draw counts and row shares."""
    matrix = figures.confusion_matrix
    label, positive = escape_plotly(label), escape_plotly(positive)
    classes = [f"not {positive}", positive]
    shares = [[cell / max(sum(row), 1) for cell in row] for row in matrix]
    texts = [
        [f"{cell:,}<br>{share:.1%}" for cell, share in zip(row, parts, strict=True)]
        for row, parts in zip(matrix, shares, strict=True)
    ]
    figure = new_figure(
        f"{title}: {figures.rows:,} rows, accuracy {figures.accuracy:.3f}",
        f"predicted {label}",
        f"true {label}",
    )
    figure.add_heatmap(
        z=shares,
        x=classes,
        y=classes,
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
