import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from kedro.config import OmegaConfigLoader

from bank_spark_dl.errors import ParameterError
from bank_spark_dl.parameters import check_parameters
from bank_spark_dl.parameters.dotted_names import get_value, set_value
from bank_spark_dl.parameters.searched_environment import refuse_other, write_searched
from bank_spark_dl.settings import CONFIG_LOADER_ARGS

CONF = Path(__file__).parents[2] / "conf"
VALUES = {
    "model.layers.*.units": 24,
    "elephas.optimizer.learning_rate": 0.002,
    "elephas.batch_size": 32,
    "features.piecewise_linear": {"bins": 7, "columns": {}},
}


@pytest.fixture
def conf(tmp_path: Path) -> Path:
    return Path(shutil.copytree(CONF, tmp_path / "conf"))


def loader(conf: Path, env: str, **given: Any) -> OmegaConfigLoader:
    return OmegaConfigLoader(str(conf), env=env, runtime_params=given, **CONFIG_LOADER_ARGS)


def merged(conf: Path, env: str) -> dict[str, Any]:
    parameters: dict[str, Any] = loader(conf, env)["parameters"]
    check_parameters(parameters)
    return parameters


def write(conf: Path, env: str, values: Mapping[str, Any], **options: Any) -> Path:
    folder = conf / f"{env}_searched"
    given = (merged(conf, env), values, "They are better.", lambda name: merged(conf, name))
    write_searched(conf / env, folder, *given, **options)
    return folder


def content(folder: Path) -> dict[str, str]:
    return {str(file.relative_to(folder)): file.read_text() for file in folder.rglob("*.*")}


@pytest.mark.parametrize("env", ["local", "test", "tuned", "realistic", "uci", "uci_campaign"])
def test_the_copy_differs_in_the_values_and_where_results_lie(env: str, conf: Path) -> None:
    expected, before = merged(conf, env), content(conf / env)
    folder = write(conf, env, VALUES)
    for name, value in VALUES.items():
        set_value(expected, name, value)
    found = merged(conf, folder.name)
    assert found["data_root"].startswith("data/")
    assert found["data_root"].endswith("_searched")
    found["data_root"] = expected["data_root"]
    assert found == expected
    assert content(conf / env) == before
    text = (folder / "parameters.yml").read_text()
    assert text.startswith("# Written by the pipeline tuning\n# They are better.\n")
    assert list(conf.glob("searching-*")) == []


@pytest.fixture
def mine(conf: Path) -> Path:
    """An environment of a table, as somebody wrote it."""
    env = conf / "mine"
    env.mkdir()
    (env / "globals.yml").write_text(
        "raw_filepath: data/mine/rows.csv # not a result\ndata_root: data/mine # of mine\n"
        "scores: data/mine/scores.parquet\nstream_scores: data/other/scores.parquet\n"
    )
    (env / "catalog.yml").write_text("schema: conf/mine/schema.json # conf/mine2/schema.json\n")
    (env / "schema.json").write_text("{}")
    (env / "parameters.yml").write_text(
        "# Mine.\nelephas:\n  epochs: 9 # not many\n  optimizer: {name: sgd, learning_rate: 0.1}\n"
    )
    (conf / "local/credentials.yml").write_text("db: {password: data/mine}")
    (env / "credentials.yml").symlink_to("../local/credentials.yml")
    return env


def test_comments_stay_and_only_results_move(conf: Path, mine: Path) -> None:
    folder = write(conf, "mine", {"elephas.optimizer.learning_rate": 0.5})
    written = content(folder)
    assert written["globals.yml"] == (
        "raw_filepath: data/mine/rows.csv # not a result\n"
        "data_root: data/mine_searched # of mine\n"
        "scores: data/mine_searched/scores.parquet\nstream_scores: data/other/scores.parquet\n"
    )
    assert written["catalog.yml"] == (
        "schema: conf/mine_searched/schema.json # conf/mine2/schema.json\n"
    )
    assert written["parameters.yml"].endswith(
        "# Mine.\nelephas:\n  epochs: 9 # not many\n  optimizer: {name: sgd, learning_rate: 0.5}\n"
    )
    credentials = folder / "credentials.yml"
    assert credentials.readlink() == Path("../mine/credentials.yml")
    assert credentials.read_text() == "db: {password: data/mine}"


def test_a_value_goes_into_the_file_that_holds_its_section(conf: Path, mine: Path) -> None:
    (mine / "parameters_model.yml").write_text("model: {members: 2}\n")
    folder = write(conf, "mine", {"model.members": 3})
    assert (folder / "parameters_model.yml").read_text() == "model: {members: 3}\n"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("data.columns.positive", "no"),
        ("features.derived", {"b": "12:30:00"}),
        ("features.derived", {"b": "${x}"}),
        ("elephas.class_weights", {"negative": 1.0, "positive": 1.0, "yes": 2.0}),
        ("model.layers.1.units", 16),
        ("features.missing", "mean"),
        ("elephas.early_stopping", {"monitor": "val_auc", "patience": 3, "min_delta": 0.0}),
    ],
)
def test_values_are_read_as_they_were_searched(
    name: str, value: Any, conf: Path, mine: Path
) -> None:
    with (mine / "parameters.yml").open("a") as file:
        file.write("model:\n  layers: [&h {units: 8, activation: relu}, *h]\n")
        if "class_weights" in name:
            file.write("data: {columns: {positive: null}}\n")
    folder = write(conf, "mine", {name: value})
    found = merged(conf, folder.name)
    assert get_value(found, name) == value
    if "layers" in name:
        assert found["model"]["layers"][0]["units"] == 8


def test_a_file_of_comments_keeps_them(conf: Path, mine: Path) -> None:
    (mine / "parameters.yml").write_text("# Nothing yet.\n")
    folder = write(conf, "mine", {"elephas.epochs": 3})
    assert "# Nothing yet.\nelephas:\n  epochs: 3\n" in (folder / "parameters.yml").read_text()


def test_a_copy_that_would_train_something_else_is_refused(conf: Path, mine: Path) -> None:
    """Here the run had 5 epochs, and the values that are to be written do not say so."""
    given = loader(conf, "mine", elephas={"epochs": 5})["parameters"]
    with pytest.raises(ParameterError, match="mine_searched cannot be written: elephas would be"):
        write_searched(mine, conf / "mine_searched", given, {}, "", lambda name: merged(conf, name))
    assert not (conf / "mine_searched").exists()
    assert list(conf.glob("searching-*")) == []


def test_only_an_environment_of_a_search_is_replaced_and_only_by_force(conf: Path) -> None:
    folder = conf / "test_searched"
    refuse_other(folder, force=False)
    write(conf, "test", VALUES, keep=False)
    assert not folder.exists()
    write(conf, "test", VALUES)
    with pytest.raises(ParameterError, match=r"test_searched is there already: .*tuning\.force=tr"):
        refuse_other(folder, force=False)
    refuse_other(folder, force=True)
    (folder / "old.yml").write_text("")
    write(conf, "test", VALUES)
    assert not (folder / "old.yml").exists()
    (conf / "gone_searched").symlink_to(conf / "nowhere")
    for other in (conf / "test", conf / "gone_searched"):
        for force in (True, False):
            with pytest.raises(ParameterError, match="was not written by the pipeline tuning"):
                refuse_other(other, force=force)
