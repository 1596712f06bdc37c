"""Which train rows are marked for validation where the split is random."""

import pytest
from pyspark.sql import DataFrame

from bank_spark_dl.ml.splits.validation import mark_validation
from bank_spark_dl.parameters import Parameters


def marked(rows: DataFrame, parameters: Parameters, label: str, task: str) -> DataFrame:
    columns = parameters.data.columns.model_copy(update={"label": label, "positive": None})
    data = parameters.data.model_copy(update={"columns": columns, "task": task})
    return mark_validation(rows, data, 0.1, seed=1)


def test_rows_of_numbers_are_marked(rows: DataFrame, parameters: Parameters) -> None:
    """Prediction intervals are made of their errors."""
    found = marked(rows, parameters, "balance", "regression")
    assert found.where("__validation").count() == pytest.approx(0.1 * rows.count(), abs=1)


def test_rows_of_classes_are_left_to_the_engine(rows: DataFrame, parameters: Parameters) -> None:
    assert marked(rows, parameters, "marital", "multiclass").columns == rows.columns
