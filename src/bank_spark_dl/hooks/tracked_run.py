"""Write what a run makes into its record in MLflow."""

import re
from collections.abc import Iterable, Mapping
from math import isfinite
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final

import fsspec  # type: ignore[import-untyped]
from kedro.io import AbstractDataset
from pydantic import TypeAdapter

from bank_spark_dl.datasets.paths import uri_of
from bank_spark_dl.parameters.dotted_names import flattened

if TYPE_CHECKING:
    from bank_spark_dl.pipelines.tuning.results import Trial

NOT_IN_NAMES = re.compile(r"[^\w./ -]")
STATUS: Final = {"complete": "FINISHED", "pruned": "KILLED", "failed": "FAILED"}
"""MLflow's word for the state of a tuned trial."""


class TrackedRun:
    """The record of a run in MLflow.

    Every call names the run: nodes run in another thread, and MLflow's active run is a thread's.
    """

    def __init__(self, mlflow: Any, run_id: str) -> None:
        """Write to a run that has been started.

        Args:
            mlflow: The module, imported by who knows that it is installed.
            run_id: MLflow's.
        """
        self._mlflow = mlflow
        self._id = run_id

    def log_parameters(self, parameters: Mapping[str, Any]) -> None:
        """Log all parameters by dotted name."""
        self._mlflow.log_params(flat(parameters, "."), run_id=self._id)

    def log_saved(self, name: str, data: Any, dataset: AbstractDataset[Any, Any]) -> None:
        """Log a dataset that was saved: its figures, and its file if it belongs to the reports.

        Args:
            name: Of the dataset.
            data: What was saved.
            dataset: Where it was saved.
        """
        if name == "training_history":
            for figures in data.to_dict()["rounds"]:
                step = figures.pop("round")
                self._mlflow.log_metrics(numbers(figures, "round/"), step=step, run_id=self._id)
        elif name == "metrics":
            # The baselines' are of the test rows too; MLflow shows charts in the order of names.
            self._log_figures(train=data.train, test=data.test)
            self._log_figures(test=data.baselines)
        elif name == "cv_metrics":
            self._log_figures(models=data.models, network_minus=data.network_minus)
        elif name == "tuning_trials":
            self._log_trials(data)
        if is_report(dataset):
            self.log_file(dataset)

    def log_file(self, dataset: AbstractDataset[Any, Any]) -> None:
        """Log the file of a dataset, plots in a folder of their own."""
        from bank_spark_dl.datasets import PlotlyDataset

        system, path = fsspec.core.url_to_fs(uri_of(dataset))
        with TemporaryDirectory() as folder:
            copy = Path(folder, path.rpartition("/")[2])
            system.get_file(path, str(copy))
            inside = "plots" if isinstance(dataset, PlotlyDataset) else None
            self._mlflow.log_artifact(str(copy), inside, run_id=self._id)

    def _log_figures(self, **sections: Any) -> None:
        figures: dict[str, Any] = TypeAdapter(dict[str, Any]).dump_python(sections)
        self._mlflow.log_metrics(numbers(figures), run_id=self._id)

    def _log_trials(self, trials: Iterable["Trial"]) -> None:
        """Log each trial as a run inside this one, its folds as steps."""
        for trial in trials:
            name = f"trial {trial.number}"
            with self._mlflow.start_run(run_name=name, nested=True, parent_run_id=self._id):
                self._mlflow.log_params(flat(trial.parameters, "."))
                self._mlflow.set_tags({"state": trial.state, "error": trial.error or ""})
                self._mlflow.log_metrics({"epochs": trial.epochs})
                for fold, figures in enumerate(trial.figures):
                    self._mlflow.log_metrics(numbers(figures, "fold/"), step=fold)
                self._mlflow.log_metrics(numbers(_means(trial.figures), "mean/"))
                self._mlflow.end_run(STATUS[trial.state])


def is_report(dataset: AbstractDataset[Any, Any]) -> bool:
    """Say whether a dataset lies in the layer of reports."""
    shown = (getattr(dataset, "metadata", None) or {}).get("kedro-viz", {})
    return bool(shown.get("layer") == "reporting")


def numbers(values: Mapping[str, Any], before: str = "") -> dict[str, float]:
    """Return the finite numbers in nested sections, by the path that MLflow groups charts by.

    Args:
        values: The sections.
        before: What all paths begin with.
    """
    return {
        key: value
        for key, value in flat(values, "/", before).items()
        if isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)
    }


def flat(section: Mapping[str, Any], between: str, before: str = "") -> dict[str, Any]:
    """Return one level of values from nested sections, by names that MLflow takes.

    Args:
        section: The sections.
        between: What joins the keys of a name.
        before: What all names begin with.
    """
    found = flattened(section, before, between)
    return {NOT_IN_NAMES.sub("_", name): value for name, value in found.items()}


def _means(figures: tuple[dict[str, float], ...]) -> dict[str, float]:
    """Return the mean over the folds of each figure that all of them have."""
    known = set.intersection(*map(set, figures)) if figures else set()
    return {name: sum(fold[name] for fold in figures) / len(figures) for name in sorted(known)}
