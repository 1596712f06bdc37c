"""Compile fitted feature stages to one SQL expression over raw columns, for scoring.

Spark ML calls a function for each stage, column and row, and makes a vector each time; the code
that Spark generates from one expression takes a tenth of that time. The inputs are the same bits.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from pyspark.ml.feature import (
    OneHotEncoderModel,
    SQLTransformer,
    StandardScalerModel,
    StringIndexerModel,
    VectorAssembler,
)
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from bank_spark_dl.ml.column_names import FEATURES
from bank_spark_dl.ml.features.embedding import embedding_indexer
from bank_spark_dl.ml.features.inputs import checked_number, checked_text
from bank_spark_dl.ml.features.scaled_columns import standardized_sql
from bank_spark_dl.ml.features.sql_stages import add_source, apply_sql, named_row
from bank_spark_dl.spark.sql import literal, quoted


def compiled_features(rows: DataFrame, stages: Sequence[Any], source: Column) -> DataFrame:
    """Add the features as an array of float32.

    Args:
        rows: Rows with a `row_id` and the raw columns that the stages read.
        stages: Fitted feature stages, without the label's.
        source: Where each row comes from, for messages.

    Returns:
        The rows with the columns that the stages derive, and `features`, (n_features,) float32: the
        stages' vector, cast. Computing it fails on a missing number, and on an unseen category
        unless the stages keep those; the message names the row.

    Raises:
        TypeError: There is a stage of a kind that this project does not fit.
    """
    rows = add_source(rows, source)
    translation, indexer = _Translation(), embedding_indexer(stages)
    for stage in stages:
        if isinstance(stage, SQLTransformer):
            rows = apply_sql(rows, stage)
        elif indexer is not None and stage is indexer:
            # Its hash table finds one of many texts faster than any SQL.
            rows = stage.transform(rows)
        else:
            translation.add(stage)
    checks = translation.checks
    others = [F.col(quoted(name)) for name in rows.columns if name not in checks]
    checked = rows.select(*others, *(F.expr(sql).alias(name) for name, sql in checks.items()))
    inputs = ", ".join(f"CAST({sql} AS FLOAT)" for sql in translation.numbers[FEATURES])
    return checked.selectExpr("*", f"array({inputs}) AS {FEATURES}")


@dataclass(frozen=True)
class _Translation:
    """The columns of the stages in SQL.

    Attributes:
        numbers: By column, the numbers that it holds.
        categories: By index column, the text column and its values in the order of the index.
        checks: By raw column that no stage has checked, its value or a failure: models saved before
            there was a stage for that read raw columns.
    """

    numbers: dict[str, list[str]] = field(default_factory=dict)
    categories: dict[str, tuple[str, Sequence[str]]] = field(default_factory=dict)
    checks: dict[str, str] = field(default_factory=dict)

    def add(self, stage: Any) -> None:
        match stage:
            case StringIndexerModel():
                self._index(stage)
            case OneHotEncoderModel():
                self._encode(stage)
            case VectorAssembler():
                self._assemble(stage)
            case StandardScalerModel():
                inputs = self.numbers[stage.getInputCol()]
                self.numbers[stage.getOutputCol()] = standardized_sql(stage, inputs)
            case _:
                raise TypeError(f"Scoring does not know the stage {type(stage).__name__}.")

    def _index(self, stage: StringIndexerModel) -> None:
        columns = zip(stage.getInputCols(), stage.getOutputCols(), stage.labelsArray, strict=True)
        for name, output, values in columns:
            self.categories[output] = name, values
            if stage.getHandleInvalid() == "error":
                self._check(name, checked_text(quoted(name), name, values))

    def _encode(self, stage: OneHotEncoderModel) -> None:
        columns = zip(stage.getInputCols(), stage.getOutputCols(), stage.categorySizes, strict=True)
        for index, output, size in columns:
            name, values = self.categories[index]
            encoded = values[: size - stage.getDropLast()]
            self.numbers[output] = [
                f"IF({quoted(name)} = {literal(value)}, 1D, 0D)" for value in encoded
            ]

    def _assemble(self, stage: VectorAssembler) -> None:
        for name in stage.getInputCols():
            if name not in self.numbers:
                number = f"CAST({quoted(name)} AS DOUBLE)"
                self._check(name, checked_number(number, name, None))
                self.numbers[name] = [quoted(name)]
        parts = [self.numbers[name] for name in stage.getInputCols()]
        self.numbers[stage.getOutputCol()] = [sql for part in parts for sql in part]

    def _check(self, name: str, sql: str) -> None:
        if not name.startswith("__"):
            self.checks[name] = named_row(sql)
