"""Refuse a run that would write where it or another pipeline reads or writes."""

import os
import re
from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from itertools import combinations
from urllib.parse import urlsplit

from kedro.framework.hooks import hook_impl
from kedro.io import DataCatalog
from kedro.pipeline import Pipeline

from bank_spark_dl.datasets.paths import uri_of
from bank_spark_dl.errors import ParameterError
from bank_spark_dl.messages.diagnostics import WHOLE
from bank_spark_dl.spark.web_addresses import refuse_web

Place = tuple[str, ...]  # a file system, then the folders down to the file
PATTERN = re.compile(r"[][{}*?]")
RECORD = "run"  # every run writes it, though no node does
SYNTHETIC = "synthetic_rows"
RENAMING = {"file", "hdfs", "viewfs"}  # file systems that rename at once, or not at all


class OutputHooks:
    """Refuse a run that would write over, into or around what it reads or writes besides."""

    def __init__(self) -> None:
        """Start without a run."""
        self._written: dict[str, str] = {}

    @property
    def state(self) -> str:
        """Sentence about the datasets of the last run, for one that was interrupted."""
        copied = [path for path in self._written.values() if _scheme(path) not in RENAMING]
        if not copied:
            return WHOLE
        return (
            f" Run again before you use the results: {copied[0]} lies on a storage that copies "
            "where others rename, so that a dataset can be half of the old and half of the new."
        )

    @hook_impl
    def before_pipeline_run(self, pipeline: Pipeline, catalog: DataCatalog) -> None:
        """Compare the path of each dataset that is written with all others.

        Raises:
            ParameterError: Two of them are the same, or one lies inside the other, or Spark would
                take one for a pattern.
            InputDataError: Raw data is a web address.
        """
        written = self._written = _paths(catalog, pipeline.all_outputs() | {RECORD})
        for target, path in written.items():
            if PATTERN.search(path):
                raise ParameterError(
                    f"This run would write {target} to {path}, and Spark takes [ ] {{ }} * ? in a "
                    "path for a pattern. Choose another data_root or output."
                )
        for (one, path), (other, place) in combinations(written.items(), 2):
            if touches := relation(path, place):
                raise ParameterError(
                    f"This run would write {one} to {path} and {other} to {place}, which "
                    f"{touches}. Give one of them another path."
                )
        for source, read in _paths(catalog, pipeline.inputs() - {RECORD}).items():
            if getattr(catalog[source], "READ_ONLY", False):
                refuse_web(read)
            for target, path in written.items():
                if touches := relation(read, path):
                    raise ParameterError(
                        f"This run would read {source} from {read} and write {target} to {path}, "
                        f"which {touches}: the rows it reads would be lost or mixed with "
                        "results. Give one of them another path: raw_filepath, scoring.input, "
                        "scoring.output, scoring_stream.input, scoring_stream.output, "
                        "synthetic.path or data_root."
                    )
        _refuse_others(written, _paths(catalog, _others(pipeline, catalog)))


def relation(read: str, written: str) -> str | None:
    """Say how one path touches another.

    Args:
        read: Local path, URI or pattern of what a run reads.
        written: Local path or URI of what it writes.

    Returns:
        The end of a sentence about the written path; None where they have nothing in common.
    """
    wanted, place = _place(read), _place(written)
    if not all(
        name == pattern or fnmatchcase(name, pattern)
        for pattern, name in zip(wanted, place, strict=False)
    ):
        return None
    if len(wanted) == len(place):
        return "is the same place"
    return "lies inside it" if len(wanted) < len(place) else "holds it"


def _others(pipeline: Pipeline, catalog: DataCatalog) -> set[str]:
    """Return what only other pipelines of this project write or, of raw data, read."""
    from kedro.framework.project import pipelines  # it sets up logging where it is imported

    pipelines.set_requested(None)
    try:
        project = list(pipelines.values())
    except ImportError:
        return set()  # somebody is at work on another pipeline, which this run can do without
    made = {name for other in project for name in other.all_outputs()}
    read = {name for other in project for name in other.inputs() if name in catalog}
    raw = {name for name in read if getattr(catalog[name], "READ_ONLY", False)}
    return (made | raw) - pipeline.datasets() - {RECORD}


def _refuse_others(written: Mapping[str, str], others: Mapping[str, str]) -> None:
    """Raise ParameterError if something would be written over what other pipelines use.

    Synthetic rows are made to be read as raw data, and never replace real ones.
    """
    for target, path in written.items():
        for other, place in others.items():
            touches = relation(place, path)
            if touches and target != SYNTHETIC:
                raise ParameterError(
                    f"This run would write {target} to {path}, and {other} belongs to {place}: the "
                    f"path of {target} {touches}. Give {target} another path."
                )


def _paths(catalog: DataCatalog, names: Iterable[str]) -> dict[str, str]:
    """Return the paths of those datasets that have one, by name, in the order of the names."""
    uris = {name: uri_of(catalog[name]) for name in sorted(names) if name in catalog}
    return {name: uri for name, uri in uris.items() if uri is not None}


def _scheme(path: str) -> str:
    return _place(path)[0].partition("://")[0]


def _place(path: str) -> Place:
    """Split a path, links of a local one followed; Hadoop's and Python's names of S3 are one."""
    uri = urlsplit(path)
    if "://" not in path:
        return "file", *os.path.realpath(path).strip("/").split("/")
    scheme = "s3" if uri.scheme in {"s3a", "s3n"} else uri.scheme
    return f"{scheme}://{uri.netloc}", *uri.path.strip("/").split("/")
