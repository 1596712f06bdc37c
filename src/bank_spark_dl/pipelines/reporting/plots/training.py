"""How a training went, round by round."""

from collections.abc import Sequence

from plotly.graph_objects import Figure
from plotly.subplots import make_subplots

from bank_spark_dl.pipelines.reporting.plots.style import COLORS, LAYOUT


def draw_learning_curve(training_history: TrainingRecord) -> Figure:
    """Draw by round the loss and, below it, the other figures of the validation rows."""
    figure = _panels("Learning curve", "loss", "share", heights=(0.6, 0.4))
    figure.update_yaxes(rangemode="tozero", row=1)
    series = (
        ("loss", "loss, train rows", 1),
        ("val_loss", "loss, validation rows", 1),
        ("val_accuracy", "accuracy, validation rows", 2),
        ("val_auc", "AUC, validation rows", 2),
    )
    for (figure_name, name, row), color in zip(series, COLORS, strict=False):
        points = [(entry.round + 1, getattr(entry, figure_name)) for entry in rounds]
        points = [...]
        if points:
            numbers, values = zip(*points, strict=True)
            figure.add_scatter(
                x=numbers,
                y=values,
                name=name,
                mode="lines+markers",
                line_color=color,
                row=row,
                col=1,
            )
    return figure
