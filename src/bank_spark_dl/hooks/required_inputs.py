"""Refuse a run whose inputs are missing."""

from collections.abc import Iterator, Mapping
from typing import Any

from kedro.framework.project import pipelines
from kedro.io import AbstractDataset, DataCatalog, MemoryDataset
from kedro.io.core import is_parameter
from kedro.pipeline import Node, Pipeline

from bank_spark_dl.datasets.paths import uri_of
from bank_spark_dl.errors import InputDataError
from bank_spark_dl.pipeline_registry import DEFAULT as ORDER

Dataset = AbstractDataset[Any, Any]
DEFAULT = "__default__"


def require_inputs(
    pipeline: Pipeline, catalog: DataCatalog, contents: Mapping[str, str | None]
) -> None:
    """Check that every input has content; raw data is checked later.

    Args:
        pipeline: What runs.
        catalog: Its datasets.
        contents: Fingerprint of what lies on disk, None for nothing, by name.

    Raises:
        InputDataError: An input was never written, or lies in memory only; the message says what
            makes it.
    """
    inputs = [name for name in sorted(pipeline.inputs()) if not is_parameter(name)]
    for name in inputs:
        if _in_memory(catalog[name]) and not _is_held(catalog[name]):
            raise InputDataError(_say_memory(name, catalog))
    missing = [name for name in inputs if name in contents and contents[name] is None]
    if missing:
        raise InputDataError(_say_missing(missing, catalog))


def _in_memory(dataset: Dataset) -> bool:
    return isinstance(dataset, MemoryDataset) or getattr(dataset, "APPENDED", False)


def _is_held(dataset: Dataset) -> bool:
    return isinstance(dataset, MemoryDataset) and bool(dataset.exists())


def _say_memory(name: str, catalog: DataCatalog) -> str:
    start = _start(name, _makers(), catalog)
    if start is None:
        return f"{name} lies in memory only, and no step of this project makes it."
    return (
        f"{name} lies in memory only, while the run that makes it goes on: begin where it is made, "
        f"or earlier, with --from-nodes={start}."
    )


def _say_missing(missing: list[str], catalog: DataCatalog) -> str:
    makers = _makers()
    order = (*ORDER, *sorted(pipelines), None)  # as they run
    by_pipeline: dict[str | None, list[str]] = {name: [] for name in order}
    for name in missing:
        by_pipeline[makers[name][0] if name in makers else None].append(name)
    sentences = [
        _sentence(names, pipeline, catalog) for pipeline, names in by_pipeline.items() if names
    ]
    if to_run := ",".join(name for name, names in by_pipeline.items() if name and names):
        sentences.append(f"Run kedro run --pipelines={to_run} first, or everything with kedro run.")
    return " ".join(sentences)


def _sentence(names: list[str], pipeline: str | None, catalog: DataCatalog) -> str:
    first = f"{names[0]} ({uri_of(catalog[names[0]])})"
    are, them = ("is", "it") if len(names) == 1 else ("are", "them")
    maker = f"the pipeline {pipeline} makes" if pipeline else "no pipeline makes"
    return f"{', '.join([first, *names[1:]])} {are} not there yet: {maker} {them}."


def _makers() -> dict[str, tuple[str, Node]]:
    """Return pipeline and node by what they make."""
    pipelines.set_requested(None)
    return {
        output: (name, node)
        for name, pipeline in pipelines.items()
        if name != DEFAULT
        for node in pipeline.nodes
        for output in node.outputs
    }


def _start(name: str, makers: Mapping[str, tuple[str, Node]], catalog: DataCatalog) -> str | None:
    """Return the step to begin with so that a dataset in memory is made from what is on disk."""
    if name not in makers:
        return None
    node = makers[name][1]
    before = (
        _start(other, makers, catalog)
        for other in _inputs(node)
        if _in_memory(catalog[other]) and other in makers
    )
    return next(before, node.short_name)


def _inputs(node: Node) -> Iterator[str]:
    return (name for name in node.inputs if not is_parameter(name))
