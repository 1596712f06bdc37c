import logging
import time
from collections.abc import Callable, Iterator
from threading import Event
from types import SimpleNamespace
from typing import Any

import pytest
from kedro.framework.hooks import hook_impl
from kedro.framework.hooks.manager import _create_hook_manager
from kedro.io import DataCatalog
from kedro.pipeline import Node, Pipeline

from bank_spark_dl.errors import SurroundingsError
from bank_spark_dl.hooks.progress import ProgressHooks
from bank_spark_dl.hooks.spark import SparkHooks
from bank_spark_dl.spark import session as spark_module

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


class Refuses:
    @hook_impl(trylast=True)
    def before_pipeline_run(self) -> None:
        raise SurroundingsError("No")


def begin(pipeline: Pipeline, *hooks: object) -> Any:
    """Call hooks as Kedro does before a run; return what calls all others."""
    manager = _create_hook_manager()
    for hook in hooks:
        manager.register(hook)
    params = {"runner": "SequentialRunner"}
    manager.hook.before_pipeline_run(run_params=params, pipeline=pipeline, catalog=DataCatalog())
    return manager.hook


def test_a_run_that_another_hook_refuses_leaves_no_session(monkeypatch: pytest.MonkeyPatch) -> None:
    stopped: list[object] = []
    context = SimpleNamespace(master="local", uiWebUrl=None)
    session = SimpleNamespace(sparkContext=context)
    monkeypatch.setattr(spark_module, "active_spark", lambda: None)
    monkeypatch.setattr(spark_module, "start_spark", lambda _, after_java_started: session)
    monkeypatch.setattr(spark_module, "stop_spark", stopped.append)
    pipeline = Pipeline([Node(print, "a", None, tags="spark")])
    with pytest.raises(SurroundingsError, match="No"):
        begin(pipeline, Refuses(), SparkHooks())
    assert stopped == [session]


def test_keras_loads_while_spark_starts_and_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    may_end = Event()

    def load() -> None:
        said.append("begins")
        may_end.wait(10)
        said.append("ends")

    def start_and_fail(_: object, after_java_started: Callable[[], None]) -> None:
        after_java_started()
        said.append("Spark starts")
        may_end.set()
        raise SurroundingsError("No memory.")

    monkeypatch.setattr(spark_module, "active_spark", lambda: None)
    monkeypatch.setattr(spark_module, "start_spark", start_and_fail)
    monkeypatch.setattr("bank_spark_dl.distributed.load_keras", load)
    pipeline = Pipeline([Node(print, "a", None, tags=["spark", "keras"])])
    with pytest.raises(SurroundingsError, match="No memory"):
        begin(pipeline, SparkHooks())
    assert sorted(said) == ["Spark starts", "begins", "ends"]


def test_the_time_of_a_step_is_its_own(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Kedro may begin a step before the outputs of another one are saved."""
    now = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    first, second = (Node(print, name, None, name=name) for name in ("first", "second"))
    caplog.set_level(logging.INFO, "bank_spark_dl.hooks")
    hook = begin(Pipeline([first, second]), ProgressHooks())
    run = {"catalog": DataCatalog(), "inputs": {}, "is_async": False, "run_id": "1"}
    hook.before_node_run(node=first, **run)
    now[0] += 3
    hook.before_node_run(node=second, **run)
    hook.after_dataset_saved(dataset_name="a", data=1, node=first)
    assert caplog.messages[:2] == ["Step 1 of 2: first", "Step 2 of 2: second"]
    assert caplog.messages[2] == "  a (3.0 s)"
