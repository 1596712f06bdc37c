"""The environments in conf: accepted, by pipeline, and easy to copy."""

import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from bank_spark_dl.parameters import check_parameters
from bank_spark_dl.parameters.root import PIPELINES
from parameters.raw import BASE, CONF, changed, load

# What a developer has in conf/local is nobody else's.
ENVIRONMENTS = sorted({path.parent.name for path in CONF.glob("*/*.yml")} - {"local"})
FILES = sorted((CONF / "base").glob("parameters*.yml"))


@pytest.mark.parametrize("env", ENVIRONMENTS)
def test_every_environment_is_accepted(env: str) -> None:
    assert check_parameters(load(env)).seed == 1234


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_messages_name_the_file_that_a_section_is_in(file: Path) -> None:
    for section in yaml.safe_load(file.read_text()):
        pipeline = PIPELINES.get(section)
        assert file.name == (f"parameters_{pipeline}.yml" if pipeline else "parameters.yml")


def test_parameters_of_a_pipeline_bear_its_name() -> None:
    for pipeline in PIPELINES.values():
        assert (CONF.parent / "src/bank_spark_dl/pipelines" / pipeline / "pipeline.py").is_file()


def test_realistic_is_tuned_without_duration() -> None:
    tuned, realistic = load("tuned"), load("realistic")
    assert tuned["data"].pop("purpose") == "benchmark"
    assert realistic["data"].pop("purpose") == "call_list"
    assert tuned["data"]["columns"].pop("drop") == []
    assert realistic["data"]["columns"].pop("drop") == ["duration"]
    tuned["data"]["columns"]["numeric"].remove("duration")
    assert tuned == realistic


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A project's conf whose environment `mine` is a copy of tuned."""
    shutil.copytree(CONF, tmp_path / "conf", ignore=shutil.ignore_patterns("local"))
    shutil.copytree(CONF / "tuned", tmp_path / "conf/mine")
    return tmp_path / "conf"


def test_a_copied_environment_is_the_same(copy: Path) -> None:
    assert load("mine", copy) == load("tuned")


def test_one_shared_value_can_be_changed_in_a_copy(copy: Path) -> None:
    (copy / "mine/globals.yml").write_text("tuned: {elephas: {epochs: 50}}")
    assert load("mine", copy) == changed(("elephas", "epochs"), 50, load("tuned"))


def test_a_section_can_be_written_out_in_a_copy(copy: Path) -> None:
    file = copy / "mine/parameters.yml"
    section = {"layers": [{"units": 8, "activation": "relu"}], "output_activation": "sigmoid"}
    file.write_text(file.read_text().replace("${globals:tuned.model}", str(section)))
    expected = BASE["model"] | section
    assert load("mine", copy) == changed(("model",), expected, load("tuned"))


@pytest.mark.parametrize("env", ["tuned", "realistic"])
def test_one_shared_value_can_be_changed_for_a_run(env: str) -> None:
    given: dict[str, Any] = {"elephas": {"optimizer": {"learning_rate": 0.5}}}
    expected = changed(("elephas", "optimizer", "learning_rate"), 0.5, load(env))
    assert load(env, **given) == expected
    assert load(env) != expected
