"""Take a sample of a table, and count its values."""

from collections.abc import Sequence
from typing import Final

import pandas as pd
from pyspark.sql import DataFrame
from pyspark.sql import functions as sf

from bank_spark_dl.drafting.inspection import as_text
from bank_spark_dl.ml.target import MOST_CLASSES
from bank_spark_dl.spark.sql import quoted

SAMPLE_ROWS: Final = 20_000
MOST_VALUES: Final = MOST_CLASSES + 2
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
