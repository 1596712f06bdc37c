"""Count missing values in a pass over the train rows that is made for another question.

Spark observes rows as they go by, so that this takes no job of its own.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from pyspark.sql import Column, DataFrame, Observation
from pyspark.sql import functions as F
from pyspark.sql.types import DoubleType, FloatType, StringType

from bank_spark_dl.ml.column_names import carried_name
from bank_spark_dl.spark.sql import quoted


@dataclass(frozen=True)
class TrainFacts:
    """What is known of the train rows' columns.

    Attributes:
        rows: Their number.
        missing: By raw name, the rows whose value is null, NaN or an empty text; only columns with
            such rows.
    """

    rows: int
    missing: dict[str, int]

    def is_empty(self, name: str) -> bool:
        """Tell whether no row has a value in a column."""
        return self.missing.get(name) == self.rows


class Observer:
    """Observe some columns of rows during the next action on them."""

    def __init__(self, rows: DataFrame, label: str, names: Sequence[str]) -> None:
        """Take rows.

        Args:
            rows: Train rows with derived columns.
            label: The label's column.
            names: Raw names of the columns to observe.
        """
        self._names = list(names)
        self._observation = Observation()
        carried = {name: carried_name(name) for name in names}
        missing = [F.count_if(_is_missing(rows, column)) for column in carried.values()]
        kept = rows.select(*(F.col(quoted(name)) for name in [label, *carried.values()]))
        figures = F.struct(F.count(F.lit(1)).alias("rows"), F.array(*missing).alias("missing"))
        self.rows = kept.observe(self._observation, F.to_json(figures).alias("figures"))

    def facts(self) -> TrainFacts:
        """Return what was found; an action on `rows` must have ended."""
        found = json.loads(self._observation.get["figures"])
        counts = dict(zip(self._names, found["missing"], strict=True))
        return TrainFacts(found["rows"], {name: n for name, n in counts.items() if n})


def _is_missing(rows: DataFrame, name: str) -> Column:
    column = F.col(quoted(name))
    if isinstance(rows.schema[name].dataType, DoubleType | FloatType):
        return column.isNull() | F.isnan(column)
    if isinstance(rows.schema[name].dataType, StringType):
        return column.isNull() | (column == "")
    return column.isNull()
