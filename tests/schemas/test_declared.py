"""The schema file."""

import pytest

from bank_spark_dl.errors import ParameterError
from bank_spark_dl.schemas import load_schema
from schemas.calls import SCHEMA


def test_loads_a_declared_schema(tmp_path, write):
    path = write("schema.json", SCHEMA.json())
    assert load_schema(path) == SCHEMA
    with pytest.raises(ParameterError, match=r"does not exist. Correct `schema: filepath`"):
        load_schema(tmp_path / "no.json")
    with pytest.raises(ParameterError, match="is not a Spark StructType in JSON"):
        load_schema(write(path, '{"columns": []}'))
