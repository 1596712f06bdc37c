"""Raw parameters as `conf` holds them, and changes of single values."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from kedro.config import OmegaConfigLoader

from bank_spark_dl.errors import ParameterError
from bank_spark_dl.parameters import check_parameters
from bank_spark_dl.settings import CONFIG_LOADER_ARGS

CONF = Path(__file__).parents[2] / "conf"
Key = tuple[Any, ...]
"""Keys of the sections around a value, then its own; numbers are positions in lists."""
FEW = settings(max_examples=25)


def load(env: str, conf: Path = CONF, **given: Any) -> dict[str, Any]:
    """The parameters of an environment, as `kedro run --env` takes them."""
    loader = OmegaConfigLoader(str(conf), env=env, runtime_params=given, **CONFIG_LOADER_ARGS)
    return dict(sorted(loader["parameters"].items()))  # of several files, in any order


BASE = load("base")


def changed(key: Key, value: Any, base: Any = BASE) -> Any:
    """A copy with another value."""
    first, *rest = key
    copy = base.copy()
    copy[first] = changed(tuple(rest), value, base[first]) if rest else value
    return copy


def leaves(section: Any, key: Key = ()) -> list[Key]:
    """All values that are not sections; of a list of sections, only those of the first."""
    if isinstance(section, dict):
        return [leaf for name in section for leaf in leaves(section[name], (*key, name))]
    if isinstance(section, list) and section and isinstance(section[0], dict):
        return leaves(section[0], (*key, 0))
    return [key]


def sections(section: Any, key: Key = ()) -> list[Key]:
    """All sections, the whole among them."""
    if isinstance(section, dict):
        parts = section.items()
        return [key, *(found for name, part in parts for found in sections(part, (*key, name)))]
    if isinstance(section, list):
        parts = enumerate(section)
        return [found for number, part in parts for found in sections(part, (*key, number))]
    return []


def dotted(key: Key) -> str:
    return ".".join(map(str, key))


def refusal(raw: dict[str, Any]) -> str:
    """What is said of parameters that are refused."""
    with pytest.raises(ParameterError) as refused:
        check_parameters(raw)
    return str(refused.value)
