"""The report: one HTML file."""

from collections.abc import Mapping, Sequence
from typing import Any

from plotly.graph_objects import Figure

from bank_spark_dl.pipelines.reporting.verdict import verdict_sentences


def render_page(
    metrics: Mapping[str, Any],
    decision: Mapping[str, Any],
    known_too_late: Sequence[str],
    figures: Sequence[Figure],
) -> str:
    """Render verdict, figures and plots.

    Args:
        metrics: The answer of measure_results.
        decision: The answer of decide_calls.
        known_too_late: Columns among the inputs that nobody knows before the call.
        figures: Plots, in order.

    Returns:
        HTML that needs nothing from elsewhere.
    """
    from jinja2 import Environment, PackageLoader

    environment = Environment(loader=PackageLoader(__package__), autoescape=True)
    plots = [
        figure.to_html(
            full_html=False,
            include_plotlyjs=number == 0,
            default_height="420px",
            config={"displayModeBar": False},
        )
        for number, figure in enumerate(figures)
    ]
    models = {"network": metrics["test"], **metrics["baselines"]}
    return environment.get_template("report.html").render(
        metrics=metrics,
        verdict=verdict_sentences(metrics["comparisons"], metrics["test"]["rows"]),
        decision=decision,
        known_too_late=known_too_late,
        models=models,
        plots=plots,
    )
