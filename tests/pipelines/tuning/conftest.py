from typing import Any

import pytest

from bank_spark_dl.parameters import Parameters, TuningOptions
from bank_spark_dl.pipelines.tuning.settings import Settings


@pytest.fixture(scope="session")
def settings(parameters: Parameters) -> Settings:
    """Those of conf/base, with 9 epochs."""
    elephas = parameters.elephas.model_copy(update={"epochs": 9})
    return Settings(parameters.features, parameters.model, elephas)


@pytest.fixture(scope="session")
def options(parameters: Parameters) -> TuningOptions:
    """Those of conf/base: after 1, 3 and 9 epochs one of three trials goes on."""
    return parameters.tuning


def with_space(options: TuningOptions, space: dict[str, Any], **changes: Any) -> TuningOptions:
    """Return the options of another search."""
    return TuningOptions.model_validate(options.model_dump() | {"space": space} | changes)
