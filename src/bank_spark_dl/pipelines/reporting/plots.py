"""Plotly figures."""

from collections.abc import Mapping, Sequence
from typing import Any

from plotly.graph_objects import Figure
from plotly.subplots import make_subplots

from bank_spark_dl.pipelines.reporting.escaping import escape_plotly

# Colours that stay apart for colour-blind readers (Okabe and Ito, 2008).
COLORS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00")
MARGIN = {"l": 60, "r": 20, "t": 50, "b": 50}  # pixels


def learning_curve(rounds: Sequence[Mapping[str, Any]]) -> Figure:
    """Draw by round the loss and, below it, the other figures of the validation rows.

    Args:
        rounds: Entries of the training history.
    """
    figure = make_subplots(
        rows=2, cols=1, shared_xaxes=True, vertical_spacing=0.06, row_heights=(0.6, 0.4)
    )
    figure.update_layout(template="simple_white", title="Learning curve", margin=MARGIN)
    series = (
        ("loss", "loss, train rows", 1),
        ("val_loss", "loss, validation rows", 1),
        ("val_accuracy", "accuracy, validation rows", 2),
        ("val_auc", "AUC, validation rows", 2),
    )
    for (key, name, row), color in zip(series, COLORS, strict=False):
        points = [(entry["round"] + 1, entry[key]) for entry in rounds if key in entry]
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
    figure.update_yaxes(title="loss", rangemode="tozero", row=1, col=1)
    figure.update_yaxes(title="share", row=2, col=1)
    figure.update_xaxes(title="round", row=2, col=1)
    return figure


def worker_drift(rounds: Sequence[Mapping[str, Any]]) -> Figure:
    """Draw by round how far each worker moved and how far it agreed with the others.

    Args:
        rounds: Entries of the training history. `step_norm` is the length of a worker's step in
            the space of all weights, `cosine` the cosine between it and the workers' mean step:
            1 if all went the same way, near 0 if they learnt nothing in common.
    """
    figure = make_subplots(rows=2, cols=1, shared_xaxes=True, vertical_spacing=0.06)
    figure.update_layout(template="simple_white", title="Worker drift", margin=MARGIN)
    numbers = [entry["round"] + 1 for entry in rounds]
    for position, worker in enumerate(rounds[0]["workers"] if rounds else ()):
        for row, key in enumerate(("cosine", "step_norm"), start=1):
            figure.add_scatter(
                x=numbers,
                y=[entry["workers"][position][key] for entry in rounds],
                name=f"worker {worker['worker']}",
                legendgroup=str(position),
                showlegend=row == 1,
                mode="lines+markers",
                line_color=COLORS[position % len(COLORS)],
                row=row,
                col=1,
            )
    figure.update_yaxes(title="cosine with mean step", range=[None, 1.05], row=1, col=1)
    figure.update_yaxes(title="length of step", rangemode="tozero", row=2, col=1)
    figure.update_xaxes(title="round", row=2, col=1)
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


def reliability_diagram(bins: Sequence[Mapping[str, float]], error: float) -> Figure:
    """Draw the share of positives, with 95% intervals, against the stated probability.

    Args:
        bins: The answer of ml.evaluation.reliability.
        error: The expected calibration error, for the title.
    """
    figure = _figure(
        f"Calibration, test rows: error {error:.3f}", "stated probability", "share of positives"
    )
    figure.add_scatter(
        x=[0, 1],
        y=[0, 1],
        name="as stated",
        mode="lines",
        line={"color": "#999999", "dash": "dot"},
    )
    figure.add_scatter(
        x=[entry["probability"] for entry in bins],
        y=[entry["positives"] for entry in bins],
        error_y={
            "array": [entry["high"] - entry["positives"] for entry in bins],
            "arrayminus": [entry["positives"] - entry["low"] for entry in bins],
        },
        text=[f"{entry['rows']:,} rows" for entry in bins],
        name="network",
        mode="lines+markers",
        line_color=COLORS[0],
    )
    figure.update_xaxes(range=[0, 1])
    figure.update_yaxes(range=[0, 1.01])
    return figure


def gains_curve(decision: Mapping[str, Any]) -> Figure:
    """Draw which share of the deposits calling a share of the people reaches.

    Args:
        decision: The answer of ml.decision.describe_decision.
    """
    curve = decision["curve"]
    figure = _figure(
        "Cumulative gains, test rows", "share of people called", "share of deposits reached"
    )
    every = curve["deposits"][-1] or 1.0
    gains = [share / every for share in curve["deposits"]]
    lift = [
        f"lift {gain / calls:.2f}" if calls else ""
        for gain, calls in zip(gains, curve["calls"], strict=True)
    ]
    figure.add_scatter(
        x=curve["calls"],
        y=gains,
        text=lift,
        name="by the network",
        mode="lines",
        line_color=COLORS[0],
    )
    figure.add_scatter(
        x=[0, 1], y=[0, 1], name="at random", mode="lines", line={"color": "#999999", "dash": "dot"}
    )
    figure.update_yaxes(range=[0, 1.01])
    return figure


def profit_curve(decision: Mapping[str, Any]) -> Figure:
    """Draw the expected profit by share of people called, with the best cut-off.

    Args:
        decision: The answer of ml.decision.describe_decision.
    """
    curve, calls = decision["curve"], decision["calls"]
    figure = _figure(
        "Expected profit, test rows", "share of people called", "money per 1,000 people"
    )
    figure.add_scatter(
        x=curve["calls"],
        y=[1000 * profit for profit in curve["profit"]],
        text=[f"cut-off {cutoff:.3f}" for cutoff in curve["cutoffs"]],
        name="profit",
        mode="lines",
        line_color=COLORS[0],
        showlegend=False,
    )
    figure.add_vrect(
        x0=calls["low"], x1=calls["high"], fillcolor=COLORS[4], opacity=0.2, line_width=0
    )
    figure.add_scatter(
        x=[calls["best"]],
        y=[decision["profit_per_1000"]["best"]],
        text=[f"cut-off {decision['cutoff']['best']:.3f}"],
        name="best, with its 95% interval",
        mode="markers",
        marker={"color": COLORS[1], "size": 10},
    )
    return figure


def importance(columns: Sequence[Mapping[str, Any]]) -> Figure:
    """Draw how much the log loss grows when a column is shuffled, with 95% intervals.

    Args:
        columns: The answer of ml.importance.permutation_importance.
    """
    figure = _figure("What the network relies on, test rows", "log loss added by shuffling", "")
    losses = [entry["log_loss"] for entry in columns]
    figure.add_bar(
        y=[escape_plotly(entry["column"]) for entry in columns],
        x=[loss["mean"] for loss in losses],
        error_x={"array": [loss["high"] - loss["mean"] for loss in losses]},
        customdata=[-100 * entry["accuracy"]["mean"] for entry in columns],
        hovertemplate="%{y}: %{x:.3f}, accuracy %{customdata:+.1f} points<extra></extra>",
        orientation="h",
        marker_color=COLORS[0],
    )
    figure.update_yaxes(autorange="reversed", automargin=True, dtick=1)
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
    label, positive = escape_plotly(label), escape_plotly(positive)
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
        # Without a background, or it would hide a part of what is drawn below it.
        legend={
            "yanchor": "bottom",
            "y": 0.02,
            "xanchor": "right",
            "x": 0.99,
            "bgcolor": "rgba(0,0,0,0)",
        },
        margin=MARGIN,
    )
    return figure
