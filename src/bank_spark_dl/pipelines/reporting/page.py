"""The report, one HTML file, and the model card, Markdown."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from typing import Any

from plotly.graph_objects import Figure
from plotly.offline import get_plotlyjs

from bank_spark_dl import __version__
from bank_spark_dl.ml.evaluation.results import (
    AnyDecision,
    Importance,
    Metrics,
    ModelFacts,
    Subgroups,
)
from bank_spark_dl.ml.features.columns import FeatureColumns
from bank_spark_dl.ml.monitoring.profile import DataProfile
from bank_spark_dl.parameters import DataOptions
from bank_spark_dl.pipelines.reporting.by_task import report_of
from bank_spark_dl.pipelines.reporting.data_quality import (
    leakage_sentence,
    period_sentence,
    quality_sentence,
)
from bank_spark_dl.pipelines.reporting.escaping import escape_markdown
from bank_spark_dl.pipelines.reporting.shown import (
    optional_figure,
    shown_figure,
    shown_number,
    shown_share,
)
from bank_spark_dl.pipelines.reporting.splits import figures_by_split, newest_sentence
from bank_spark_dl.pipelines.reporting.verdict import floors_last, verdict_sentences
from bank_spark_dl.tasks import task_named


@dataclass(frozen=True)
class Findings:
    """What there is to report.

    Attributes:
        metrics: Figures of the network and of the baselines.
        decision: Whom to call, if there is anything to decide.
        importance: What the network loses without each raw column.
        subgroups: Figures of subgroups, those of a column together.
        input_columns: Say why other columns are no inputs.
        profile: Of the raw rows.
        data: Names the label, and columns that alone foretell it.
    """

    metrics: Metrics
    decision: AnyDecision
    importance: Importance
    subgroups: Subgroups
    input_columns: FeatureColumns
    profile: DataProfile
    data: DataOptions

    def for_templates(self) -> dict[str, Any]:
        """Return everything a template may name."""
        metrics, columns = self.metrics, self.data.columns
        report = report_of(metrics.task)
        figures = report.figure_columns(metrics.test)
        left_out, same_period = self.input_columns.left_out, self.input_columns.same_period
        comparisons = floors_last(metrics.comparisons)
        verdict = verdict_sentences(
            {name: report.differences(entry) for name, entry in comparisons.items()},
            metrics.test.rows,
        )
        by_column = groupby(self.subgroups, attrgetter("column"))
        return vars(self) | {
            "subgroups": {name: list(part) for name, part in by_column},
            "weak": [g for g in self.subgroups if report.is_weak(g, metrics.test)],
            "leakage": metrics.leakage_columns,
            "label": columns.label,
            "positive": columns.positive,
            "subject": report.subject(columns, metrics),
            "figure_columns": figures,
            "weighted_columns": report.weighted_columns(metrics.test),
            "weighted_models": _weighted_models(metrics),
            "card_columns": {**figures, **report.card_columns},
            "row_columns": report.row_columns(columns),
            "subgroup_columns": report.subgroup_columns(),
            "left_out": left_out,
            "quality": quality_sentence(self.profile, left_out),
            "suspicion": leakage_sentence(self.data.suspicious),
            "same_period": period_sentence(same_period, metrics.split),
            "splits": figures_by_split(metrics),
            "newest": newest_sentence(metrics, report.headline),
            "verdict": [metrics.warning, *verdict] if metrics.warning else verdict,
            "models": {"network": metrics.test, **floors_last(metrics.baselines)},
            "linear": task_named(metrics.task).linear,
            "training_sentence": training_sentence(metrics.model),
            "version": __version__,
        }


def _weighted_models(metrics: Metrics) -> dict[str, Any]:
    """Return the figures by weight of each model; none without weights."""
    weighted = metrics.weighted
    return {"network": weighted.test, **floors_last(weighted.baselines)} if weighted else {}


def training_sentence(model: ModelFacts) -> str:
    """Say how long, by how many workers and on how many rows the network was trained."""
    best, validation = model.best_round, model.validation_rows
    kept = "" if best is None else f", of which round {best + 1} was kept,"
    return (
        f"was trained for {_plural(model.rounds, 'round')}{kept} by "
        f"{_plural(model.num_workers, 'worker')} on {_plural(model.training_rows, 'row')}"
        + (f", with {_plural(validation, 'validation row')}" if validation else "")
    )


def render_page(findings: Findings, plots: Mapping[str, Figure]) -> str:
    """Render the report.

    Args:
        findings: What there is to report.
        plots: By name in the template; those without content are left out.

    Returns:
        HTML that needs nothing from elsewhere.
    """
    drawn = {
        name: figure.to_html(
            full_html=False,
            include_plotlyjs=False,
            default_height="420px",
            config={"displayModeBar": False},
        )
        for name, figure in plots.items()
        if figure.data
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
    shown = (shown_number, shown_share, shown_figure, optional_figure)
    environment.filters |= {function.__name__: function for function in shown}
    return environment.get_template(template).render(**findings.for_templates(), **more)
