"""Write values as YAML that a Kedro configuration file takes as they are."""

import json
import re
from typing import Any

import yaml

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_./-]*( [A-Za-z0-9_./-]+)*")


def scalar(value: Any) -> str:
    """Write a text, number or truth value; a text in quotes where YAML would read another value."""
    if not isinstance(value, str):
        return json.dumps(value)
    if len(value) > 1 and _PLAIN.fullmatch(value) and yaml.safe_load(value) == value:
        return value
    # OmegaConf takes ${...} for a reference unless a backslash stands before it.
    return json.dumps(value.replace("${", "\\${"), ensure_ascii=False)


def flow(value: Any) -> str:
    """Write a value, list or mapping on one line."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{scalar(key)}: {flow(part)}" for key, part in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(flow, value)) + "]"
    return scalar(value)


def commented(line: str, comment: str) -> str:
    """Append a comment to a line of YAML."""
    return f"{line} # {' '.join(comment.split())}" if comment else line
