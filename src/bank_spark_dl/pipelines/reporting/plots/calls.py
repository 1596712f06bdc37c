"""Plots of gains and profit by share of people called."""

from plotly.graph_objects import Figure

from bank_spark_dl.ml.evaluation.results import AnyDecision, Decision, NoDecision
from bank_spark_dl.pipelines.reporting.plots.style import COLORS, add_diagonal, new_figure


def draw_gains(decision: AnyDecision) -> tuple[Figure, Figure]:
    """Draw cumulative gains with lift, and the expected profit, by share of people called.

    Args:
        decision: Both figures are empty where nothing was decided.
    """
    if isinstance(decision, NoDecision):
        return Figure(), Figure()
    return _gains_curve(decision), _profit_curve(decision)


def _gains_curve(decision: Decision) -> Figure:
    curve = decision.curve
    figure = new_figure(
        "Cumulative gains, test rows", "share of people called", "share of deposits reached"
    )
    every = curve.deposits[-1] or 1.0
    gains = [share / every for share in curve.deposits]
    lift = [
        f"lift {gain / calls:.2f}" if calls else ""
        for gain, calls in zip(gains, curve.calls, strict=True)
    ]
    figure.add_scatter(
        x=curve.calls, y=gains, text=lift, name="by the network", mode="lines", line_color=COLORS[0]
    )
    add_diagonal(figure, "at random")
    return figure


def _profit_curve(decision: Decision) -> Figure:
    curve, calls = decision.curve, decision.calls
    figure = new_figure(
        "Expected profit, test rows", "share of people called", "money per 1,000 people"
    )
    figure.add_scatter(
        x=curve.calls,
        y=[1000 * profit for profit in curve.profit],
        text=[f"threshold {threshold:.3f}" for threshold in curve.cutoffs],
        name="profit",
        mode="lines",
        line_color=COLORS[0],
        showlegend=False,
    )
    figure.add_vrect(x0=calls.low, x1=calls.high, fillcolor=COLORS[4], opacity=0.2, line_width=0)
    figure.add_scatter(
        x=[calls.best],
        y=[decision.profit_per_1000.best],
        text=[f"threshold {decision.cutoff.best:.3f}"],
        name="best, with its 95% interval",
        mode="markers",
        marker={"color": COLORS[1], "size": 10},
    )
    return figure
