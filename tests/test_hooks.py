from collections.abc import Callable, Iterator

import pytest
from kedro.io import DataCatalog
from kedro.pipeline import Pipeline

from bank_spark_dl.hooks import SparkHooks

NOTHING = Pipeline([])


@pytest.mark.parametrize(
    "goes_on",
    [
        pytest.param(lambda hooks: hooks.on_pipeline_error(NOTHING, DataCatalog()), id="error"),
        pytest.param(lambda hooks: hooks.before_pipeline_run(NOTHING), id="next-run-after-ctrl-c"),
    ],
)
def test_a_step_that_was_left_in_the_middle_is_closed(
    goes_on: Callable[[SparkHooks], None],
) -> None:
    closed = []

    def step() -> Iterator[int]:
        try:
            yield 1
        finally:
            closed.append(True)

    hooks, yielded = SparkHooks(), step()
    hooks.after_node_run({"rows": yielded})
    next(yielded)  # and saving it fails
    assert not closed
    goes_on(hooks)
    assert closed
