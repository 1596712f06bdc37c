"""Record what produced the results on disk: data, parameters, versions, time per step."""

import subprocess
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import replace
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
    RunRecord,
    StepRecord,
    check_together,
    fingerprint,
    given,
    made,
)
from bank_spark_dl.datasets.paths import local_path, uri_of
from bank_spark_dl.hooks.locking import locked
from bank_spark_dl.hooks.required_inputs import require_inputs
from bank_spark_dl.hooks.spark import SPARK_TAG
from bank_spark_dl.hooks.steps import StepHooks
from bank_spark_dl.spark.job_metrics import SparkCosts, costs_so_far

PACKAGES = ("elephas", "kedro", "keras", "numpy", "pyspark", "tensorflow")
SOURCE = "raw_source"
PLACE = "params:data_root"  # says where, not what


class RunRecordHooks(StepHooks):
    """Record runs in the dataset `run`, and refuse inputs that changed or are of different runs.

    The record is saved whenever a dataset is: a run that is killed has recorded what it replaced.
    """

    def __init__(self) -> None:
        """Start without a run."""
        super().__init__()
        self._costs: dict[str, SparkCosts] = {}  # of the session before each step
        self._origins: dict[str, Origin] = {}

    @hook_impl
    def before_pipeline_run(
        self, run_params: Mapping[str, Any], pipeline: Pipeline, catalog: DataCatalog
    ) -> None:
        """Check the inputs.

        Raises:
            InputDataError: An input is missing, is not what its step wrote, or two inputs are of
                different runs.
        """
        self._catalog = catalog
        self.begin_run()
        self._run = RunRecord(
            project=__version__,
            commit=_commit(),
            packages={name: version(name) for name in PACKAGES},
            environment=run_params["env"],
            pipelines=run_params["pipeline_names"] or ["__default__"],
        )
        # Kedro skips steps whose outputs are there only after this hook.
        kept = pipeline.datasets() if run_params.get("only_missing_outputs") else pipeline.inputs()
        contents = {
            name: fingerprint(uri)
            for name in sorted(kept)
            if (uri := uri_of(catalog[name])) and not getattr(catalog[name], "READ_ONLY", False)
        }
        require_inputs(pipeline, catalog, contents)
        recorded = self._read().datasets
        known = {name: recorded[name] for name in contents if name in recorded}
        check_together(known, contents)
        unknown = {name: given(content) for name, content in contents.items()}
        self._origins = unknown | {
            name: origin for name, origin in known.items() if origin.content == contents[name]
        }

    @hook_impl
    def after_dataset_loaded(self, dataset_name: str, data: Any) -> None:
        """Note the raw table, and values whose whitespace was removed."""
        if dataset_name == SOURCE:
            self._origins[SOURCE] = given(data.sha256)
            self._run = replace(self._run, data=data)
        if repaired := getattr(self._catalog[dataset_name], "repaired", None):
            self._run.repaired[dataset_name] = repaired

    def on_begin(self, node: Node, number: int) -> None:
        """Note the costs of the Spark session before the step."""
        self._costs[node.name] = _costs(node)

    @hook_impl
    def after_dataset_saved(self, dataset_name: str, node: Node) -> None:
        """Record the origin of the dataset, and the costs of its step until now.

        Lazy frames are computed when they are saved.
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
        step = StepRecord(
            parameters=parameters,
            commit=self._run.commit,
            seconds=round(self.seconds(node), 3),
            **_costs(node).since(self._costs[node.name]),
            finished=datetime.now(UTC).isoformat(timespec="seconds"),
        )
        self._save(node.short_name, step, dataset_name)

    def _origin(self, name: str) -> Origin:
        return self._origins.get(name) or given(name)

    def _parameters(self, node: Node) -> dict[str, Any]:
        names = [name for name in node.inputs if is_parameter(name) and name != PLACE]
        return {name.removeprefix("params:"): _plain(self._catalog[name].load()) for name in names}

    def _read(self) -> RunRecord:
        dataset = self._catalog["run"]
        record: RunRecord = dataset.load() if dataset.exists() else self._run
        return record

    def _save(self, name: str, step: StepRecord, output: str) -> None:
        """Add a step to the record; those of earlier runs stay in it until they run again."""
        path = local_path(self._catalog["run"])
        with nullcontext() if path is None else locked(path):
            before = self._read()
            parameters = before.parameters | step.parameters
            record = replace(
                self._run,
                data=self._run.data or before.data,
                repaired=self._run.repaired or before.repaired,
                parameters=parameters,
                seed=parameters.get("seed"),
                steps=before.steps | {name: step},
                datasets=before.datasets | {output: self._origins[output]},
            )
            self._catalog["run"].save(record)


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
