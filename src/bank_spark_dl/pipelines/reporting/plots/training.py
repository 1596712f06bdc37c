"""Plots of a training by round."""

from plotly.graph_objects import Figure
from plotly.subplots import make_subplots

from bank_spark_dl.ml.models.record import TrainingRecord
from bank_spark_dl.pipelines.reporting.plots.style import COLORS, LAYOUT

SERIES = (
    ("loss", "loss, train rows", 1, COLORS[0]),
    ("val_loss", "loss, validation rows", 1, COLORS[1]),
    ("val_accuracy", "accuracy, validation rows", 2, COLORS[2]),
    ("val_auc", "AUC, validation rows", 2, COLORS[3]),
    ("val_top_k", "top 3, validation rows", 2, COLORS[4]),
    ("val_r2", "R², validation rows", 2, COLORS[2]),
)
"""Name in the history, name in the legend, panel, colour."""


def draw_learning_curve(training_history: TrainingRecord) -> Figure:
    """Draw by round the loss and, below it, the other figures of the validation rows, if any."""
    lines = []
    for name, title, panel, color in SERIES:
        values = {r.round + 1: getattr(r, name) for r in training_history.rounds}
        drawn = {number: value for number, value in values.items() if value is not None}
        if drawn:
            lines.append((panel, drawn, color, title))
    if any(panel == 2 for panel, *_ in lines):
        figure = _panels("Learning curve", "loss", "share", row_heights=(0.6, 0.4))
    else:
        figure = _panels("Learning curve", "loss")
    figure.update_yaxes(rangemode="tozero", row=1)
    for panel, drawn, color, title in lines:
        _add_line(figure, panel, drawn, color, name=title)
    return figure


def draw_worker_divergence(training_history: TrainingRecord) -> Figure:
    """Draw by round how far each worker moved, and how far it agreed with the others.

    The length is of a worker's step in the space of all weights. The cosine is between this step
    and the workers' mean step: 1 if all went the same way, near 0 if they learnt nothing in common.
    """
    figure = _panels("Worker divergence", "cosine with mean step", "length of step")
    figure.update_yaxes(range=[None, 1.05], row=1)
    figure.update_yaxes(rangemode="tozero", row=2)
    rounds = training_history.rounds
    for position, worker in enumerate(rounds[0].workers if rounds else ()):
        color = COLORS[position % len(COLORS)]
        shared = {"name": f"worker {worker.worker}", "legendgroup": str(position)}
        cosines = {r.round + 1: r.workers[position].cosine for r in rounds}
        lengths = {r.round + 1: r.workers[position].step_norm for r in rounds}
        _add_line(figure, 1, cosines, color, **shared)
        _add_line(figure, 2, lengths, color, **shared, showlegend=False)
    return figure


def _panels(title: str, *labels: str, **layout: object) -> Figure:
    """Return a figure with a panel for each label of a y axis, one below the other."""
    rows = len(labels)
    figure = make_subplots(rows=rows, cols=1, shared_xaxes=True, vertical_spacing=0.06, **layout)
    figure.update_layout(LAYOUT, title=title)
    for row, label in enumerate(labels, start=1):
        figure.update_yaxes(title=label, row=row)
    figure.update_xaxes(title="round", row=rows)
    return figure


def _add_line(
    figure: Figure, panel: int, values: dict[int, float], color: str, **options: object
) -> None:
    figure.add_scatter(
        x=list(values),
        y=list(values.values()),
        mode="lines+markers",
        line_color=color,
        row=panel,
        col=1,
        **options,
    )
