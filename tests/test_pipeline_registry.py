"""The pipelines that Kedro is told of."""

from importlib import import_module
from pathlib import Path

import pytest
from kedro.framework.startup import bootstrap_project
from kedro.pipeline import Pipeline

from bank_spark_dl.pipeline_registry import register_pipelines

ROOT = Path(__file__).parents[1]


@pytest.fixture
def registered() -> dict[str, Pipeline]:
    bootstrap_project(ROOT)
    found = register_pipelines()
    del found["__default__"]
    return found


def test_the_name_of_its_function_is_enough_to_choose_a_node(
    registered: dict[str, Pipeline],
) -> None:
    nodes = [node for pipeline in registered.values() for node in pipeline.nodes]
    names = [node.short_name for node in nodes]
    assert names == [node.func.__name__ for node in nodes]
    assert len(set(names)) == len(names)


def test_grouping_changes_no_name_of_a_dataset_or_parameter(
    registered: dict[str, Pipeline],
) -> None:
    for name, pipeline in registered.items():
        package = import_module(f"bank_spark_dl.pipelines.{name}")
        assert pipeline.datasets() == package.create_pipeline().datasets()
