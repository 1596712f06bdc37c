"""Record what each dataset was made from, and refuse to mix outputs of different runs."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

import fsspec  # type: ignore[import-untyped]

from bank_spark_dl.errors import InputDataError
from bank_spark_dl.ml.raw_source import RawSource

INTERRUPTED = "interrupted"
DIGITS = 16  # of a SHA-256, in hex: 64 bits tell the runs of a folder apart


@dataclass(frozen=True)
class Origin:
    """How a dataset was made.

    Attributes:
        step: Name of the node that wrote it; None if no node is known to have written it.
        recipe: Hash of the step, its parameters and the recipes of its inputs. The same recipe
            makes the same content.
        content: Fingerprint of what was written; None for a dataset in memory.
        made_from: Recipes of all steps and datasets before it, by name.
    """

    step: str | None
    recipe: str
    content: str | None
    made_from: dict[str, str]


@dataclass(frozen=True)
class StepRecord:
    """How a step ran last.

    Attributes:
        parameters: What it was given, by name.
        commit: The code's commit, with `-dirty` if files differ from it; None outside of Git.
        seconds: From its first load to its last save.
        jobs: Spark jobs.
        bytes_read: Bytes that Spark's tasks read from files and from persisted rows.
        finished: Time in UTC, ISO 8601.
    """

    parameters: dict[str, Any]
    commit: str | None
    seconds: float
    jobs: int
    bytes_read: int
    finished: str


@dataclass(frozen=True)
class RunRecord:
    """What produced the results on disk: the last run, and every step and dataset before it.

    Attributes:
        project: Version of this project.
        commit: Commit of the last run, see StepRecord.
        packages: Versions by package.
        environment: Kedro's environment; None for `local`.
        pipelines: Names of the last run's pipelines.
        data: The raw table, if a step has read it.
        repaired: By dataset and column, how many values had whitespace around them.
        parameters: Those of all steps, by name; of the step that ran last.
        seed: The parameter of this name.
        steps: By name.
        datasets: How each came to be, by name.
    """

    project: str
    commit: str | None
    packages: dict[str, str]
    environment: str | None
    pipelines: list[str]
    data: RawSource | None = None
    repaired: dict[str, dict[str, int]] = field(default_factory=dict)
    parameters: dict[str, Any] = field(default_factory=dict)
    seed: int | None = None
    steps: dict[str, StepRecord] = field(default_factory=dict)
    datasets: dict[str, Origin] = field(default_factory=dict)


def given(content: Any) -> Origin:
    """Return the origin of a dataset that no step has written.

    Args:
        content: JSON values that identify it.
    """
    return Origin(None, digest(content), None, {})


def made(
    step: str,
    output: str,
    parameters: Mapping[str, Any],
    inputs: Mapping[str, Origin],
    content: str | None,
) -> Origin:
    """Return the origin of a step's output.

    Args:
        step: The node's name.
        output: The dataset's name.
        parameters: What the node was given, JSON values by name.
        inputs: Origin of each of its inputs, by name.
        content: Fingerprint of what was written.
    """
    direct = {name: origin.recipe for name, origin in inputs.items()}
    before: dict[str, str] = {}
    for origin in inputs.values():
        before |= origin.made_from
    run = digest([step, dict(parameters), direct])  # of the step: the same for all its outputs
    before |= direct | {f"step {step}": run}
    return Origin(step, digest([run, output]), content, dict(sorted(before.items())))


def check_together(origins: Mapping[str, Origin], contents: Mapping[str, str | None]) -> None:
    """Refuse datasets of different runs; those of unknown origin are accepted.

    Args:
        origins: By name of dataset, where the origin is known.
        contents: Fingerprint of what lies there now, by name.

    Raises:
        InputDataError: A dataset is not what its step wrote, or two were made from different
            versions of a third; the message names them.
    """
    for name, origin in origins.items():
        if None not in (contents[name], origin.content) and contents[name] != origin.content:
            raise InputDataError(
                f"{name} is not what the step {origin.step} wrote: it was changed since, or a run "
                "replaced it and was stopped before it could record that. Run the pipeline that "
                "makes it again, or all with kedro run."
            )
    for (first, one), (second, other) in combinations(origins.items(), 2):
        mine = one.made_from | {first: one.recipe}
        theirs = other.made_from | {second: other.recipe}
        differing = sorted(key for key in mine.keys() & theirs if mine[key] != theirs[key])
        if differing:
            raise InputDataError(
                f"{first} and {second} do not belong together: they come from runs with different "
                f"{', '.join(differing)}. Run the pipelines that make them again, or all with "
                "kedro run."
            )


def fingerprint(uri: str) -> str | None:
    """Hash what lies at a path, on any file system of fsspec, without Spark.

    Parquet files are hashed by name and size: Spark gives each a unique name. All others are small
    and hashed by content.

    Args:
        uri: A file or a folder.

    Returns:
        Hex digits; None if nothing is there; INTERRUPTED if replacing it was interrupted.
    """
    system, root = fsspec.core.url_to_fs(uri)
    system.invalidate_cache()
    files = {
        path: details
        for path, details in system.find(root, detail=True).items()
        if not path.rpartition("/")[2].startswith(".")
    }
    if not files:
        folder, _, name = root.rstrip("/").rpartition("/")
        return INTERRUPTED if system.exists(f"{folder}/.{name}.old") else None
    entries = [
        [
            path.removeprefix(root),
            details["size"]
            if path.endswith(".parquet")
            else hashlib.sha256(system.cat_file(path)).hexdigest(),
        ]
        for path, details in sorted(files.items())
    ]
    return digest(entries)


def digest(content: Any) -> str:
    """Hash JSON values."""
    text = json.dumps(content, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:DIGITS]
