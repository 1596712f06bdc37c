"""Log which step of a run is at work."""

import logging

from kedro.framework.hooks import hook_impl
from kedro.pipeline import Node, Pipeline

from bank_spark_dl.hooks.steps import StepHooks

logger = logging.getLogger(__name__)


class ProgressHooks(StepHooks):
    """Log which step runs, and when it saved each of its outputs."""

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
        logger.info("Step %d of %d: %s", number, self._steps, node.short_name)

    @hook_impl
    def after_dataset_saved(self, dataset_name: str, node: Node) -> None:
        """Name the output: with lazy frames, saving is when the work is done."""
        logger.info("  %s (%.1f s)", dataset_name, self.seconds(node))
