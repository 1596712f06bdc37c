"""Run pipelines of the real project, inside the session of the tests."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from kedro.framework.session import KedroSession
from kedro.framework.startup import bootstrap_project
from pyspark.sql.types import StructType

from bank_spark_dl.cli.commands import user_mistake

ROOT = Path(__file__).parents[2]
TRAINING = ["data_processing", "feature_engineering", "modeling"]


def run(
    pipelines: list[str],
    *,
    to_outputs: list[str] | None = None,
    conf: Path = ROOT / "conf",
    **parameters: Any,
) -> None:
    """Run pipelines as `kedro run --env=test --conf-source=... --params=...` does."""
    bootstrap_project(ROOT)
    with KedroSession.create(
        project_path=ROOT, env="test", conf_source=str(conf), runtime_params=parameters
    ) as session:
        session.run(pipeline_names=pipelines, to_outputs=to_outputs)


def conf_with_schema(folder: Path, schema: StructType, ignored: list[str]) -> Path:
    """Copy the configuration, and declare another table in it."""
    conf, declared = folder / "conf", folder / "schema.json"
    shutil.copytree(ROOT / "conf", conf)
    declared.write_text(schema.json())
    catalog = conf / "base/catalog.yml"
    text = catalog.read_text().replace("conf/base/schema/bank.json", str(declared))
    catalog.write_text(text.replace("[deposit]", json.dumps(ignored)))
    return conf


def refusal(pipelines: list[str], **parameters: Any) -> str:
    """Run what must be refused, and return what a user reads."""
    with pytest.raises(Exception) as caught:  # noqa: PT011 (user_mistake says which)
        run(pipelines, **parameters)
    said = user_mistake(caught.value)
    assert said is not None, f"a traceback: {caught.value!r}"
    return said
