"""Fitted feature stages as one expression over raw columns, for scoring.

Spark ML calls a function for each stage, column and row, and makes a vector each time; the code
that Spark generates from one expression takes a tenth of that time. The inputs are the same.
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

from bank_spark_dl.ml.columns import FEATURES, ROW_ID
from bank_spark_dl.schemas.values import literal, quoted

SOURCE = "__source"


def flat_features(rows: DataFrame, stages: Sequence[Any], source: Column) -> DataFrame:
    """Add what the stages make of raw columns as an array of float32.

    Args:
        rows: Rows with a `row_id` and the raw columns that the stages read.
        stages: Fitted feature stages, without the label's.
        source: Where each row comes from, for messages.

    Returns:
        The rows with the columns that the stages derive, and `features`, (n_features,) float32: the
        stages' vector, cast. Computing it fails on a missing number, and on a category that
        training never saw unless the stages keep those; the message names the row.

    Raises:
        TypeError: There is a stage of a kind that this project does not fit.
    """
    rows = rows.withColumn(SOURCE, source)
    translation = _Translation()
    for stage in stages:
        if isinstance(stage, SQLTransformer):
            rows = stage.transform(rows)
        else:
            translation.add(stage)
    checks = translation.checks
    others = [quoted(name) for name in rows.columns if name not in checks]
    checked = rows.selectExpr(
        *others, *(f"{sql} AS {quoted(name)}" for name, sql in checks.items())
    )
    inputs = ", ".join(f"CAST({sql} AS FLOAT)" for sql in translation.numbers[FEATURES])
    return checked.selectExpr("*", f"array({inputs}) AS {FEATURES}")


@dataclass(frozen=True)
class _Translation:
    """What the columns of stages are in SQL.

    Attributes:
        numbers: By column the numbers that it holds.
        categories: By column of an index the text column and its values in the index's order.
        checks: By raw column its value, or a failure if it cannot be used.
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
                self.numbers[stage.getOutputCol()] = _standardized(stage, inputs)
            case _:
                raise TypeError(f"Scoring does not know the stage {type(stage).__name__}.")

    def _index(self, stage: StringIndexerModel) -> None:
        columns = zip(stage.getInputCols(), stage.getOutputCols(), stage.labelsArray, strict=True)
        for name, output, values in columns:
            self.categories[output] = name, values
            if stage.getHandleInvalid() == "error":
                self.checks[name] = _seen(name, values)

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
                self.checks[name] = _there(name)
                self.numbers[name] = [quoted(name)]
        parts = [self.numbers[name] for name in stage.getInputCols()]
        self.numbers[stage.getOutputCol()] = [sql for part in parts for sql in part]


def _standardized(stage: StandardScalerModel, inputs: list[str]) -> list[str]:
    """Compute what Spark computes: it multiplies by a factor, which is 0 for a constant column."""
    if stage.getWithMean():
        means = _plain(stage.mean)
        inputs = [f"({sql} - ({mean!r}D))" for sql, mean in zip(inputs, means, strict=True)]
    if stage.getWithStd():
        factors = [1 / deviation if deviation else 0.0 for deviation in _plain(stage.std)]
        inputs = [f"{sql} * {factor!r}D" for sql, factor in zip(inputs, factors, strict=True)]
    return inputs


def _plain(vector: Any) -> list[float]:
    numbers: list[float] = vector.toArray().tolist()
    return numbers


def _seen(name: str, values: Sequence[str]) -> str:
    column = quoted(name)
    listed = ", ".join(map(literal, values))
    unseen = f"concat('holds \\'', {column}, '\\', which no train row does')"
    advice = ". Correct it, or train with features.unseen_categories: keep."
    failure = _failure(name, f"coalesce({unseen}, 'is empty')", advice)
    return f"CASE WHEN {column} IN ({listed}) THEN {column} ELSE {failure} END"


def _there(name: str) -> str:
    column = quoted(name)
    failure = _failure(name, "'holds no number'", ". Correct it.")
    missing = f"{column} IS NULL OR isnan({column})"
    return f"CASE WHEN {missing} THEN {failure} ELSE CAST({column} AS DOUBLE) END"


def _failure(name: str, problem: str, advice: str) -> str:
    row = f"{SOURCE}, ': in the row with {ROW_ID} ', CAST({ROW_ID} AS STRING)"
    column = literal(f" the column '{name}' ")
    return f"raise_error(concat({row}, {column}, {problem}, {literal(advice)}))"
