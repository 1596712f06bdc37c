"""Show in the terminal what was drafted and why."""

import shlex
from collections.abc import Sequence
from pathlib import Path

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from bank_spark_dl.drafting.draft import Draft
from bank_spark_dl.drafting.label import Label
from bank_spark_dl.drafting.plan import ColumnPlan
from bank_spark_dl.drafting.roles import repeating_ids


def print_draft(draft: Draft, files: Sequence[Path], console: Console | None = None) -> None:
    """Print a table of the columns, the label, warnings, the files, and what to run next.

    Args:
        draft: What was seen and chosen.
        files: The files that were written.
        console: Where to print; standard output if None.
    """
    console = console or Console()
    console.print()  # below Spark's progress bar
    console.print(_table(draft))
    for line in _notes(draft):
        console.print(line, highlight=False)
    folder = files[0].parent
    written = ", ".join(file.name for file in files)
    console.print(f"\nWrote conf/{folder.name}/: {written}", style="dim", highlight=False)
    console.print(f"Next: kedro run --env={folder.name}", style="bold", highlight=False)


def _table(draft: Draft) -> Table:
    title = f"{escape(draft.source.path)}: {draft.rows:,} rows, {len(draft.columns)} columns"
    table = Table(title=title, box=SIMPLE_HEAD)
    table.add_column("column", style="bold", overflow="fold")
    table.add_column("type", style="dim")
    table.add_column("missing", justify="right")
    table.add_column("used as")
    table.add_column("seen")
    for column in draft.columns:
        style = {"dropped": "dim", "label": "green", "id": "cyan"}.get(column.use)
        seen = escape(column.reason)
        if (figure := draft.suspicious.get(column.name)) is not None:
            seen += f" [red](alone: {draft.label.figure} {figure:.3f})[/red]"
        kind = column.kind.simpleString()
        table.add_row(escape(column.name), kind, _missing(column), column.use, seen, style=style)
    return table


def _missing(column: ColumnPlan) -> str:
    facts = column.facts
    if not facts.missing:
        return ""
    words = f" ({', '.join(map(repr, facts.words))})" if facts.words else ""
    return f"{facts.missing:,}{escape(words)}"


def _notes(draft: Draft) -> list[str]:
    where = "in parameters.yml"
    notes = [_about_label(draft.label, where)]
    if not draft.used_as("id"):
        notes.append(
            "No column identifies a row: a hash of its values does. Another choice: --id, or "
            f"data.columns.id {where}."
        )
    notes += _about_splits(draft)
    if draft.suspicious:
        names = ", ".join(map(escape, draft.suspicious))
        notes.append(
            f"[red]Possible target leakage: {names}. Alone it nearly foretells the label. If it is "
            f"known only after the outcome, move it to data.columns.drop {where}.[/red]"
        )
    if draft.used_as("dropped"):
        notes.append(f"Dropped columns are listed with reasons under data.columns.drop {where}.")
    return notes


def _about_label(label: Label, where: str) -> str:
    name = escape(label.name)
    if label.positive is None:
        return (
            f"Task: {label.task} of {name}, because {label.reason}. To change it: --task, or "
            f"data.task {where}."
        )
    share = label.rows[label.positive] / sum(label.rows.values())
    return (
        f"Positive class: {escape(repr(label.positive))} of {name}, {share:.1%} of the rows, "
        f"because {label.reason}. To change it: --positive, or data.columns.positive {where}."
    )


def _about_splits(draft: Draft) -> list[str]:
    """Ask for --group where an id repeats, and for --time where there is a date."""
    if draft.time or draft.group:
        way = f"the newest rows by {draft.time}" if draft.time else f"whole groups of {draft.group}"
        return [f"Held out are {escape(way)}: data.split in parameters.yml."]
    facts = [column.facts for column in draft.columns if column.use not in ("id", "label")]
    notes = [
        f"{escape(name)} repeats ({rows:.1f} rows each): if its rows belong together, draft again "
        f"with --group {escape(shlex.quote(name))}."
        for name, rows in repeating_ids(facts).items()
    ]
    dates = [column.name for column in draft.used_as("date") if not column.facts.missing]
    if dates:
        notes.append(
            f"Test rows are drawn at random. If the model will meet newer rows than these, draft "
            f"again with --time {' or --time '.join(escape(shlex.quote(name)) for name in dates)}."
        )
    return notes
