"""Choose the numeric columns that are standardized, and standardize them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from pyspark.ml.feature import StandardScaler, StandardScalerModel, VectorAssembler
from pyspark.sql import DataFrame

from bank_spark_dl.ml.column_names import carried_name
from bank_spark_dl.ml.features.inputs import VALUE, inner_name
from bank_spark_dl.ml.statistics import number_statistics
from bank_spark_dl.parameters import SkewOptions, StandardizeOptions

SKEWED: Final = "__skewed"
SCALED: Final = "__scaled"


@dataclass(frozen=True)
class ScaledColumn:
    """The decision for one numeric column.

    Attributes:
        value: The statistic over the train rows; None for a constant column.
        standardized: Whether the value lies outside of the bounds.
    """

    value: float | None
    standardized: bool


@dataclass(frozen=True)
class ScaledColumns:
    """Which numeric columns are standardized, and why.

    Attributes:
        statistic: What decides.
        lower: A column is standardized if its value is below this,
        upper: or above this.
        columns: By raw name of the numeric inputs; empty if they are encoded piecewise-linearly.
    """

    statistic: Literal["skewness", "kurtosis"]
    lower: float
    upper: float
    columns: dict[str, ScaledColumn]

    @property
    def standardized(self) -> list[str]:
        """Names of the standardized columns, in the order of the inputs."""
        return [name for name, column in self.columns.items() if column.standardized]


def choose_scaled_columns(
    rows: DataFrame, numeric: Sequence[str], options: SkewOptions
) -> ScaledColumns:
    """Standardize the skewed columns: those whose statistic lies outside of the bounds.

    Args:
        rows: The train rows with derived columns; one Spark job runs over them.
        numeric: Raw names of the numeric inputs.
        options: Statistic and bounds.
    """
    key = options.statistic
    found = number_statistics(rows, [carried_name(name) for name in numeric], [key])
    values = {name: found[carried_name(name)][key] for name in numeric}
    columns = {
        name: ScaledColumn(value, value is not None and not options.lower <= value <= options.upper)
        for name, value in values.items()
    }
    return ScaledColumns(key, options.lower, options.upper, columns)


def scaling_stages(
    numeric: Sequence[str], standardized: Sequence[str], options: StandardizeOptions
) -> tuple[list[Any], list[str]]:
    """Make the stages that standardize columns, and name what is to be assembled.

    Args:
        numeric: Raw names of the numeric inputs, as the inputs' stage copies them.
        standardized: Those to standardize.
        options: Mean and deviation.
    """
    plain = [inner_name(VALUE, name) for name in numeric if name not in standardized]
    if not standardized:
        return [], plain
    copies = [inner_name(VALUE, name) for name in standardized]
    stages = [
        VectorAssembler(inputCols=copies, outputCol=SKEWED),
        StandardScaler(
            inputCol=SKEWED,
            outputCol=SCALED,
            withMean=options.with_mean,
            withStd=options.with_std,
        ),
    ]
    return stages, [SCALED, *plain]


def standardized_sql(scaler: StandardScalerModel, numbers: list[str]) -> list[str]:
    """Write in SQL what a scaler makes of numbers.

    Spark multiplies by a factor, 0 for a constant column, and does not divide: so does this.
    """
    if scaler.getWithMean():
        means = scaler.mean.toArray().tolist()
        numbers = [f"({sql} - ({mean!r}D))" for sql, mean in zip(numbers, means, strict=True)]
    if scaler.getWithStd():
        deviations = scaler.std.toArray().tolist()
        factors = [1 / deviation if deviation else 0.0 for deviation in deviations]
        numbers = [f"{sql} * {factor!r}D" for sql, factor in zip(numbers, factors, strict=True)]
    return numbers
