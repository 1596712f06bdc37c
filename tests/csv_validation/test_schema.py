"""The schema file."""

import pytest

from bank_spark_dl.csv_validation import load_schema
from bank_spark_dl.errors import ParameterError
from csv_validation.calls import SCHEMA


def test_loads_a_declared_schema(tmp_path, write):
    path = write("schema.json", SCHEMA.json())
    assert load_schema(path) == SCHEMA
    with pytest.raises(ParameterError, match=r"does not exist. Correct `schema: filepath`"):
        load_schema(tmp_path / "no.json")
    with pytest.raises(ParameterError, match="is not a Spark StructType in JSON"):
        load_schema(write(path, '{"columns": []}'))
