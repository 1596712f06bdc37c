"""Start and stop the SparkSession of a run."""

import logging
from collections.abc import Generator, Mapping
from inspect import isgenerator
from threading import Thread
from typing import TYPE_CHECKING, Any

from kedro.framework.context import KedroContext
from kedro.framework.hooks import hook_impl
from kedro.io import DataCatalog
from kedro.pipeline import Node, Pipeline

from bank_spark_dl.spark.project_session import keep_settings

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

logger = logging.getLogger(__name__)
SPARK_TAG = "spark"
KERAS_TAG = "keras"


class SparkHooks:
    """Own the SparkSession of a run: start it for nodes tagged `spark`, stop it at the end.

    Where nodes are tagged `keras` too, TensorFlow loads in the background while Spark starts.
    """

    def __init__(self) -> None:
        """Start without a session."""
        self._settings: Mapping[str, object] = {}
        self._session: SparkSession | None = None
        self._loading: Thread | None = None
        self._generators: list[Generator[Any, Any, Any]] = []

    @hook_impl
    def after_context_created(self, context: KedroContext) -> None:
        """Keep the settings of `spark.yml`; most commands need no Spark."""
        self._settings = context.config_loader["spark"]
        keep_settings(self._settings)

    @hook_impl
    def before_pipeline_run(self, pipeline: Pipeline) -> None:
        """Start Spark if a node needs it and no session is there."""
        self._close_generators()  # of a run that Ctrl-C ended
        if not any(SPARK_TAG in node.tags for node in pipeline.nodes):
            return
        from bank_spark_dl.spark.session import active_spark, start_spark

        if active_spark() is None:
            logger.info("Starting Spark")
            trains = any(KERAS_TAG in node.tags for node in pipeline.nodes)
            load = self._load_keras if trains else lambda: None
            self._session = start_spark(self._settings, after_java_started=load)
            context = self._session.sparkContext
            logger.info("Spark runs (%s); Spark UI: %s", context.master, context.uiWebUrl)
            if trains:
                from bank_spark_dl.distributed import prewarm

                prewarm(self._session)

    @hook_impl(wrapper=True, specname="before_pipeline_run")
    def stop_if_refused(self) -> Generator[None, Any, Any]:
        """Stop the session where another hook refuses the run: Kedro calls no hook then."""
        before = self._session
        try:
            return (yield)
        except BaseException:
            if before is None:
                self._stop()
            raise

    @hook_impl
    def before_node_run(self, node: Node) -> None:
        """Leave the terminal's last line to the progress bar of trainings."""
        if self._session is not None and KERAS_TAG in node.tags:
            from bank_spark_dl.spark.console_progress import stop_console_progress

            stop_console_progress(self._session)

    @hook_impl
    def after_node_run(self, outputs: Mapping[str, Any]) -> None:
        """Keep generators to close them: a failing save leaves them suspended."""
        self._generators += filter(isgenerator, outputs.values())

    @hook_impl
    def after_pipeline_run(self, pipeline: Pipeline, catalog: DataCatalog) -> None:
        """Stop the session that this hook made, or leave another as it was."""
        self._end(pipeline, catalog)

    @hook_impl
    def on_pipeline_error(self, pipeline: Pipeline, catalog: DataCatalog) -> None:
        """Stop the session that this hook made, or leave another as it was."""
        self._end(pipeline, catalog)

    def _load_keras(self) -> None:
        """Import TensorFlow in the background, while Spark starts."""
        from bank_spark_dl.distributed import load_keras

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
            from bank_spark_dl.spark.session import stop_spark

            stop_spark(self._session)
            self._session = None
