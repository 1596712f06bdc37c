"""Custom Kedro datasets. They import Spark only when they load or save."""

from typing import Any

__all__ = [
    "ArrivingCSVDataset",
    "CheckedCSVDataset",
    "JSONDataset",
    "KerasModelDataset",
    "PlotlyDataset",
    "RawSourceDataset",
    "ResultDataset",
    "SparkFrameDataset",
    "SparkModelDataset",
    "StreamSinkDataset",
    "SyntheticCSVDataset",
    "TextDataset",
]

_MODULES = {
    "ArrivingCSVDataset": "arriving_csv",
    "CheckedCSVDataset": "checked_csv",
    "JSONDataset": "whole_files",
    "KerasModelDataset": "keras_model",
    "PlotlyDataset": "whole_files",
    "RawSourceDataset": "raw_source",
    "ResultDataset": "result",
    "SparkFrameDataset": "spark_frame",
    "SparkModelDataset": "spark_model",
    "StreamSinkDataset": "stream_sink",
    "SyntheticCSVDataset": "synthetic_csv",
    "TextDataset": "whole_files",
}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
