"""Refuse passwords where results would record them."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from bank_spark_dl.errors import ParameterError

PASSWORD_IN_URI = re.compile(
    r"://[^/@\s]*:(?!\d+/)[^@\s]+@"  # a port and a path are none
    r"|://\S*[?&](sig|[\w-]*(signature|password|secret|token|key))=[^&\s]",
    re.IGNORECASE,
)


def refuse_passwords(parameters: Mapping[str, Any]) -> None:
    """Raise ParameterError, without repeating it, if a parameter's URI holds a password."""
    for key, value in _texts(parameters):
        if PASSWORD_IN_URI.search(value):
            raise ParameterError(
                f"{key} holds a password, and parameters are recorded in run.json and the report: "
                "leave it out there, and set it in the environment or, for runs without --env, in "
                "conf/local/spark.yml (for example spark.hadoop.fs.s3a.secret.key)."
            )


def _texts(value: Any, key: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield key, value
    elif isinstance(value, Mapping | list):
        parts = value.items() if isinstance(value, Mapping) else enumerate(value)
        for name, part in parts:
            yield from _texts(part, f"{key}.{name}" if key else str(name))
