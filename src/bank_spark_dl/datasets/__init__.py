"""Custom Kedro datasets, each imported when its name is first used."""

from typing import Any

_MODULES = {
    "CheckedCSVDataset": "checked_csv",
    "CheckedFrameDataset": "checked_frame",
    "CheckedTableDataset": "checked_table",
    "JSONDataset": "atomic_files",
    "KerasModelDataset": "keras_model",
    "PlotlyDataset": "atomic_files",
    "RawSourceDataset": "raw_source",
    "ResultDataset": "result",
    "SparkFrameDataset": "spark_frame",
    "SparkModelDataset": "spark_model",
    "StreamSinkDataset": "stream_sink",
    "StreamingCSVDataset": "streaming_csv",
    "SyntheticCSVDataset": "synthetic_csv",
    "TableSourceDataset": "table_source",
    "TextDataset": "atomic_files",
}
__all__ = list(_MODULES)


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
