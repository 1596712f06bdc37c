import shutil
from pathlib import Path
from typing import Any

import pytest
from kedro.config import OmegaConfigLoader

from bank_spark_dl.errors import ParameterError
from bank_spark_dl.parameters import check_parameters
from bank_spark_dl.parameters.dotted_names import get_value, set_value
from bank_spark_dl.parameters.searched_environment import check_free, write_searched
from bank_spark_dl.settings import CONFIG_LOADER_ARGS

CONF = Path(__file__).parents[2] / "conf"
VALUES = {
    "model.layers.*.units": 24,
    "elephas.optimizer.learning_rate": 0.002,
    "elephas.batch_size": 32,
    "features.piecewise_linear": {"bins": 7},
}


@pytest.fixture
def conf(tmp_path: Path) -> Path:
    return Path(shutil.copytree(CONF, tmp_path / "conf"))


def merged(conf: Path, env: str) -> dict[str, Any]:
    loader = OmegaConfigLoader(str(conf), env=env, **CONFIG_LOADER_ARGS)
    parameters: dict[str, Any] = loader["parameters"]
    check_parameters(parameters)
    return parameters


def content(folder: Path) -> dict[str, str]:
    return {str(file.relative_to(folder)): file.read_text() for file in folder.rglob("*.*")}


@pytest.mark.parametrize("env", ["base", "test", "tuned", "realistic", "uci", "uci_campaign"])
def test_the_copy_differs_in_the_values_only(env: str, conf: Path) -> None:
    expected, before = merged(conf, env), content(conf / env)
    folder = conf / f"{env}_searched"
    source = None if env == "base" else conf / env
    write_searched(source, folder, expected, VALUES, "They are better.")
    for name, value in VALUES.items():
        assert get_value(expected, name) != value
        set_value(expected, name, value)
    found = merged(conf, f"{env}_searched")
    found["data_root"] = expected["data_root"]
    assert found == expected
    assert content(conf / env) == before
    text = (folder / "parameters.yml").read_text()
    assert text.startswith("# Written by the pipeline tuning\n# They are better.\n")
    assert [path.name for path in conf.glob(".*")] == []


def test_comments_and_other_files_stay(conf: Path) -> None:
    env = conf / "mine"
    env.mkdir()
    (env / "globals.yml").write_text("data_root: data/mine # of mine\nraw: data/01_raw/mine.csv\n")
    (env / "catalog.yml").write_text("schema: conf/mine/schema.json\n")
    (conf / "local/credentials.yml").write_text("db: {password: data/mine}")
    (env / "credentials.yml").symlink_to("../local/credentials.yml")
    (env / "parameters.yml").write_text(
        "# Mine.\nelephas:\n  epochs: 9 # not many\n  optimizer: {name: sgd, learning_rate: 0.1}\n"
    )
    parameters = merged(conf, "mine")
    values = {"elephas.optimizer.learning_rate": 0.5}
    write_searched(env, conf / "mine_searched", parameters, values, "")
    written = content(conf / "mine_searched")
    assert (conf / "mine_searched/credentials.yml").readlink() == Path("../local/credentials.yml")
    assert written["globals.yml"] == (
        "data_root: data/mine_searched # of mine\nraw: data/01_raw/mine.csv\n"
    )
    assert written["catalog.yml"] == "schema: conf/mine_searched/schema.json\n"
    assert written["parameters.yml"].endswith(
        "# Mine.\nelephas:\n  epochs: 9 # not many\n  optimizer: {name: sgd, learning_rate: 0.5}\n"
    )


def test_only_an_environment_of_a_search_is_replaced_and_only_by_force(conf: Path) -> None:
    folder = conf / "test_searched"
    check_free(folder, force=False)
    write_searched(conf / "test", folder, merged(conf, "test"), VALUES, "")
    with pytest.raises(ParameterError, match=r"test_searched is there already: .*tuning\.force=tr"):
        check_free(folder, force=False)
    check_free(folder, force=True)
    (folder / "old.yml").write_text("")
    write_searched(conf / "test", folder, merged(conf, "test"), VALUES, "")
    assert not (folder / "old.yml").exists()
    for force in (True, False):
        with pytest.raises(ParameterError, match="was not written by the pipeline tuning"):
            check_free(conf / "test", force=force)
