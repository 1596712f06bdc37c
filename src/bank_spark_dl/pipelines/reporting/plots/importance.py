"""The plot of permutation importance."""

from plotly.graph_objects import Figure

from bank_spark_dl.ml.evaluation.results import (
    ColumnImportance,
    Importance,
    RegressionImportance,
)
from bank_spark_dl.pipelines.reporting.escaping import escape_plotly
from bank_spark_dl.pipelines.reporting.plots.style import COLORS, error_bars, new_figure


def draw_importance(importance: Importance) -> Figure:
    """Draw how much is lost when a column is shuffled, with 95% intervals."""
    columns = importance.columns
    figure = new_figure(
        "Permutation importance, test rows", f"{importance.figure} added by shuffling", ""
    )
    figure.add_bar(
        y=[escape_plotly(entry.column) for entry in columns],
        x=[entry.lost.mean for entry in columns],
        error_x=error_bars(entry.lost for entry in columns),
        customdata=[_also(entry) for entry in columns],
        hovertemplate="%{y}: %{x:.3g}%{customdata}<extra></extra>",
        orientation="h",
        marker_color=COLORS[0],
    )
    figure.update_yaxes(autorange="reversed", automargin=True, dtick=1)
    return figure


def _also(entry: ColumnImportance | RegressionImportance) -> str:
    if isinstance(entry, RegressionImportance):
        return ""
    return f", accuracy {-100 * entry.accuracy.mean:+.1f} points"
