"""Shared style of the plots."""

from collections.abc import Iterable, Sequence
from typing import Any

from plotly.graph_objects import Figure

from bank_spark_dl.ml.evaluation.intervals import Interval

# Colours that stay apart for colour-blind readers (Okabe and Ito, 2008).
COLORS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00")
GREY = "#999999"
LAYOUT = {"template": "simple_white", "margin": {"l": 60, "r": 20, "t": 50, "b": 50}}  # pixels


def new_figure(title: str, x_title: str, y_title: str) -> Figure:
    """Return a figure with its titles and its legend at the bottom right."""
    # Without a background the legend hides nothing of what is drawn below it.
    corner = {"yanchor": "bottom", "y": 0.02, "xanchor": "right", "x": 0.99}
    figure = Figure()
    figure.update_layout(
        LAYOUT,
        title=title,
        xaxis_title=x_title,
        yaxis_title=y_title,
        legend={**corner, "bgcolor": "rgba(0,0,0,0)"},
    )
    return figure


def move_legend_beside(figure: Figure) -> None:
    """Move the legend to the right of the plot, where many names hide no line."""
    figure.update_layout(legend={"yanchor": "top", "y": 1.0, "xanchor": "left", "x": 1.02})


def add_diagonal(figure: Figure, name: str) -> None:
    """Add a dotted line from (0, 0) to (1, 1) to compare a curve with, and show this square."""
    line = {"color": GREY, "dash": "dot"}
    figure.add_scatter(x=[0, 1], y=[0, 1], name=name, mode="lines", line=line)
    figure.update_xaxes(range=[0, 1])
    figure.update_yaxes(range=[0, 1.01])


def error_bars(intervals: Iterable[Interval]) -> dict[str, Sequence[Any]]:
    """Return intervals as Plotly draws them around their means."""
    intervals = list(intervals)
    return {
        "array": [interval.high - interval.mean for interval in intervals],
        "arrayminus": [interval.mean - interval.low for interval in intervals],
    }
