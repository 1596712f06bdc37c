"""Plots of predictions of numbers."""

import math
from itertools import pairwise

from plotly.graph_objects import Figure

from bank_spark_dl.ml.evaluation.figures import Residuals
from bank_spark_dl.ml.evaluation.number_curves import NumberCurves
from bank_spark_dl.pipelines.reporting.plots.style import COLORS, GREY, error_bars, new_figure
from bank_spark_dl.pipelines.reporting.shown import shown_number


def predicted_against_true(curves: NumberCurves) -> Figure:
    """Draw how many rows have which true and predicted value, and the true mean by decile.

    Args:
        curves: See ml.evaluation.number_curves.
    """
    figure = new_figure("Predicted against true, test rows", "predicted", "true")
    centres = [(low + high) / 2 for low, high in pairwise(curves.edges)]
    figure.add_heatmap(
        x=centres,
        y=centres,
        z=[[math.log10(cell) if cell else None for cell in row] for row in curves.counts],
        customdata=[list(row) for row in curves.counts],
        hovertemplate="predicted %{x}, true %{y}: %{customdata:,} rows<extra></extra>",
        colorscale=[[0, "#deebf7"], [1, "#08519c"]],  # the fewest rows are still seen
        showscale=False,
    )
    ends = [curves.edges[0], curves.edges[-1]]
    line = {"color": GREY, "dash": "dot"}
    figure.add_scatter(x=ends, y=ends, name="as predicted", mode="lines", line=line)
    figure.add_scatter(
        x=[each.predicted for each in curves.deciles],
        y=[each.true.mean for each in curves.deciles],
        error_y=error_bars(each.true for each in curves.deciles),
        text=[f"{each.rows:,} rows" for each in curves.deciles],
        name="mean by decile of the prediction",
        mode="markers",
        marker_color=COLORS[1],
    )
    figure.update_xaxes(range=ends)
    figure.update_yaxes(range=ends)
    return figure


def residual_histogram(curves: NumberCurves, residuals: Residuals) -> Figure:
    """Draw how many rows are off by how much, with the middle 90% of them.

    Args:
        curves: See ml.evaluation.number_curves.
        residuals: Summary of all rows.
    """
    low, *_, high = residuals.quantiles
    title = f"Residuals, test rows: 90% from {shown_number(low)} to {shown_number(high)}"
    figure = new_figure(title, "true minus predicted", "rows")
    centres = [(a + b) / 2 for a, b in pairwise(curves.residual_edges)]
    figure.add_bar(
        x=centres,
        y=curves.residual_counts,
        marker_color=COLORS[0],
        showlegend=False,
        hovertemplate="%{x}: %{y:,} rows<extra></extra>",
    )
    figure.add_vrect(x0=low, x1=high, fillcolor=COLORS[4], opacity=0.2, line_width=0, layer="below")
    figure.add_vline(x=0, line_color=GREY, line_dash="dot")
    figure.update_layout(bargap=0)
    return figure


def decile_errors(curves: NumberCurves, mae: float) -> Figure:
    """Draw mean absolute error and RMSE by decile of the prediction.

    Args:
        curves: See ml.evaluation.number_curves.
        mae: Mean absolute error of all rows.
    """
    figure = new_figure(
        "Error by decile of the prediction, test rows", "mean prediction of the decile", "error"
    )
    deciles = curves.deciles
    names = [shown_number(each.predicted) for each in deciles]
    figure.add_bar(
        x=names,
        y=[each.mae.mean for each in deciles],
        error_y=error_bars(each.mae for each in deciles),
        text=[f"{each.rows:,} rows" for each in deciles],
        textposition="none",
        name="mean absolute error",
        marker_color=COLORS[0],
    )
    figure.add_scatter(
        x=names,
        y=[each.rmse for each in deciles],
        name="RMSE",
        mode="markers",
        marker={"color": COLORS[1], "size": 9},
    )
    figure.add_hline(y=mae, line_color=GREY, line_dash="dot")
    figure.update_xaxes(type="category")
    figure.update_layout(legend={"yanchor": "top", "y": 0.98, "xanchor": "left", "x": 0.02})
    return figure
