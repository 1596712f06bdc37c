"""Take a sample of a table, and see how much each column alone says about the label."""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd
from pyspark.sql import DataFrame
from pyspark.sql import functions as sf

from bank_spark_dl.drafting.inspection import as_text
from bank_spark_dl.spark.sql import quoted

SAMPLE_ROWS: Final = 20_000
MOST_VALUES: Final = 101
_BINS: Final = 50  # of a number, at quantiles
_PRIOR_ROWS: Final = 5  # a group's rate counts as if so many rows had the overall rate
_SEED: Final = 0


def take_sample(
    rows: DataFrame, count: int, missing_words: Sequence[str], decimal: str
) -> pd.DataFrame:
    """Bring some rows to the driver.

    Args:
        rows: The table.
        count: How many rows it has.
        missing_words: Texts that mean that there is no value, in lower case.
        decimal: The decimal mark.

    Returns:
        At most 1.2 times SAMPLE_ROWS rows; texts, or None where there is no value.
    """
    share = min(1.0, SAMPLE_ROWS / count)
    texts = [as_text(f.name, f.dataType).alias(str(place)) for place, f in enumerate(rows.schema)]
    chosen = rows if share == 1.0 else rows.sample(share, _SEED)
    sample = chosen.select(*texts).limit(int(1.2 * SAMPLE_ROWS)).toPandas()
    sample.columns = pd.Index([name.strip() for name in rows.columns])
    sample = sample.mask(sample.apply(lambda column: column.str.lower().isin(missing_words)))
    return sample.apply(lambda column: column.str.replace(",", ".")) if decimal == "," else sample


def count_values(rows: DataFrame, name: str, missing_words: Sequence[str]) -> dict[str | None, int]:
    """Count the rows of each value of a column, the most frequent first.

    Args:
        rows: The table.
        name: Its column.
        missing_words: Texts that mean that there is no value, in lower case.

    Returns:
        At most MOST_VALUES values, None among them where values are missing.
    """
    text = as_text(name, rows.schema[name].dataType)
    value = sf.when(~sf.lower(text).isin(*missing_words), text).alias("value")
    largest = sf.col("value").isNotNull(), sf.desc("count"), "value"
    counts = rows.groupBy(value).count().orderBy(*largest).limit(MOST_VALUES)
    return {row["value"]: row["count"] for row in counts.collect()}


def count_distinct(rows: DataFrame, names: Sequence[str]) -> list[int]:
    """Count the different values of columns exactly, in one Spark job."""
    if not names:
        return []
    return list(rows.agg(*(sf.count_distinct(sf.col(quoted(name))) for name in names)).collect()[0])


def single_column_aucs(
    sample: pd.DataFrame, positive: pd.Series, numeric: Mapping[str, bool]
) -> dict[str, float]:
    """Measure how well each column alone tells the two classes apart, on held-out rows.

    The rate of positives in each category, or in each of 50 quantile bins of a number, is taken
    from one half of the rows; it ranks the rows of the other half.

    Args:
        sample: Texts, or None.
        positive: Whether each row is of the positive class.
        numeric: Whether a column holds numbers, by name.

    Returns:
        The area under the ROC curve by column, 0.5 to 1.
    """
    half = np.random.default_rng(_SEED).random(len(sample)) < 0.5
    if min(positive[half].nunique(), positive[~half].nunique()) < 2:
        return {}
    return {
        name: _held_out_auc(_groups(sample[name], number), positive, half)
        for name, number in numeric.items()
    }


def _groups(column: pd.Series, number: bool) -> pd.Series:
    if number:
        values = pd.to_numeric(column, errors="coerce")
        edges = np.unique(values.quantile(np.linspace(0, 1, _BINS + 1)).to_numpy())
        column = pd.Series(np.searchsorted(edges, values), index=column.index).where(values.notna())
    return column.astype("object").where(column.notna(), "")


def _held_out_auc(groups: pd.Series, positive: pd.Series, half: npt.NDArray[np.bool_]) -> float:
    known = pd.DataFrame({"group": groups[half], "positive": positive[half]})
    overall = known["positive"].mean()
    sums = known.groupby("group")["positive"].agg(["sum", "count"])
    rates = (sums["sum"] + _PRIOR_ROWS * overall) / (sums["count"] + _PRIOR_ROWS)
    score = groups[~half].map(rates).fillna(overall).astype(float)
    return _auc(score, positive[~half])


def _auc(score: pd.Series, positive: pd.Series) -> float:
    """Compute the area by the rank sum of the positives (Mann and Whitney, 1947)."""
    positives, rows = int(positive.sum()), len(positive)
    ranks = score.rank()[positive].sum()
    return float((ranks - positives * (positives + 1) / 2) / (positives * (rows - positives)))
