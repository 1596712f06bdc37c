"""Notice when each step of a run begins."""

import time

from kedro.framework.hooks import hook_impl
from kedro.pipeline import Node


class StepHooks:
    """Notice when a step begins: with the first input it loads, which can be most of its work."""

    def __init__(self) -> None:
        """Start before the first step."""
        self._began: dict[str, float] = {}

    @hook_impl
    def before_dataset_loaded(self, node: Node) -> None:
        """Notice a step that loads something."""
        self._begin(node)

    @hook_impl
    def before_node_run(self, node: Node) -> None:
        """Notice a step that loads nothing."""
        self._begin(node)

    def on_begin(self, node: Node, number: int) -> None:
        """Act on it, once for each step.

        Args:
            node: The step.
            number: Steps that have begun, this one included.
        """

    def seconds(self, node: Node) -> float:
        """Return the time since a step has begun."""
        return time.monotonic() - self._began[node.name]

    def begin_run(self) -> None:
        """Forget the steps of an earlier run."""
        self._began = {}

    def _begin(self, node: Node) -> None:
        if node.name not in self._began:
            self._began[node.name] = time.monotonic()
            self.on_begin(node, len(self._began))
