"""Say in sentences what is missing, left out or suspicious in the data."""

from collections.abc import Collection, Mapping, Sequence

from bank_spark_dl.ml.monitoring.profile import DataProfile

SHOWN = 5  # columns that a sentence lists


def quality_sentence(profile: DataProfile, left_out: Collection[str]) -> str:
    """Say which columns have missing values, and which are not used.

    Args:
        profile: Of the raw rows.
        left_out: Raw names of the columns that are no inputs.
    """
    shares = {name: column.nulls / profile.rows for name, column in profile.columns.items()}
    most = sorted((name for name in shares if shares[name] > 0), key=lambda name: -shares[name])
    missing = _listed([f"{name} ({shares[name]:.1%})" for name in most])
    said = f"Values are missing in {missing}." if most else "No value is missing."
    unused = f" Not used: {_listed(sorted(left_out))}." if left_out else ""
    return said + unused


def leakage_sentence(suspicious: Mapping[str, float]) -> str | None:
    """Warn of columns that alone foretell the label suspiciously well.

    Args:
        suspicious: The area under the ROC curve of each such column alone, on held-out rows.

    Returns:
        None if there are none.
    """
    if not suspicious:
        return None
    listed = _listed([f"{name} (AUC {auc:.3f})" for name, auc in suspicious.items()])
    return (
        f"A single column nearly foretells the label: {listed}. If its value is known only after "
        "the outcome, the figures below do not hold for new rows: add it to data.columns.drop."
    )


def period_sentence(same_period: Sequence[str], split: str) -> str | None:
    """Warn of inputs that hold only in the weeks of the train rows.

    Args:
        same_period: Columns behind such inputs.
        split: How the test rows were chosen, `data.split`.

    Returns:
        None if there are none, or the test rows are of another period anyway.
    """
    if not same_period or split == "time":
        return None
    return (
        f"Inputs are made of {_listed(list(same_period))}, which say little about rows of other "
        "weeks: the figures below hold for new rows of the same weeks as the train rows only."
    )


def _listed(entries: list[str]) -> str:
    more = len(entries) - SHOWN
    return ", ".join(entries[:SHOWN]) + (f" and {more} more" if more > 0 else "")
