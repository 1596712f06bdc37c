"""Print the tables of a run."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.table import Table

if TYPE_CHECKING:
    from bank_spark_dl.ml.evaluation.intervals import Interval
    from bank_spark_dl.ml.evaluation.results import CrossValidation, Metrics
    from bank_spark_dl.ml.monitoring.drift import DriftReport


FIGURES: Final = {
    "accuracy": "accuracy",
    "auc": "AUC",
    "log_loss": "log loss",
    "rmse": "RMSE",
    "mae": "mean absolute error",
    "r2": "R2",
}
"""Figures that tables show where a task has them, with their titles."""


def print_preview(
    schema: Sequence[tuple[str, str]],
    rows: Sequence[Sequence[Any]],
    console: Console | None = None,
) -> None:
    """Print a line per column: its name, its type and its value in the first rows.

    Args:
        schema: Name and type by column.
        rows: Values by row, in the order of the columns.
        console: Where to print; standard output if None.
    """
    table = Table(title="Columns and first rows", box=SIMPLE_HEAD)
    table.add_column("column", style="bold", no_wrap=True, min_width=max(map(len, dict(schema))))
    table.add_column("type", style="dim")
    for number in range(1, len(rows) + 1):
        table.add_column(f"row {number}", overflow="ellipsis", no_wrap=True)
    for position, (name, kind) in enumerate(schema):
        table.add_row(escape(name), kind, *(escape(str(row[position])) for row in rows))
    (console or Console()).print(table)


def print_block(title: str, text: str, console: Console | None = None) -> None:
    """Print lines as they are under a title.

    Args:
        title: Printed in bold.
        text: Any number of lines.
        console: Where to print; standard output if None.
    """
    console = console or Console()
    console.print(f"\n{title}", style="bold")
    console.print(text, markup=False, highlight=False, soft_wrap=True)


def print_results(metrics: "Metrics", console: Console | None = None) -> None:
    """Print a small table of the results.

    Args:
        metrics: The dataset `metrics`.
        console: Where to print; standard output if None.
    """
    console = console or Console()
    data = metrics.data
    synthetic = " (synthetic)" if data.synthetic else ""
    table = Table(box=SIMPLE_HEAD, title=f"{escape(data.source)}{synthetic}, {data.rows:,} rows")
    table.add_column("model")
    table.add_column("rows")
    shown = _figures_of(metrics.test)
    for name in shown:
        table.add_column(FIGURES[name], justify="right")
    parts = [("network", "train", metrics.train), ("network", "test", metrics.test)]
    parts += [(name.replace("_", " "), "test", part) for name, part in metrics.baselines.items()]
    for name, rows, part in parts:
        figures = (f"{getattr(part, figure):.4f}" for figure in shown)
        table.add_row(name, f"{rows} ({part.rows:,})", *figures)
    console.print(table)


def print_drift(drift: "DriftReport", console: Console | None = None) -> None:
    """Print how far each column is from the train rows, the farthest first.

    Args:
        drift: The dataset `drift`.
        console: Where to print; standard output if None.
    """
    table = Table(box=SIMPLE_HEAD, title=f"{drift.rows:,} rows against the train rows")
    table.add_column("column")
    for title in ("PSI", "by chance", "unseen", "out of range"):
        table.add_column(title, justify="right")
    table.add_column("")
    farthest = sorted(drift.columns.items(), key=lambda entry: -entry[1].psi)
    for name, column in farthest:
        shares = (getattr(column, key, None) for key in ("unseen", "out_of_range"))
        table.add_row(
            escape(name),
            f"{column.psi:.3f}",
            f"{column.psi_by_chance:.3f}",
            *("" if share is None else f"{share:.2%}" for share in shares),
            "drifted" if name in drift.drifted else "",
        )
    (console or Console()).print(table)


def print_files(files: Mapping[str, str], console: Console | None = None) -> None:
    """Print where files lie.

    Args:
        files: Path by dataset name.
        console: Where to print; standard output if None.
    """
    console = console or Console()
    for name, path in files.items():
        console.print(f"  {name}: {path}", style="dim", highlight=False, soft_wrap=True)


def print_cross_validation(cv_metrics: "CrossValidation", console: Console | None = None) -> None:
    """Print each model's means over the folds with their 95% intervals, and the verdict.

    Args:
        cv_metrics: The dataset `cv_metrics`.
        console: Where to print; standard output if None.
    """
    example = next(iter(cv_metrics.models.values()))
    figures, deciding = _figures_of(example), example.deciding
    table = Table(
        box=SIMPLE_HEAD,
        title=f"Means over {cv_metrics.folds} folds ± 95% intervals",
        caption=f"difference: {FIGURES[deciding]} of the network minus the model's",
    )
    table.add_column("model")
    for title in (*(FIGURES[name] for name in figures), "difference"):
        table.add_column(title, justify="right")
    for name, means in cv_metrics.models.items():
        cells = [_interval(getattr(means, figure)) for figure in figures]
        difference = cv_metrics.network_minus.get(name)
        last = _interval(getattr(difference, deciding), "+") if difference else ""
        table.add_row(name.replace("_", " "), *cells, last)
    console = console or Console()
    console.print(table)
    console.print(cv_metrics.verdict, markup=False, highlight=False, soft_wrap=True)


def _figures_of(part: object) -> list[str]:
    return [name for name in FIGURES if hasattr(part, name)]


def _interval(figure: "Interval", sign: str = "") -> str:
    return f"{figure.mean:{sign}.3f} ± {(figure.high - figure.low) / 2:.3f}"
