"""What produced the results on disk: parameters, versions, time per step."""

import time
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any

from kedro.framework.hooks import hook_impl
from kedro.io import DataCatalog
from kedro.pipeline import Node

from bank_spark_dl import __version__

PACKAGES = ("elephas", "kedro", "keras", "numpy", "pyspark", "tensorflow")


class RunRecordHooks:
    """Keep the dataset `run`: which step ran when, for how long, with which parameters."""

    def __init__(self) -> None:
        """Start with no step."""
        self._started: dict[str, float] = {}
        self._steps: dict[str, dict[str, Any]] = {}

    @hook_impl
    def before_node_run(self, node: Node) -> None:
        """Note when the step starts."""
        self._started[node.name] = time.monotonic()

    @hook_impl
    def after_dataset_saved(self, node: Node) -> None:
        """Note how long the step has taken: with lazy frames, saving is when work is done."""
        self._steps[node.name] = {
            "seconds": round(time.monotonic() - self._started[node.name], 3),
            "finished": datetime.now(UTC).isoformat(timespec="seconds"),
        }

    @hook_impl
    def after_pipeline_run(self, run_params: Mapping[str, Any], catalog: DataCatalog) -> None:
        """Write the record; steps of earlier runs stay in it until they run again."""
        before = catalog["run"].load() if catalog.exists("run") else {"steps": {}}
        record = {
            "project": __version__,
            "packages": {name: version(name) for name in PACKAGES},
            "environment": run_params["env"],
            "pipelines": run_params["pipeline_names"] or ["__default__"],
            "parameters": _plain(catalog["parameters"].load()),
            "steps": before["steps"] | self._steps,
        }
        catalog["run"].save(record)


def _plain(parameters: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: value.model_dump() if hasattr(value, "model_dump") else value
        for name, value in parameters.items()
    }
