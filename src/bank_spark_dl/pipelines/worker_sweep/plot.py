"""The picture of a worker sweep."""

from collections.abc import Mapping, Sequence
from typing import Any

from plotly.graph_objects import Figure
from plotly.subplots import make_subplots

PANELS = (
    ("accuracy", "accuracy, test rows"),
    ("auc", "AUC, test rows"),
    ("rows_per_second", "training rows per second"),
    ("seconds", "seconds of a training"),
)


def plot_sweep(workers: Sequence[Mapping[str, Any]]) -> Figure:
    """Draw four panels by number of workers; bars are 95% intervals of the mean over seeds.

    Args:
        workers: The answer of summarize_runs.
    """
    figure = make_subplots(rows=2, cols=2, subplot_titles=[title for _, title in PANELS])
    names = [str(entry["num_workers"]) for entry in workers]
    for position, (key, _) in enumerate(PANELS):
        row, col = divmod(position, 2)
        values = [entry[key] for entry in workers]
        intervals = isinstance(values[0], Mapping)
        figure.add_scatter(
            x=names,
            y=[value["mean"] for value in values] if intervals else values,
            error_y={
                "array": [value["high"] - value["mean"] for value in values],
                "arrayminus": [value["mean"] - value["low"] for value in values],
            }
            if intervals
            else None,
            mode="markers" if intervals else "lines+markers",
            marker={"size": 9, "color": "#0072B2"},
            showlegend=False,
            row=row + 1,
            col=col + 1,
        )
        if not intervals:
            figure.update_yaxes(rangemode="tozero", row=row + 1, col=col + 1)
    figure.update_layout(template="simple_white", title="Worker sweep", height=640)
    figure.update_xaxes(title="workers", type="category")
    return figure
