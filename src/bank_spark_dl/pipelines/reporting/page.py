"""The report, one HTML file, and the model card, Markdown."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from plotly.graph_objects import Figure
from plotly.offline import get_plotlyjs

from bank_spark_dl import __version__
from bank_spark_dl.pipelines.reporting.escaping import escape_markdown
from bank_spark_dl.pipelines.reporting.verdict import verdict_sentences


@dataclass(frozen=True)
class Findings:
    """What there is to tell.

    Attributes:
        metrics: The answer of measure_results.
        decision: The answer of decide_calls.
        importance: The answer of explain_columns.
        segments: The answer of compare_segments.
        left_out: By raw column that is no input, why not.
        label: Name of the label column.
        positive: Its positive class.
    """

    metrics: Mapping[str, Any]
    decision: Mapping[str, Any]
    importance: Mapping[str, Any]
    segments: Sequence[Mapping[str, Any]]
    left_out: Mapping[str, str]
    label: str
    positive: str

    def for_templates(self) -> dict[str, Any]:
        """Return everything a template may name."""
        metrics = self.metrics
        verdict = verdict_sentences(metrics["comparisons"], metrics["test"]["rows"])
        return {
            "metrics": metrics,
            "decision": self.decision,
            "importance": self.importance,
            "segments": self._segments_by_column(),
            "weak": [part for part in self.segments if self._is_weak(part)],
            "left_out": self.left_out,
            "label": self.label,
            "positive": self.positive,
            "late": metrics["late_columns"],
            "verdict": [metrics["warning"], *verdict] if metrics["warning"] else verdict,
            "models": {"network": metrics["test"], **metrics["baselines"]},
            "training_sentence": training_sentence(metrics["model"]),
            "version": __version__,
        }

    def _segments_by_column(self) -> dict[str, list[dict[str, Any]]]:
        found: dict[str, list[dict[str, Any]]] = {}
        for part in self.segments:
            marked = {**part, "weak": self._is_weak(part)}
            found.setdefault(part["column"], []).append(marked)
        return found

    def _is_weak(self, part: Mapping[str, Any]) -> bool:
        """Tell whether even the upper end of a part's accuracy is below that of all rows."""
        return bool(part["accuracy"]["high"] < self.metrics["test"]["accuracy"])


def training_sentence(model: Mapping[str, Any]) -> str:
    """Say how long, by how many workers and on how many rows the network was trained."""
    best = model["best_round"]
    kept = "" if best is None else f", of which round {best + 1} was kept,"
    watched = model["validation_rows"]
    return (
        f"was trained for {_plural(model['rounds'], 'round')}{kept} by "
        f"{_plural(model['num_workers'], 'worker')} on {model['training_rows']:,} rows"
        + (f", watched on {watched:,} others" if watched else "")
    )


def render_page(findings: Findings, plots: Mapping[str, Sequence[Figure]]) -> str:
    """Render the report.

    Args:
        findings: What there is to tell.
        plots: By section of the template, in order.

    Returns:
        HTML that needs nothing from elsewhere.
    """
    drawn = {
        section: [
            figure.to_html(
                full_html=False,
                include_plotlyjs=False,
                default_height="420px",
                config={"displayModeBar": False},
            )
            for figure in figures
        ]
        for section, figures in plots.items()
    }
    return _render("report.html", findings, None, plots=drawn, plotlyjs=get_plotlyjs())


def render_card(findings: Findings) -> str:
    """Render the model card (Mitchell et al., Model Cards for Model Reporting, 2019).

    Returns:
        Markdown; text from the data is escaped.
    """
    return _render("model_card.md", findings, escape_markdown)


def _plural(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _render(
    template: str, findings: Findings, finalize: Callable[[Any], Any] | None, **more: Any
) -> str:
    from jinja2 import Environment, PackageLoader

    environment = Environment(
        loader=PackageLoader(__package__),
        autoescape=True,
        finalize=finalize,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template(template).render(**findings.for_templates(), **more)
