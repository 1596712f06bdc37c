"""Load a declared schema from the JSON form of a Spark StructType."""

import json
from pathlib import Path

from pyspark.sql.types import StructType

from bank_spark_dl.errors import ParameterError


def load_schema(filepath: str | Path) -> StructType:
    """Load a declared schema.

    A numeric field's metadata may set ``min`` and ``max``, both inclusive. A field that is not
    nullable may not be empty in any row.

    Args:
        filepath: Path of a JSON file that holds ``StructType.json()``.

    Raises:
        ParameterError: The file is missing, or is not a StructType in JSON.
    """
    try:
        content = json.loads(Path(filepath).read_text(encoding="utf-8"))
        return StructType.fromJson(content)
    except FileNotFoundError as error:
        raise ParameterError(
            f"The schema file {filepath} does not exist. Correct `schema: filepath`."
        ) from error
    except Exception as error:  # fromJson raises whatever its first wrong key leads to
        raise ParameterError(
            f"The schema file {filepath} is not a Spark StructType in JSON: {error!r}. "
            "Write it with `StructType.json()`."
        ) from error
