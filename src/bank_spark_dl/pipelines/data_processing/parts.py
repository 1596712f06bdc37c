"""Whether both parts of a split can be used."""

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from bank_spark_dl.errors import InputDataError
from bank_spark_dl.params import DataOptions
from bank_spark_dl.schemas.values import quoted


def check_parts(rows: DataFrame, is_test: Column, options: DataOptions, seed: int) -> None:
    """Refuse a split that leaves a part without rows of one class, in one Spark job.

    Args:
        rows: All rows.
        is_test: Which of them are test rows.
        options: Names the label and the share of test rows.
        seed: The split's, for the message.

    Raises:
        InputDataError: A part has no row of a class.
    """
    label = options.columns.label
    by_class = rows.groupBy(F.col(quoted(label)).cast("string"))
    tests = F.count_if(is_test)
    counts = sorted(tuple(row) for row in by_class.agg(tests, F.count("*") - tests).collect())
    if all(test and train for _, test, train in counts):
        return
    total = sum(test + train for _, test, train in counts)
    train_part = " and ".join(f"{train} {value!r}" for value, _, train in counts)
    test_part = " and ".join(f"{test} {value!r}" for value, test, _ in counts)
    raise InputDataError(
        f"The {total} rows cannot be split: with data.test_fraction={options.test_fraction} and "
        f"seed={seed} there are {train_part} to train on, {test_part} to test on, and each part "
        f"needs rows of both classes of '{label}'. Give more rows, or change data.test_fraction "
        "or seed."
    )
