"""Comparing new rows with the train rows, column by column."""

import logging
from collections.abc import Mapping
from typing import Any

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from bank_spark_dl.errors import InputDataError
from bank_spark_dl.ml.column_names import ROW_ID, carried_name, shown_name
from bank_spark_dl.ml.monitoring.histograms import choose_bins, count_rows
from bank_spark_dl.ml.monitoring.psi import index_by_chance, stability_index
from bank_spark_dl.parameters import DataOptions, DriftOptions
from bank_spark_dl.spark.sql import quoted

logger = logging.getLogger(__name__)


def profile_train_rows(rows: DataFrame, data: DataOptions) -> dict[str, Any]:
    """Count the train rows in bins of their own, in three Spark jobs for any number of columns.

    Args:
        rows: Train rows.
        data: Names the label.

    Returns:
        For each raw column but the id and the label its bins, see choose_bins, and `counts`: rows
        by bin, the last of them those without a value.
    """
    others = (ROW_ID, carried_name(data.columns.label))
    inputs = rows.select(
        *(F.col(quoted(n)).alias(shown_name(n)) for n in rows.columns if n not in others)
    )
    bins = choose_bins(inputs)
    counted = count_rows(inputs, bins)
    return {name: bins[name] | {"counts": counted[name]["counts"]} for name in bins}


def compare_with_training(
    figures: Mapping[str, Mapping[str, Any]],
    profile: Mapping[str, Mapping[str, Any]],
    options: DriftOptions,
) -> dict[str, Any]:
    """Compare counts of new rows with those of the train rows.

    Args:
        figures: What `bins.figures` counted, in at least one row.
        profile: The answer of profile_train_rows, for the same columns.
        options: From which values on a column has drifted.

    Returns:
        `rows`; `columns`: for each its `psi`, the `psi_by_chance` that so many rows may have
        without any drift, for numbers the share `out_of_range`, for text the share `unseen` and
        some `unseen_values`; and `drifted`: what speaks for drift, by column.
    """
    columns = {name: _compare(figures[name], profile[name]) for name in profile}
    found = {name: _signs(column, options) for name, column in columns.items()}
    return {
        "rows": max((sum(entry["counts"]) for entry in figures.values()), default=0),
        "columns": columns,
        "drifted": {name: signs for name, signs in found.items() if signs},
    }


def act_on_drift(drifted: Mapping[str, list[str]], options: DriftOptions, source: str) -> None:
    """Do what the options say about drift.

    Args:
        drifted: What speaks for drift, by column.
        options: Ignore it, warn or stop.
        source: Where the rows come from, for the message.

    Raises:
        InputDataError: A column has drifted, and the options say stop.
    """
    if not drifted or options.action == "ignore":
        return
    listed = "; ".join(f"{name} ({', '.join(signs)})" for name, signs in drifted.items())
    said = f"{source}: the rows have drifted from the train rows in {listed}."
    if options.action == "stop":
        raise InputDataError(
            f"{said} Train on newer rows, or set scoring.drift.action to warn to score these."
        )
    logger.warning(said)


def _compare(new: Mapping[str, Any], trained: Mapping[str, Any]) -> dict[str, Any]:
    expected, actual = trained["counts"], new["counts"]
    share = None if new["outside"] is None else new["outside"] / sum(actual)
    column: dict[str, Any] = {
        "psi": stability_index(expected, actual),
        "psi_by_chance": index_by_chance(expected, actual),
    }
    if "edges" in trained:
        return column | {"out_of_range": share}
    values = {new["first"], new["last"]} if new["outside"] else set()
    return column | {"unseen": share, "unseen_values": sorted(values)}


def _signs(column: Mapping[str, Any], options: DriftOptions) -> list[str]:
    signs = []
    if column["psi"] > max(options.psi, column["psi_by_chance"]):
        signs.append(f"PSI {column['psi']:.3f}, above {options.psi}")
    if (column.get("out_of_range") or 0.0) > options.out_of_range:
        signs.append(f"{column['out_of_range']:.2%} out of range, above {options.out_of_range:.2%}")
    if (column.get("unseen") or 0.0) > options.unseen:
        values = ", ".join(map(repr, column["unseen_values"]))
        signs.append(f"{column['unseen']:.2%} unseen such as {values}, above {options.unseen:.2%}")
    return signs
