"""Load a table with any dataset of the catalog: rows as a Spark frame."""

from typing import Any

import pandas as pd
import pyarrow as pa
from kedro.io import AbstractDataset, DatasetError
from py4j.protocol import Py4JJavaError
from pyspark.sql import DataFrame

from bank_spark_dl.errors import InputDataError
from bank_spark_dl.spark.project_session import spark_of_datasets

Dataset = AbstractDataset[Any, Any]


def load_table(name: str, dataset: Dataset) -> DataFrame:
    """Load rows with a dataset that returns a Spark or a pandas frame.

    Args:
        name: The dataset's name, for messages.
        dataset: For example `spark.SparkJDBCDataset` or `pandas.ExcelDataset`.

    Raises:
        InputDataError: It cannot be loaded, or is no table.
    """
    spark_of_datasets()  # datasets of Kedro take the session that is there
    try:
        loaded = dataset.load()
    except DatasetError as error:
        raise InputDataError(
            f"The dataset {name} cannot be loaded: {_reason(error)}. Correct its entry in the "
            "catalog, or the table behind it."
        ) from error
    if isinstance(loaded, pd.DataFrame):
        return _from_pandas(name, loaded)
    if not isinstance(loaded, DataFrame):
        raise InputDataError(
            f"The dataset {name} is no table: it loads {type(loaded).__name__}, and a Spark or a "
            "pandas frame is needed. Name another dataset."
        )
    return loaded


def _from_pandas(name: str, frame: pd.DataFrame) -> DataFrame:
    categories = frame.select_dtypes("category").columns
    try:
        table = pa.Table.from_pandas(
            frame.astype(dict.fromkeys(categories, object)), preserve_index=False
        )
    except pa.ArrowException as error:
        reason = " ".join(map(str, error.args))
        raise InputDataError(
            f"The dataset {name} has a column with values of several types: {reason}. Give each "
            "column one type in the load_args of the dataset."
        ) from error
    return spark_of_datasets().createDataFrame(table)


def _reason(error: DatasetError) -> str:
    """Return the first line of what went wrong, without Spark's and Kedro's words around it."""
    cause = error.__cause__ or error
    if isinstance(cause, Py4JJavaError):
        return str(cause.java_exception.toString()).splitlines()[0].rstrip(".")
    return str(cause).strip().splitlines()[0].rstrip(".")
