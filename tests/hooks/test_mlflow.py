"""When runs are tracked, without MLflow: it is not installed where these tests run."""

import logging
from pathlib import Path
from typing import Any

import pytest
from kedro.config import OmegaConfigLoader
from kedro.io import DataCatalog, MemoryDataset
from kedro.pipeline import Pipeline

from bad_inputs.project import ROOT, refusal
from bank_spark_dl.hooks.mlflow import MlflowHooks
from bank_spark_dl.hooks.mlflow_plugin import is_on, unusable
from bank_spark_dl.settings import CONFIG_LOADER_ARGS


def loader(folder: Path, env: str | None, *files: str) -> OmegaConfigLoader:
    for name in ("base", "local", "mine"):
        (folder / name).mkdir(exist_ok=True)
    for name in files:
        (folder / name).write_text("")
    return OmegaConfigLoader(str(folder), env, base_env="base", default_run_env="local")


@pytest.mark.parametrize(
    ("env", "file", "on"),
    [
        pytest.param(None, "base/mlflow.yml", False, id="a-template-alone"),
        pytest.param("base", "base/mlflow.yml", False, id="the-template-named"),
        pytest.param("mine", "local/mlflow.yml", False, id="another-environment"),
        pytest.param("mine", "mine/mlflow.yml", True, id="the-environment"),
        pytest.param(None, "local/mlflow.yml", True, id="no-environment-named"),
    ],
)
def test_an_environment_turns_tracking_on_by_a_file_of_its_own(
    env: str | None, file: str, on: bool, tmp_path: Path
) -> None:
    assert is_on(loader(tmp_path, env, "base/mlflow.yml", file)) is on


def test_an_environment_changes_one_setting_and_keeps_the_others(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/mlflow.yml").write_text("tracking: {run: {name: first}}")
    (tmp_path / "base").symlink_to(ROOT / "conf/base")
    settings: dict[str, Any] = OmegaConfigLoader(str(tmp_path), "mine", **CONFIG_LOADER_ARGS)[
        "mlflow"
    ]
    assert settings["tracking"]["run"] == {"name": "first"}
    assert settings["tracking"]["experiment"] == {"name": "bank_spark_dl"}
    assert settings["server"]["mlflow_tracking_uri"] == "sqlite:///mlflow.db"


def test_a_project_without_mlflow_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bank_spark_dl.hooks.mlflow_plugin.find_spec", lambda _: None)
    for name in ("base", "test"):
        (tmp_path / name).mkdir()
        for file in (ROOT / "conf" / name).iterdir():
            (tmp_path / name / file.name).symlink_to(file)
    (tmp_path / "test/mlflow.yml").write_text("{}")
    monkeypatch.setattr("bank_spark_dl.spark.session.start_spark", pytest.fail)
    assert refusal(["data_processing"], conf=tmp_path, data_root=str(tmp_path / "data")) == (
        "conf/test/mlflow.yml turns tracking on, but MLflow is not installed: install it with "
        "pip install '.[mlflow]', or remove the file."
    )


def test_no_password_is_repeated() -> None:
    said = str(unusable(OSError("API request to http://me:secret@host:5000/api failed\nmore")))
    assert "http://host:5000/api failed. Correct server.mlflow_tracking_uri" in said
    assert "secret" not in said


class Gone:
    """A run, and a plugin, whose server is gone; counts what is asked of it."""

    def __init__(self) -> None:
        self.asked = 0

    def log_saved(self, *_: Any) -> None:
        self.asked += 1
        raise OSError("the server is gone")

    after_pipeline_run = log_saved


def test_a_run_goes_on_where_mlflow_fails(caplog: pytest.LogCaptureFixture) -> None:
    hooks: Any = MlflowHooks()
    run, plugin, catalog = Gone(), Gone(), DataCatalog({"metrics": MemoryDataset(1)})
    hooks._run, hooks._plugin, hooks._catalog = run, plugin, catalog
    with caplog.at_level(logging.WARNING):
        hooks.after_dataset_saved("metrics", None)
        hooks.after_dataset_saved("metrics", None)
    assert caplog.messages == ["MLflow fails, so the run goes on without it: the server is gone"]
    assert run.asked == 1  # nothing more is tried
    hooks.after_pipeline_run({}, Pipeline([]), catalog)
    assert plugin.asked == 1  # but to mark the run as finished
    hooks.after_dataset_saved("metrics", None)
    assert run.asked == 1
