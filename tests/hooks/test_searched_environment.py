"""The hook that writes what a search has found, without a search."""

import shutil
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from kedro.config import OmegaConfigLoader
from kedro.pipeline import Node, Pipeline

from bank_spark_dl.errors import ParameterError
from bank_spark_dl.hooks import searched_environment
from bank_spark_dl.hooks.searched_environment import SearchedEnvironmentHooks
from bank_spark_dl.settings import CONFIG_LOADER_ARGS

CONF = Path(__file__).parents[2] / "conf"
SEARCH = Pipeline([Node(lambda: None, None, "tuning")])


@pytest.fixture
def conf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Configuration with an environment of a table."""
    conf = Path(shutil.copytree(CONF, tmp_path / "conf"))
    mine = conf / "mine"
    mine.mkdir()
    (mine / "globals.yml").write_text(
        "raw_filepath: mine.csv\ndata_root: data/mine\nscores: data/mine/scores.parquet\n"
    )
    (mine / "parameters.yml").write_text("model: {members: 2}\n")
    settings = SimpleNamespace(CONFIG_LOADER_ARGS=CONFIG_LOADER_ARGS)
    monkeypatch.setattr(searched_environment, "settings", settings)
    return conf


def hooks_of(conf: Path, env: str | None, **given: Any) -> tuple[Any, OmegaConfigLoader]:
    loader = OmegaConfigLoader(str(conf), env=env, runtime_params=given, **CONFIG_LOADER_ARGS)
    hooks: Any = SearchedEnvironmentHooks()
    hooks.after_context_created(SimpleNamespace(config_loader=loader))
    return hooks, loader


def found(number: int, **parameters: Any) -> Any:
    best = SimpleNamespace(number=number, parameters=parameters)
    return SimpleNamespace(best=best, verdict="They are better.")


def test_the_best_values_and_those_of_the_run_are_written(conf: Path) -> None:
    hooks, loader = hooks_of(conf, "mine", elephas={"epochs": 5}, tuning={"trials": 3}, seed=7)
    hooks.before_pipeline_run(SEARCH)
    assert not (conf / "mine_searched").exists()
    hooks.after_dataset_saved("tuning", found(4, **{"model.members": 3}))
    assert (conf / "mine_searched/globals.yml").read_text() == (
        "raw_filepath: mine.csv\ndata_root: data/mine_searched\n"
        "scores: data/mine_searched/scores.parquet\n"
    )
    written = (conf / "mine_searched/parameters.yml").read_text()
    assert written == (
        "# Written by the pipeline tuning\n# They are better.\n"
        "model: {members: 3}\nelephas:\n  epochs: 5\nseed: 7\n"
    )
    assert loader["parameters"]["data_root"] == "data/mine"


def test_without_an_environment_that_of_base_is_searched(conf: Path) -> None:
    hooks, _ = hooks_of(conf, None)
    hooks.after_dataset_saved("tuning", found(0, **{"model.members": 3}))
    assert "members" not in (conf / "base_searched/parameters.yml").read_text()
    assert "data_root: data/base_searched" in (conf / "base_searched/globals.yml").read_text()


def test_other_pipelines_write_nothing(conf: Path) -> None:
    hooks, _ = hooks_of(conf, "mine", tuning={"force": False})
    (conf / "mine_searched").mkdir()
    hooks.before_pipeline_run(Pipeline([Node(lambda: None, None, "metrics")]))
    hooks.after_dataset_saved("metrics", None)
    assert list((conf / "mine_searched").iterdir()) == []
    with pytest.raises(ParameterError, match="mine_searched was not written by the pipeline"):
        hooks.before_pipeline_run(SEARCH)
