"""Find where a dataset of the catalog lies."""

from pathlib import Path
from typing import Any

from kedro.io import AbstractDataset


def uri_of(dataset: AbstractDataset[Any, Any]) -> str | None:
    """Return a dataset's path or URI; None for what lies in memory."""
    described = dataset._describe()
    filepath, protocol = described.get("filepath"), described.get("protocol")
    if filepath is None:
        return None
    uri = str(filepath).removeprefix("file://")
    return uri if "://" in uri or protocol in (None, "", "file") else f"{protocol}://{uri}"


def local_path(dataset: AbstractDataset[Any, Any]) -> Path | None:
    """Return the path of a dataset on a local disk; None for any other."""
    uri = uri_of(dataset)
    return None if uri is None or "://" in uri else Path(uri)


def spark_uri(filepath: str) -> str:
    """Return a path of the catalog as a URI that Spark reads: `s3://` becomes `s3a://`, say."""
    from kedro_datasets._utils.databricks_utils import parse_spark_filepath, to_spark_path

    protocol, path = parse_spark_filepath(filepath)
    return str(to_spark_path(protocol or "file", path))
