"""Plotly figures."""

from collections.abc import Mapping, Sequence
from typing import Any

from plotly.graph_objects import Figure

# Colours that stay apart for colour-blind readers (Okabe and Ito, 2008).
COLORS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00")


def learning_curve(rounds: Sequence[Mapping[str, Any]]) -> Figure:
    """Draw loss by round, of the train rows and of the validation rows where there are any."""
    figure = _figure("Learning curve", "round", "loss")
    numbers = [entry["round"] + 1 for entry in rounds]
    series = (("loss", "train rows"), ("val_loss", "validation rows"))
    for (key, name), color in zip(series, COLORS, strict=False):
        if rounds and rounds[0].get(key) is not None:
            values = [entry[key] for entry in rounds]
            figure.add_scatter(
                x=numbers, y=values, name=name, mode="lines+markers", line_color=color
            )
    figure.update_yaxes(rangemode="tozero")
    return figure


def roc_curves(curves: Mapping[str, tuple[list[float], list[float]]]) -> Figure:
    """Draw ROC curves, each given as false and true positive rates."""
    figure = _figure("ROC curve, test rows", "false positive rate", "true positive rate")
    for (name, (false_rates, true_rates)), color in zip(curves.items(), COLORS, strict=False):
        shown = name.replace("_", " ")
        figure.add_scatter(x=false_rates, y=true_rates, name=shown, mode="lines", line_color=color)
    figure.add_scatter(
        x=[0, 1], y=[0, 1], name="chance", mode="lines", line={"color": "#999999", "dash": "dot"}
    )
    figure.update_xaxes(range=[0, 1])
    figure.update_yaxes(range=[0, 1.01])
    return figure


def confusion_matrix(part: Mapping[str, Any], title: str, label: str, positive: str) -> Figure:
    """Draw counts and row shares of a confusion matrix.

    Args:
        part: `confusion_matrix` and `rows` of one part of the data.
        title: Which part.
        label: Name of the label column.
        positive: Its positive class.
    """
    matrix = part["confusion_matrix"]
    classes = [f"not {positive}", positive]
    shares = [[cell / max(sum(row), 1) for cell in row] for row in matrix]
    texts = [
        [f"{cell:,}<br>{share:.1%}" for cell, share in zip(row, parts, strict=True)]
        for row, parts in zip(matrix, shares, strict=True)
    ]
    figure = _figure(
        f"{title}: {part['rows']:,} rows, accuracy {part['accuracy']:.3f}",
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


def _figure(title: str, x_title: str, y_title: str) -> Figure:
    figure = Figure()
    figure.update_layout(
        title=title,
        xaxis_title=x_title,
        yaxis_title=y_title,
        template="simple_white",
        legend={"yanchor": "bottom", "y": 0.02, "xanchor": "right", "x": 0.99},
        margin={"l": 60, "r": 20, "t": 50, "b": 50},
    )
    return figure
