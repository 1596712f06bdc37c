"""Check the options of `kedro run` against what there is, before anything starts."""

import os
from collections.abc import Callable, Iterable, Mapping
from inspect import isabstract
from pathlib import Path
from typing import Any

from kedro.framework.project import pipelines, settings
from kedro.pipeline import Pipeline
from kedro.runner import AbstractRunner, ParallelRunner, SequentialRunner, ThreadRunner
from kedro.utils import find_kedro_project, load_obj

from bank_spark_dl.errors import ParameterError
from bank_spark_dl.messages.diagnostics import did_you_mean

DEFAULT = "__default__"
RUNNER = "SequentialRunner"
ONE_BY_ONE = (
    "{given} would run nodes or load datasets at the same time, and nodes here change settings of "
    "the one Spark session, which gives all cores to each of them: leave it out."
)


def _nodes(pipeline: Pipeline) -> Iterable[str]:
    return (node.short_name for node in pipeline.nodes)


def _tags(pipeline: Pipeline) -> Iterable[str]:
    return (tag for node in pipeline.nodes for tag in node.tags)


def _namespaces(pipeline: Pipeline) -> Iterable[str]:
    return (node.namespace for node in pipeline.nodes if node.namespace)


# Name in Kedro's `run`: option, name in `Pipeline.filter`, what it names, which of these there are.
FILTERS: dict[str, tuple[str, str, str, Callable[[Pipeline], Iterable[str]]]] = {
    "node_names": ("--nodes", "node_names", "node", _nodes),
    "from_nodes": ("--from-nodes", "from_nodes", "node", _nodes),
    "to_nodes": ("--to-nodes", "to_nodes", "node", _nodes),
    "from_inputs": ("--from-inputs", "from_inputs", "input", Pipeline.all_inputs),
    "to_outputs": ("--to-outputs", "to_outputs", "output", Pipeline.all_outputs),
    "tags": ("--tags", "tags", "tag", _tags),
    "namespaces": ("--namespaces", "node_namespaces", "namespace", _namespaces),
}


def check_selection(options: Mapping[str, Any]) -> dict[str, list[str]]:
    """Check what `kedro run` was asked for.

    Args:
        options: The command's values by their names in Kedro's `run`.

    Returns:
        The options that choose nodes, with each node's name in full.

    Raises:
        ParameterError: A name is unknown or fits several nodes, nodes would run at the same time,
            or no node is left.
    """
    _check_environment(*configuration(options))
    _check_runner(options["runner"], options["is_async"], options["runner_params"])
    names = [options["pipeline"]] if options["pipeline"] else list(options["pipelines"])
    given = {key: list(options[key]) for key in FILTERS if options[key]}
    chosen = _check_filters(names, given) if given else {}
    if options["load_versions"]:
        pipelines.set_requested(None)
        known = {name for pipeline in pipelines.values() for name in pipeline.datasets()}
        _require_known("--load-versions", "dataset", options["load_versions"], known)
    return chosen


def refuse_threads(runner: str) -> None:
    """Raise ParameterError if a runner, by its name, runs nodes at the same time."""
    for kind in (ThreadRunner, ParallelRunner):
        if kind.__name__ in runner:
            raise ParameterError(ONE_BY_ONE.format(given=kind.__name__))


def configuration(options: Mapping[str, Any]) -> tuple[str, str | None]:
    """Return where `kedro run` reads its configuration.

    Args:
        options: As in `check_selection`.

    Returns:
        The folder, archive or address that holds the environments, and the environment, if one is
        named.
    """
    project = find_kedro_project(Path.cwd()) or Path.cwd()
    source = options["conf_source"] or str(project / settings.CONF_SOURCE)
    return source, options["env"] or os.environ.get("KEDRO_ENV")


def _check_environment(conf_source: str, env: str | None) -> None:
    source = Path(conf_source)
    if env is None or not source.is_dir() or (source / env).is_dir():
        return  # Kedro looks into archives and folders far away
    there = (folder.name for folder in source.iterdir() if folder.is_dir())
    raise ParameterError(f"There is no environment {env} in {source}: {did_you_mean(env, there)}")


def _check_runner(runner: str | None, is_async: bool, arguments: Mapping[str, Any]) -> None:
    if is_async or arguments.get("is_async"):
        raise ParameterError(ONE_BY_ONE.format(given="--async"))
    kind = _runner_class(runner or RUNNER)
    if issubclass(kind, ThreadRunner | ParallelRunner):
        raise ParameterError(ONE_BY_ONE.format(given=f"--runner={runner}"))
    unknown = [name for name in arguments if name != "is_async"]
    if kind is SequentialRunner and unknown:
        raise ParameterError(f"{RUNNER} takes no {unknown[0]}: leave --runner-params out.")


def _runner_class(name: str) -> type[AbstractRunner]:
    """Load a runner's class; what has the name and is no class that runs nodes is none either."""
    try:
        kind = load_obj(name, "kedro.runner")
    except (AttributeError, ImportError, TypeError, ValueError):
        kind = None
    if not isinstance(kind, type) or not issubclass(kind, AbstractRunner) or isabstract(kind):
        raise ParameterError(f"There is no runner {name}: leave --runner out, or name {RUNNER}.")
    return kind


def _check_filters(names: list[str], given: Mapping[str, list[str]]) -> dict[str, list[str]]:
    pipelines.set_requested(names or None)
    asked = sum((pipelines[name] for name in names or [DEFAULT]), Pipeline([]))
    chosen = {key: _known_names(key, wanted, asked) for key, wanted in given.items()}
    try:
        asked.filter(**{FILTERS[key][1]: wanted for key, wanted in chosen.items()})
    except ValueError as error:
        options = " and ".join(f"{FILTERS[key][0]}={','.join(w)}" for key, w in given.items())
        raise ParameterError(f"No node is left to run: none fits {options}.") from error
    return chosen


def _known_names(key: str, wanted: list[str], asked: Pipeline) -> list[str]:
    """Return names as Kedro's filters know them: those of nodes in full."""
    option, _, kind, known = FILTERS[key]
    names = [_short(name) for name in wanted] if kind == "node" else wanted
    for name in set(names) - set(known(asked)):
        _refuse_elsewhere(option, kind, name, known)
    _require_known(option, kind, names, known(asked))
    return [_full(option, name, asked) for name in wanted] if kind == "node" else wanted


def _short(name: str) -> str:
    """Return `train_network` for `modeling.train_network`."""
    return name.rpartition(".")[2]


def _full(option: str, name: str, asked: Pipeline) -> str:
    """Return `modeling.train_network` for `train_network`."""
    fitting = [node.name for node in asked.nodes if node.short_name == _short(name)]
    if name != _short(name):
        _require_known(option, "node", [name], fitting)
        return name
    if len(fitting) > 1:
        raise ParameterError(
            f"{option}: {name} is the name of several nodes: give one of {', '.join(fitting)}."
        )
    return fitting[0]


def _refuse_elsewhere(
    option: str, kind: str, name: str, known: Callable[[Pipeline], Iterable[str]]
) -> None:
    pipelines.set_requested(None)
    having = [key for key, other in pipelines.items() if key != DEFAULT and name in known(other)]
    if having:
        raise ParameterError(
            f"{option}: the {kind} {name} belongs to the pipeline {having[0]}, which is not "
            f"asked for: add it to --pipelines."
        )


def _require_known(option: str, kind: str, wanted: Iterable[str], known: Iterable[str]) -> None:
    there = set(known)
    for name in wanted:
        if name not in there:
            raise ParameterError(
                f"{option}: there is no {kind} {name}: {did_you_mean(name, there)}"
            )
