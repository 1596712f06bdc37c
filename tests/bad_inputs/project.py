"""Run pipelines of the real project, or its first steps only, inside the session of the tests."""

import json
import shutil
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from kedro.config import OmegaConfigLoader
from kedro.framework.session import KedroSession
from kedro.framework.startup import bootstrap_project
from kedro.io import AbstractDataset
from pyspark.sql.types import StructType

from bad_inputs.rows import text, write
from bank_spark_dl.messages.diagnostics import user_mistake
from bank_spark_dl.ml.raw_source import RawSource
from bank_spark_dl.parameters import Parameters, check_parameters
from bank_spark_dl.pipelines.data_processing.nodes import check_rows, clean_rows

ROOT = Path(__file__).parents[2]
Rows = list[tuple[Any, ...]]


def run(
    pipelines: list[str],
    *,
    to_outputs: list[str] | None = None,
    env: str = "test",
    conf: Path = ROOT / "conf",
    **parameters: Any,
) -> None:
    """Run pipelines as `kedro run --env=... --conf-source=... --params=...` does."""
    bootstrap_project(ROOT)
    with KedroSession.create(
        project_path=ROOT, env=env, conf_source=str(conf), runtime_params=parameters
    ) as session:
        session.run(pipeline_names=pipelines, to_outputs=to_outputs)


def train(folder: Path) -> Path:
    """Train on the good rows, for what scores with it; return where the results lie."""
    run(
        ["data_processing", "feature_engineering", "modeling"],
        to_outputs=["scoring_model", "training_profile", "input_columns"],
        raw_filepath=str(write(folder / "bank.csv", text())),
        data_root=str(folder / "data"),
        elephas={"batch_size": 32, "epochs": 1},
    )
    return folder / "data"


def conf_with_schema(folder: Path, schema: StructType, ignored: list[str]) -> Path:
    """Copy the configuration, and declare another table in it."""
    conf, declared = folder / "conf", folder / "schema.json"
    shutil.copytree(ROOT / "conf", conf)
    declared.write_text(schema.json())
    catalog = conf / "base/catalog.yml"
    text = catalog.read_text().replace("conf/base/schema/bank.json", str(declared))
    catalog.write_text(text.replace("[deposit]", json.dumps(ignored)))
    return conf


def said(refused: Callable[[], object]) -> str:
    """Do what must be refused, and return what a user reads."""
    with pytest.raises(Exception) as caught:  # noqa: PT011 (user_mistake says which)
        refused()
    said = user_mistake(caught.value)
    assert said is not None, f"a traceback: {caught.value!r}"
    return said


def refusal(pipelines: list[str], **parameters: Any) -> str:
    """Run what must be refused, and return what a user reads."""
    return said(lambda: run(pipelines, **parameters))


@cache
def _config() -> OmegaConfigLoader:
    return OmegaConfigLoader(str(ROOT / "conf"), base_env="base", default_run_env="base")


@cache
def options() -> Parameters:
    """Return the base parameters."""
    return check_parameters(_config()["parameters"])


def csv_dataset(name: str, path: Path) -> Any:
    """Make a dataset that the catalog has, for another file."""
    entry = _config()["catalog"][name] | {"filepath": str(path)}
    schema = {"filepath": str(ROOT / entry["load_args"]["schema"]["filepath"])}
    entry["load_args"] = entry["load_args"] | {"schema": schema}
    return AbstractDataset.from_config(name, entry)


def clean(path: Path) -> Rows:
    """Return the clean rows that data_processing makes of a file."""
    dataset, data = csv_dataset("bank_raw", path), options().data
    try:
        checked = check_rows(dataset.load(), RawSource(str(path), "", synthetic=False), data)
        return sorted(map(tuple, clean_rows(checked, data).collect()))
    finally:
        dataset.release()
