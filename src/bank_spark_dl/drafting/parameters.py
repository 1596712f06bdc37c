"""Write the parameters of an environment, each with the reason for its value."""

from collections.abc import Collection
from typing import Any, Final

from bank_spark_dl.drafting.draft import Draft
from bank_spark_dl.drafting.label import Label
from bank_spark_dl.drafting.plan import MAX_CATEGORIES, MIN_COUNT, ColumnPlan
from bank_spark_dl.drafting.recipe import Recipe, recipe_for
from bank_spark_dl.drafting.training import training_yml
from bank_spark_dl.drafting.yaml_text import commented, flow, scalar

_SHOWN: Final = 5  # classes
_DECISION: Final = "or the cost of acting on a row and the gain from a positive one"


def parameters_yml(draft: Draft, known_late: Collection[str]) -> str:
    """Write parameters.yml.

    Args:
        draft: What was seen of the table.
        known_late: Columns that conf/base calls known only after the outcome.
    """
    numbers = len(draft.used_as("number"))
    recipe = recipe_for(draft.label.task, draft.rows, numbers)
    late = [column.name for column in draft.columns if column.name in known_late]
    return "\n".join(
        [
            f"# What `kedro draft` chose for {draft.source.path}: {draft.rows:,} rows, "
            f"{len(draft.columns)} columns.",
            "# Change what you know better. What is not here is as in conf/base/parameters*.yml.",
            *_data(draft, late),
            "",
            *_features(draft, recipe),
            "",
            training_yml(draft.label.task, recipe),
            "",
            "reporting:",
            f"  decision: null # {_DECISION if draft.label.positive else 'only of two classes'}",
            "",
        ]
    )


def _data(draft: Draft, late: list[str]) -> list[str]:
    label = draft.label
    ids = draft.used_as("id")
    row_id = scalar(ids[0].name) if ids else "null"
    why = ids[0].reason if ids else "no column has another value in every row"
    availability = ["  availability:", *(f"    {scalar(name)}: before_call" for name in late)]
    return [
        "data:",
        "  columns:",
        commented(f"    id: {row_id}", f"{why}; null: a hash of the row's values"),
        commented(f"    label: {scalar(label.name)}", _classes(label)),
        _positive(label),
        *_held_out(draft),
        *_columns("drop", draft.used_as("dropped"), draft),
        *_columns("categorical", draft.used_as("category"), draft),
        *_columns("numeric", draft.used_as("number"), draft),
        commented(f"  task: {label.task}", "" if label.positive else label.reason),
        *(availability if late else []),
        *_split(draft),
        "  segments: [] # columns by which the report compares subgroups: [{column: NAME}]",
        *_suspicious(draft),
    ]


def _classes(label: Label) -> str:
    shown = [f"{value!r} {rows:,} rows" for value, rows in label.rows.items()][:_SHOWN]
    others = len(label.rows) - len(shown)
    return ", ".join(shown) + (f" and {others:,} others" if others else "")


def _positive(label: Label) -> str:
    if label.positive is None:
        return "    positive: null # there are not two classes"
    return commented(f"    positive: {_text(label.positive)}", label.reason)


def _held_out(draft: Draft) -> list[str]:
    """Name the column by which rows are held out, where it is not a hash of theirs."""
    lines = []
    if draft.time:
        seen = "the order of the file, " if draft.by_order else ""
        lines.append(commented(f"    time: {scalar(draft.time)}", f"{seen}as given by --time"))
    for column in draft.used_as("group"):
        line = f"    group: {scalar(column.name)}"
        lines.append(commented(line, f"{column.reason}, as given by --group"))
    return lines


def _split(draft: Draft) -> list[str]:
    if draft.time:
        return ["  split: time # the newest rows are held out; or random"]
    if draft.group:
        return ["  split: group # all rows of a group are held out together; or random"]
    return []


def _columns(key: str, columns: list[ColumnPlan], draft: Draft) -> list[str]:
    if not columns:
        return [f"    {key}: []"]
    lines = [commented(f"      - {scalar(one.name)}", _seen(one, draft)) for one in columns]
    return [f"    {key}:", *lines]


def _seen(column: ColumnPlan, draft: Draft) -> str:
    missing = f"; {column.facts.missing:,} missing" if column.facts.missing else ""
    found = draft.suspicious.get(column.name)
    alone = f"; alone it has {draft.label.figure} {found or 0:.3f}"
    leak = f"{alone}: is it known before the outcome?" if found else ""
    return column.reason + missing + leak


def _suspicious(draft: Draft) -> list[str]:
    if not draft.suspicious:
        return []
    found = {name: round(figure, 4) for name, figure in draft.suspicious.items()}
    return [
        commented(f"  suspicious: {flow(found)}", "possible target leakage; the report names them")
    ]


def _features(draft: Draft, recipe: Recipe) -> list[str]:
    inputs = draft.used_as("category", "number", "date")
    missing = [column.name for column in inputs if column.facts.missing]
    seen = f"missing in {', '.join(missing)}" if missing else "no value is missing so far"
    categories = {"min_count": MIN_COUNT, "max_categories": MAX_CATEGORIES}
    lines = [
        "features:",
        commented("  missing: median", f"{seen}; an input says so; a number's bins are then 0"),
        commented(f"  categories: {flow(categories)}", "rarer ones share an input"),
        commented("  unseen_categories: keep", "with the rare ones"),
        *_numbers(recipe),
    ]
    if dates := draft.used_as("date"):
        parts = ["year", "month", "day_of_month", "day_of_week", "days_since_newest"]
        if any(date.kind.typeName().startswith("timestamp") for date in dates):
            parts.append("hour")
        chosen: dict[str, Any] = {"parts": parts, "encoding": "number"}
        names = ", ".join(date.name for date in dates)
        lines.append(commented(f"  dates: {flow(chosen)}", names))
    return lines


def _numbers(recipe: Recipe) -> list[str]:
    """Encode numbers by bins, and by their normal scores."""
    options = {"bins": recipe.bins, "distinct_bins": recipe.distinct_bins, "normal_scores": True}
    return [
        commented(f"  piecewise_linear: {flow(options)}", "numbers by bins, and by normal scores")
    ]


def _text(value: str) -> str:
    """Write a text that must stay one: a class may be called 1 or true."""
    written = scalar(value)
    return written if written.startswith('"') else f'"{value}"'
