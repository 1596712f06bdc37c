"""Order rows by what decides their side: their time, or a hash of their group."""

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from bank_spark_dl.errors import InputDataError
from bank_spark_dl.ml.splits.group import group_hash
from bank_spark_dl.ml.splits.time import moment
from bank_spark_dl.parameters import DataOptions


def split_key(rows: DataFrame, data: DataOptions, seed: int) -> Column:
    """Return a number that orders the rows by time or by group, after one Spark job.

    Args:
        rows: Clean rows.
        data: Its split is `time` or `group`.
        seed: Another seed, another order of the groups.

    Returns:
        A number, equal for rows of one moment or group.

    Raises:
        InputDataError: A row has no time or no group.
        ParameterError: The time's column holds neither dates nor times nor numbers.
    """
    name = split_column(data)
    key = moment(rows, name) if data.split == "time" else group_hash(rows, name, seed)
    if missing := rows.where(key.isNull() | F.isnan(key.cast("double"))).count():
        raise InputDataError(
            f"The column '{name}' says where the rows belong (data.columns.{data.split}), but has "
            f"no value in {missing:,} rows: fill it, remove these rows, or set data.split to "
            "random."
        )
    return key


def split_column(data: DataOptions) -> str:
    """Return the raw name of the column that a split by time or by group needs."""
    return str(data.columns.time if data.split == "time" else data.columns.group)
