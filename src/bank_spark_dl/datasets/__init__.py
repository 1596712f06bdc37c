"""Custom Kedro datasets. They import Spark only when they load or save."""

from typing import Any

__all__ = [
    "CheckedCSVDataset",
    "KerasModelDataset",
    "RawSourceDataset",
    "SparkFrameDataset",
    "SparkModelDataset",
    "SyntheticCSVDataset",
]

_MODULES = {
    "CheckedCSVDataset": "checked_csv",
    "KerasModelDataset": "keras_model",
    "RawSourceDataset": "raw_source",
    "SparkFrameDataset": "spark_frame",
    "SparkModelDataset": "spark_model",
    "SyntheticCSVDataset": "synthetic_csv",
}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
