"""Run pipelines of the real project, inside the session of the tests."""

from pathlib import Path
from typing import Any

import pytest
from kedro.framework.session import KedroSession
from kedro.framework.startup import bootstrap_project

from bank_spark_dl.cli import user_mistake

ROOT = Path(__file__).parents[2]
TRAINING = ["data_processing", "feature_engineering", "modeling"]


def run(pipelines: list[str], *, to_outputs: list[str] | None = None, **parameters: Any) -> None:
    """Run pipelines as `kedro run --env=test --params=...` does."""
    bootstrap_project(ROOT)
    with KedroSession.create(project_path=ROOT, env="test", runtime_params=parameters) as session:
        session.run(pipeline_names=pipelines, to_outputs=to_outputs)


def refusal(pipelines: list[str], **parameters: Any) -> str:
    """Run what must be refused, and return what a user reads."""
    with pytest.raises(Exception) as caught:  # noqa: PT011 (user_mistake says which)
        run(pipelines, **parameters)
    said = user_mistake(caught.value)
    assert said is not None, f"a traceback: {caught.value!r}"
    return said
