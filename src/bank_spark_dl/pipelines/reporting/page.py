"""The report: one HTML file."""

from collections.abc import Mapping, Sequence
from typing import Any

from plotly.graph_objects import Figure


def render_page(metrics: Mapping[str, Any], figures: Sequence[Figure]) -> str:
    """Render figures and plots.

    Args:
        metrics: The answer of measure_results.
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
        metrics=metrics, models=models, plots=plots
    )
