"""Track runs with MLflow where an environment asks for it."""

import atexit
import logging
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from kedro.framework.context import KedroContext
from kedro.framework.hooks import hook_impl
from kedro.io import DataCatalog
from kedro.pipeline import Pipeline

from bank_spark_dl.hooks.mlflow_plugin import is_on, reason_of, set_up, unusable
from bank_spark_dl.hooks.tracked_run import TrackedRun

logger = logging.getLogger(__name__)
RECORD = "run"


class MlflowHooks:
    """Track runs whose environment has a `mlflow.yml` of its own; others import nothing of MLflow.

    The plugin kedro-mlflow reads that file, starts the run in MLflow and ends it. What is written
    in between is this project's. Where MLflow fails, the record ends and the run goes on.
    """

    def __init__(self) -> None:
        """Start without a run."""
        self._plugin: Any = None
        self._parameters: Mapping[str, Any] = {}
        self._run: TrackedRun | None = None
        self._failed = False  # MLflow, in this run
        self._catalog = DataCatalog()

    @hook_impl(trylast=True)
    def after_context_created(self, context: KedroContext) -> None:
        """Set the plugin up, once the parameters are known to be right.

        Raises:
            ParameterError: The plugin is not installed, or does not take what `mlflow.yml` says.
            SurroundingsError: MLflow's store cannot be used.
        """
        self._end_interrupted()
        self._plugin = None
        if is_on(context.config_loader):
            self._plugin = set_up(context)
            self._parameters = context.config_loader["parameters"]

    @hook_impl
    def before_pipeline_run(
        self, run_params: Mapping[str, Any], pipeline: Pipeline, catalog: DataCatalog
    ) -> None:
        """Start the run in MLflow and log its parameters.

        Raises:
            SurroundingsError: MLflow's store cannot be used.
        """
        if self._plugin is None:
            return
        import mlflow

        try:
            self._plugin.before_pipeline_run(run_params, pipeline, catalog)
            if self._plugin.run_id is not None:
                self._catalog = catalog
                self._run, self._failed = TrackedRun(mlflow, self._plugin.run_id), False
                self._run.log_parameters(self._parameters)
        except Exception as error:
            raise unusable(error) from error
        atexit.register(self._end_interrupted)  # before MLflow calls the run finished

    @hook_impl(wrapper=True, specname="before_pipeline_run")
    def fail_if_refused(
        self, run_params: Mapping[str, Any], pipeline: Pipeline, catalog: DataCatalog
    ) -> Generator[None, Any, Any]:
        """Mark the run as failed where another hook refuses it: Kedro calls no hook then."""
        try:
            return (yield)
        except Exception as error:
            self._fail(error, run_params, pipeline, catalog)
            raise

    @hook_impl
    def after_dataset_saved(self, dataset_name: str, data: Any) -> None:
        """Log the figures of a dataset, and its file if it belongs to the reports."""
        if self._run is not None and not self._failed:
            with self._if_possible():
                self._run.log_saved(dataset_name, data, self._catalog[dataset_name])

    @hook_impl
    def after_pipeline_run(
        self, run_params: Mapping[str, Any], pipeline: Pipeline, catalog: DataCatalog
    ) -> None:
        """Log the lineage and mark the run as finished."""
        if self._plugin is not None:
            self._log_lineage()
            with self._if_possible():
                self._plugin.after_pipeline_run(run_params, pipeline, catalog)
            self._run = None

    @hook_impl
    def on_pipeline_error(
        self,
        error: Exception,
        run_params: Mapping[str, Any],
        pipeline: Pipeline,
        catalog: DataCatalog,
    ) -> None:
        """Log the lineage and mark the run as failed."""
        self._log_lineage()
        self._fail(error, run_params, pipeline, catalog)

    def _end_interrupted(self) -> None:
        """Mark a run as killed that Ctrl-C ended: Kedro calls no hook then."""
        if self._run is not None:
            import mlflow

            self._run = None
            with self._if_possible():
                mlflow.end_run("KILLED")

    def _log_lineage(self) -> None:
        if self._run is None or self._failed:
            return
        if RECORD in self._catalog and self._catalog[RECORD].exists():
            with self._if_possible():
                self._run.log_file(self._catalog[RECORD])

    def _fail(
        self,
        error: Exception,
        run_params: Mapping[str, Any],
        pipeline: Pipeline,
        catalog: DataCatalog,
    ) -> None:
        if self._run is not None:
            with self._if_possible():
                self._plugin.on_pipeline_error(error, run_params, pipeline, catalog)
            self._run = None

    @contextmanager
    def _if_possible(self) -> Iterator[None]:
        """Go on where MLflow, its server or its storage fails, whatever they raise.

        Nothing more is logged then: each try can wait for a server that is gone.
        """
        try:
            yield
        except Exception as error:
            logger.warning("MLflow fails, so the run goes on without it: %s", reason_of(error))
            self._failed = True
