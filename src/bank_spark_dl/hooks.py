"""What happens around a run: check parameters, start and stop Spark, show the results."""

import logging
import os
from collections.abc import Generator, Mapping
from inspect import isgenerator
from threading import Thread
from typing import TYPE_CHECKING, Any

from kedro.framework.context import KedroContext
from kedro.framework.hooks import hook_impl
from kedro.io import AbstractDataset, DataCatalog
from kedro.pipeline import Node, Pipeline

from bank_spark_dl.location import local_path, uri_of
from bank_spark_dl.params import check_parameters
from bank_spark_dl.selection import refuse_threads
from bank_spark_dl.sessions import keep_settings
from bank_spark_dl.steps import StepHooks

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

logger = logging.getLogger(__name__)
SPARK_TAG = "spark"
KERAS_TAG = "keras"
# Files named at the end of a run.
SHOWN = (
    "report",
    "model_card",
    "metrics",
    "scoring_model",
    "cv_metrics",
    "worker_sweep",
    "scores",
    "drift",
    "stream_scores",
    "synthetic_rows",
)


class ParameterHooks:
    """Check all of `parameters.yml` before anything else is built, and how nodes are to run."""

    @hook_impl
    def after_context_created(self, context: KedroContext) -> None:
        """Refuse unknown, missing and wrong parameters in one message."""
        check_parameters(context.config_loader["parameters"])

    @hook_impl(tryfirst=True)
    def before_pipeline_run(self, run_params: Mapping[str, Any]) -> None:
        """Refuse runners that would let nodes change the session's settings at the same time."""
        refuse_threads(str(run_params.get("runner")))


class SparkHooks:
    """Own the SparkSession of a run: start it for nodes tagged `spark`, stop it at the end.

    Where nodes are tagged `keras` too, TensorFlow loads in the background from the start.
    """

    def __init__(self) -> None:
        """Start without a session."""
        self._settings: Mapping[str, object] = {}
        self._session: SparkSession | None = None
        self._loading: Thread | None = None
        self._generators: list[Generator[Any, Any, Any]] = []

    @hook_impl
    def after_context_created(self, context: KedroContext) -> None:
        """Keep the settings of `spark.yml` for later: most commands need no Spark."""
        self._settings = context.config_loader["spark"]
        keep_settings(self._settings)

    @hook_impl
    def before_pipeline_run(self, pipeline: Pipeline) -> None:
        """Start Spark if a node needs it and no session is there."""
        self._close_generators()  # of a run that Ctrl-C ended
        if not any(SPARK_TAG in node.tags for node in pipeline.nodes):
            return
        from bank_spark_dl.spark import active_spark, start_spark

        if active_spark() is None:
            logger.info("Starting Spark")
            self._session = start_spark(self._settings)
            context = self._session.sparkContext
            logger.info("Spark runs (%s); its own pages: %s", context.master, context.uiWebUrl)
            if any(KERAS_TAG in node.tags for node in pipeline.nodes):
                self._load_keras_meanwhile(self._session)

    @hook_impl(wrapper=True, specname="before_pipeline_run")
    def stop_if_refused(self) -> Generator[None, Any, Any]:
        """Stop the session where the run does not begin: Kedro tells nobody."""
        before = self._session
        try:
            return (yield)
        except BaseException:
            if before is None:
                self._stop()
            raise

    @hook_impl
    def after_node_run(self, outputs: Mapping[str, Any]) -> None:
        """Note generators: a dataset that fails to save what one yields leaves it in the middle."""
        self._generators += filter(isgenerator, outputs.values())

    @hook_impl
    def after_pipeline_run(self, pipeline: Pipeline, catalog: DataCatalog) -> None:
        """Stop the session that this hook made, or leave another as it was."""
        self._end(pipeline, catalog)

    @hook_impl
    def on_pipeline_error(self, pipeline: Pipeline, catalog: DataCatalog) -> None:
        """Stop the session that this hook made, or leave another as it was."""
        self._end(pipeline, catalog)

    def _load_keras_meanwhile(self, session: "SparkSession") -> None:
        """Import TensorFlow here and where workers train while Spark prepares the rows."""
        from bank_spark_dl.distributed import load_keras, prewarm

        prewarm(session)
        self._loading = Thread(target=load_keras, name="load keras")
        self._loading.start()

    def _close_generators(self) -> None:
        while self._generators:
            self._generators.pop().close()

    def _end(self, pipeline: Pipeline, catalog: DataCatalog) -> None:
        self._close_generators()
        if self._session is None:
            # Kedro releases what a run has made, not what it reads.
            for name in pipeline.inputs():
                if name in catalog and getattr(catalog[name], "READ_ONLY", False):
                    catalog[name].release()
        self._stop()

    def _stop(self) -> None:
        if self._loading is not None:
            self._loading.join()  # it holds the standard error back
            self._loading = None
        if self._session is not None:
            from bank_spark_dl.spark import stop_spark

            stop_spark(self._session)
            self._session = None


class ProgressHooks(StepHooks):
    """Say which step runs, and how long the last one took."""

    def __init__(self) -> None:
        """Start at no step."""
        super().__init__()
        self._steps = 0

    @hook_impl
    def before_pipeline_run(self, pipeline: Pipeline) -> None:
        """Count the steps."""
        self.begin_run()
        self._steps = len(pipeline.nodes)

    def on_begin(self, node: Node, number: int) -> None:
        """Name the step."""
        logger.info("Step %d of %d: %s", number, self._steps, node.name)

    @hook_impl
    def after_dataset_saved(self, dataset_name: str, node: Node) -> None:
        """Name what was written: with lazy frames, saving is when the work is done."""
        logger.info("  %s (%.1f s)", dataset_name, self.seconds(node))


class ResultHooks:
    """End a run that made results with a small table of them."""

    @hook_impl
    def after_pipeline_run(self, pipeline: Pipeline, catalog: DataCatalog) -> None:
        """Print the figures and where the files lie."""
        from bank_spark_dl.console import (
            print_cross_validation,
            print_drift,
            print_files,
            print_results,
        )

        made = pipeline.all_outputs()
        if "metrics" in made:
            print_results(catalog["metrics"].load())
        if "cv_metrics" in made:
            print_cross_validation(catalog["cv_metrics"].load())
        if "drift" in made:
            print_drift(catalog["drift"].load())
        print_files({name: _shown(catalog[name]) for name in SHOWN if name in made})


def _shown(dataset: AbstractDataset[Any, Any]) -> str:
    path = local_path(dataset)
    return os.path.relpath(path) if path else str(uri_of(dataset))
