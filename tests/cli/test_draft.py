"""`kedro draft`, before it looks at a table."""

from pathlib import Path

import pytest
from click.testing import CliRunner
from kedro.framework.startup import bootstrap_project

from bank_spark_dl.cli.draft import default_name, draft, from_project

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("data/01_raw/Bank Full (2).csv.gz", "bank_full_2"),
        ("s3://bucket/churn/", "churn"),
        ("data/01_raw/*.csv", "mine"),
    ],
)
def test_an_environment_is_called_like_its_file(path: str, name: str) -> None:
    assert default_name(path) == name


def test_a_relative_path_starts_at_the_project(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert from_project("t.csv", tmp_path.parent) == f"{tmp_path.name}/t.csv"
    assert from_project("/a/t.csv", tmp_path) == "/a/t.csv"
    assert from_project("s3a://b/t.csv", tmp_path) == "s3a://b/t.csv"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["t.csv"], "Missing option '--label'"),
        (["t.csv", "--label", "y", "--env", "../x"], "--env=../x cannot be the name of a folder"),
        (["t.csv", "--label", "y", "--env", "tuned", "--force"], "was not made by kedro draft"),
        (["--label", "y"], "Name a table: either a PATH, or --dataset"),
        (["t.csv", "--dataset", "metrics", "--label", "y"], "Name a table: either a PATH, or"),
        (
            ["--dataset", "metrix", "--label", "y"],
            "has no dataset metrix, which --dataset names: did you mean metrics?",
        ),
        (["test.csv", "--label", "y"], "The environment test was not made by kedro draft"),
    ],
)
def test_a_mistake_ends_in_one_paragraph(
    arguments: list[str], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    answer = CliRunner().invoke(draft, arguments, obj=bootstrap_project(ROOT))
    assert answer.exit_code == 1
    assert said in answer.output
    assert "Traceback" not in answer.output
