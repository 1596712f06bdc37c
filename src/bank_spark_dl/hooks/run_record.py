"""Record what produced the results on disk: data, parameters, versions, time per step."""

import subprocess
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from kedro.framework.hooks import hook_impl
from kedro.io import DataCatalog
from kedro.io.core import is_parameter
from kedro.pipeline import Node, Pipeline

from bank_spark_dl import __version__
from bank_spark_dl.datasets.lineage import (
    Origin,
    check_together,
    fingerprint,
    from_json,
    given,
    made,
)
from bank_spark_dl.datasets.paths import local_path, uri_of
from bank_spark_dl.errors import InputDataError
from bank_spark_dl.hooks.locking import locked
from bank_spark_dl.hooks.required_inputs import require_inputs
from bank_spark_dl.hooks.spark import SPARK_TAG
from bank_spark_dl.hooks.steps import StepHooks
from bank_spark_dl.spark.job_metrics import SparkCosts, costs_so_far

PACKAGES = ("elephas", "kedro", "keras", "numpy", "pyspark", "tensorflow")
SOURCE = "raw_source"
PLACE = "params:data_root"  # says where, not what


class RunRecordHooks(StepHooks):
    """Keep the dataset `run`, and refuse to go on from datasets that changed or of different runs.

    It is written whenever a dataset is: a run that is killed has recorded what it replaced.
    """

    def __init__(self) -> None:
        """Start with nothing."""
        super().__init__()
        self._costs: dict[str, SparkCosts] = {}  # of what was done before a step
        self._origins: dict[str, Origin] = {}
        self._run: dict[str, Any] = {}

    @hook_impl
    def before_pipeline_run(
        self, run_params: Mapping[str, Any], pipeline: Pipeline, catalog: DataCatalog
    ) -> None:
        """Check the inputs.

        Raises:
            InputDataError: One is not there, is not what its step wrote, or they do not belong
                together.
        """
        self._catalog = catalog
        self.begin_run()
        self._run = {
            "project": __version__,
            "commit": _commit(),
            "packages": {name: version(name) for name in PACKAGES},
            "environment": run_params["env"],
            "pipelines": run_params["pipeline_names"] or ["__default__"],
        }
        # Kedro skips steps whose outputs are there only after this hook.
        kept = pipeline.datasets() if run_params.get("only_missing_outputs") else pipeline.inputs()
        contents = {
            name: fingerprint(uri)
            for name in sorted(kept)
            if (uri := uri_of(catalog[name])) and not getattr(catalog[name], "READ_ONLY", False)
        }
        require_inputs(pipeline, catalog, contents)
        known = from_json(self._read()["datasets"], contents)
        check_together(known, contents)
        self._origins = {
            name: known[name]
            if name in known and known[name].content == content
            else given(content)
            for name, content in contents.items()
        }

    @hook_impl
    def after_dataset_loaded(self, dataset_name: str, data: Any) -> None:
        """Note which data are used."""
        if dataset_name == SOURCE:
            self._origins[SOURCE] = given(data["sha256"])
            self._run["data"] = data
        repaired = getattr(self._catalog[dataset_name], "repaired", None)
        if repaired:
            self._run["repaired"] = self._run.get("repaired", {}) | {dataset_name: repaired}

    def on_begin(self, node: Node, number: int) -> None:
        """Keep what Spark had done until then."""
        self._costs[node.name] = _costs(node)

    @hook_impl
    def after_dataset_saved(self, dataset_name: str, node: Node) -> None:
        """Note what was made of what, and what the step has cost.

        With lazy frames, saving is when work is done.
        """
        dataset = self._catalog[dataset_name]
        uri = None if getattr(dataset, "APPENDED", False) else uri_of(dataset)
        parameters = self._parameters(node)
        self._origins[dataset_name] = made(
            node.short_name,
            dataset_name,
            parameters,
            {name: self._origin(name) for name in node.inputs if not is_parameter(name)},
            uri and fingerprint(uri),
        )
        step = {
            "parameters": parameters,
            "commit": self._run["commit"],
            "seconds": round(self.seconds(node), 3),
            **_costs(node).since(self._costs[node.name]),
            "finished": datetime.now(UTC).isoformat(timespec="seconds"),
        }
        self._write(node.short_name, step, dataset_name, parameters)

    def _origin(self, name: str) -> Origin:
        return self._origins.get(name) or given(name)

    def _parameters(self, node: Node) -> dict[str, Any]:
        names = [name for name in node.inputs if is_parameter(name) and name != PLACE]
        return {name.removeprefix("params:"): _plain(self._catalog[name].load()) for name in names}

    def _read(self) -> dict[str, Any]:
        empty: dict[str, Any] = {"parameters": {}, "steps": {}, "datasets": {}}
        record = self._catalog["run"].load() if self._catalog.exists("run") else {}
        if not isinstance(record, dict):
            raise InputDataError(
                f"{uri_of(self._catalog['run'])} is not what a run wrote: restore it, or delete it "
                "and run everything with kedro run."
            )
        return empty | record

    def _write(
        self, name: str, step: Mapping[str, Any], output: str, parameters: Mapping[str, Any]
    ) -> None:
        """Add a step to the record; those of earlier runs stay in it until they run again."""
        with self._alone():
            before = self._read()
            record = before | self._run
            record["parameters"] = before["parameters"] | parameters
            record["seed"] = record["parameters"].get("seed")  # of the last step that drew by one
            record["steps"] = before["steps"] | {name: step}
            record["datasets"] = before["datasets"] | {output: asdict(self._origins[output])}
            self._catalog["run"].save(record)

    def _alone(self) -> AbstractContextManager[None]:
        path = local_path(self._catalog["run"])
        return nullcontext() if path is None else locked(path)


def _costs(node: Node) -> SparkCosts:
    if SPARK_TAG not in node.tags:  # such steps must not load it
        return SparkCosts()
    from bank_spark_dl.spark.session import active_spark

    session = active_spark()
    return SparkCosts() if session is None else costs_so_far(session)


def _plain(value: Any) -> Any:
    return value.model_dump() if hasattr(value, "model_dump") else value


def _commit() -> str | None:
    """Return the code's commit, with `-dirty` if files differ from it; None outside of Git."""
    command = ["git", "describe", "--always", "--dirty", "--abbrev=12", "--exclude=*"]
    try:
        tracked = ["git", "ls-files", "--error-unmatch", Path(__file__).name]
        here = Path(__file__).parent
        subprocess.run(tracked, cwd=here, check=True, capture_output=True)
        answer = subprocess.run(command, cwd=here, check=True, capture_output=True, text=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return answer.stdout.strip()
