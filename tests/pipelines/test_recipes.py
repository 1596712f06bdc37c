"""What a step's parameters are: its recipe, and another recipe makes its results stale."""

import pytest

from bank_spark_dl.pipelines import cross_validation, modeling, reporting, scoring, worker_sweep

PIPELINES = {
    "modeling": modeling,
    "cross_validation": cross_validation,
    "worker_sweep": worker_sweep,
    "reporting": reporting,
    "scoring": scoring,
}


def parameters(pipeline: str) -> dict[str, set[str]]:
    """Names of parameters by step."""
    return {
        node.name: {name for name in node.inputs if name.startswith("params:")}
        for node in PIPELINES[pipeline].create_pipeline().nodes
    }


@pytest.mark.parametrize("pipeline", PIPELINES)
def test_how_results_are_drawn_is_no_part_of_any_other_recipe(pipeline: str) -> None:
    """A section is read by whole by steps that use all of it; none uses all of reporting."""
    for step, read in parameters(pipeline).items():
        assert "params:reporting" not in read, step


def test_only_the_threshold_depends_on_prices() -> None:
    reading = {
        step
        for step, read in parameters("modeling").items()
        if any(name.startswith("params:reporting") for name in read)
    }
    assert reading == {"choose_threshold"}


def test_drawing_a_curve_needs_its_points_only() -> None:
    assert parameters("reporting")["draw_roc_curves"] == {"params:reporting.curve_points"}
    assert parameters("scoring")["score_rows"] == {
        "params:data.columns.id",
        "params:scoring.input",
    }
