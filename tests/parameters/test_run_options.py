"""Mistyped names on the command line of `kedro run`."""

import signal
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner
from kedro.framework.project import pipelines
from kedro.framework.startup import bootstrap_project
from kedro.pipeline import Node, Pipeline
from kedro.runner import SequentialRunner
from pyspark.sql import SparkSession

from bad_inputs.project import refusal
from bank_spark_dl.cli import commands
from bank_spark_dl.cli.commands import run as command
from bank_spark_dl.messages.diagnostics import user_mistake
from bank_spark_dl.parameters.run_options import DEFAULT

ROOT = Path(__file__).parents[2]
Say = Callable[..., str]


@pytest.fixture
def say(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Say:
    """Return a function that gives `kedro run` options that it must refuse, and what it says."""
    monkeypatch.chdir(ROOT)
    monkeypatch.delenv("KEDRO_ENV", raising=False)
    monkeypatch.setattr(sys, "unraisablehook", sys.unraisablehook)  # the command sets its own
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    monkeypatch.setattr(commands, "launch_early", lambda _: None)  # this process has its own Java
    bootstrap_project(ROOT)

    def say(*options: str) -> str:
        given = ["--env=test", f"--params=data_root={tmp_path}", *options]
        result = CliRunner().invoke(command, given)
        assert result.exit_code == 1
        assert "Traceback" not in result.output
        return result.output.replace("\n", " ")

    return say


@pytest.mark.parametrize(
    ("option", "sentence"),
    [
        ("--nodes=predict_rws", "there is no node predict_rws: did you mean predict_rows?"),
        ("--from-nodes=trainnetwork", "no node trainnetwork: did you mean train_network?"),
        ("--to-nodes=write_reprot", "no node write_reprot: did you mean write_report?"),
        ("--from-inputs=train_row", "there is no input train_row: did you mean train_rows?"),
        ("--to-outputs=reprot", "there is no output reprot: did you mean report?"),
        ("--to-outputs=bank_raw", "there is no output bank_raw: did you mean bank_clean?"),
        ("--tags=kears", "there is no tag kears: did you mean keras?"),
        ("--nodes=modeling.clean_rows", "did you mean data_processing.clean_rows?"),
        ("--namespaces=modelling", "no namespace modelling: did you mean modeling?"),
        ("--runner=SeqentialRunner", "There is no runner SeqentialRunner: leave --runner out"),
        ("--runner=no.such.Runner", "There is no runner no.such.Runner: leave --runner out"),
        ("--runner=os.path.join", "There is no runner os.path.join: leave --runner out"),
        ("--runner=json.JSONDecoder", "There is no runner json.JSONDecoder: leave --runner out"),
        ("--runner=AbstractRunner", "There is no runner AbstractRunner: leave --runner out"),
        ("--runner=..Runner", "There is no runner ..Runner: leave --runner out"),
        ("--runner-params=workers=2", "SequentialRunner takes no workers: leave"),
        ("--env=tst", "There is no environment tst in "),
        ("--env=tst", ": did you mean test?"),
        ("--conf-source=no/such", "'no/such' does not exist"),
        ("--config=no.yml", "'no.yml' does not exist"),
        ("--load-versions=metrcs:2020-01-01", "no dataset metrcs: did you mean metrics?"),
        ("--load-versions=metrics", "'dataset_name:YYYY-MM-DDThh.mm.ss.sssZ'"),
        ("--params=data_root=nosuch://x", "Protocol not known: nosuch."),
        ("--pipelines=modelling", "There is no pipeline modelling: did you mean modeling?"),
        ("--nodse=x", "No such option"),
    ],
)
def test_a_mistyped_name_ends_in_one_sentence(say: Say, option: str, sentence: str) -> None:
    assert sentence in say(option)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"{a: b", "cannot be read as YAML (while parsing a flow mapping"),
        (b"a: 'b\n", "cannot be read as YAML (while scanning a quoted scalar"),
        (b"\xff\xfe\0", "cannot be read as YAML ('utf-8' codec can't decode"),
        (b"run: {env: '${x'}", "cannot be read as YAML ("),
        (b"env: test", "does not hold the options of this command. Write them below the key run"),
        (b"- run", "does not hold the options of this command."),
        (b"", "does not hold the options of this command."),
    ],
)
def test_a_file_of_no_options_is_named(
    say: Say, tmp_path: Path, content: bytes, sentence: str
) -> None:
    (tmp_path / "options.yml").write_bytes(content)
    said = say(f"--config={tmp_path}/options.yml")
    assert f"--config: {tmp_path}/options.yml {sentence}" in said


def test_options_are_taken_from_a_file(say: Say, tmp_path: Path) -> None:
    (tmp_path / "options.yml").write_text("run: {tags: kears}")
    assert "there is no tag kears" in say(f"--config={tmp_path}/options.yml")


def test_an_unknown_tag_beside_a_known_one_is_named(say: Say) -> None:
    said = say("--tags=spark,kears", "--nodes=draw_importance")
    assert "there is no tag kears: did you mean keras?" in said


def test_a_node_of_another_pipeline_is_named_with_it(say: Say) -> None:
    for name in ("clean_rows", "data_processing.clean_rows"):
        said = say("--pipelines=modeling", f"--nodes={name}")
        assert "the node clean_rows belongs to the pipeline data_processing, which is not" in said


@pytest.mark.parametrize("option", ["--nodes", "--from-nodes", "--to-nodes"])
def test_a_name_that_fits_several_nodes_is_refused_with_their_full_names(
    say: Say, monkeypatch: pytest.MonkeyPatch, option: str
) -> None:
    again = Pipeline([Node(print, "report", None, name="train_network")], namespace="again")
    monkeypatch.setitem(pipelines, DEFAULT, pipelines[DEFAULT] + again)
    assert (
        f"{option}: train_network is the name of several nodes: give one of "
        "again.train_network, modeling.train_network."
    ) in say(f"{option}=train_network")
    said = say(f"{option}=again.train_network", "--tags=keras")
    assert f"none fits {option}=again.train_network and --tags=keras." in said


def test_options_that_leave_no_node_are_named(say: Say) -> None:
    said = say("--nodes=draw_importance", "--tags=keras")
    assert "No node is left to run: none fits --nodes=draw_importance and --tags=keras." in said


@pytest.mark.parametrize(
    "option",
    [
        "--runner=ThreadRunner",
        "--runner=ParallelRunner",
        "--runner=kedro.runner.ThreadRunner",
        "--async",
        "--runner-params=is_async=True",
    ],
)
def test_nodes_that_would_run_at_the_same_time_are_refused(say: Say, option: str) -> None:
    said = say(option, "--nodes=draw_importance")
    assert "at the same time, and nodes here change settings of the one Spark session" in said


class OwnRunner(SequentialRunner):
    """A user's own."""


def test_a_runner_of_ones_own_runs(say: Say) -> None:
    said = say(f"--runner={__name__}.OwnRunner", "--nodes=draw_importance", "--tags=keras")
    assert "No node is left to run" in said


def test_a_runner_of_threads_is_refused_in_a_notebook(tmp_path: Path) -> None:
    from kedro.framework.session import KedroSession
    from kedro.runner import ThreadRunner

    bootstrap_project(ROOT)
    given = {"data_root": str(tmp_path)}
    with (
        KedroSession.create(ROOT, env="test", runtime_params=given) as session,
        pytest.raises(Exception, match="ThreadRunner would run nodes") as caught,
    ):
        session.run(node_names=["reporting.draw_importance"], runner=ThreadRunner())
    assert user_mistake(caught.value) is not None


NOT_TRAINED = (
    "input_columns ({root}/04_feature/input_columns.json), training_profile are not there yet: the "
    "pipeline feature_engineering makes them. scoring_model "
    "({root}/06_models/scoring_model.model) is not there yet: the pipeline modeling makes it. Run "
    "kedro run "
    "--pipelines=feature_engineering,modeling first, or everything with kedro run."
)


def test_scoring_before_training_names_what_makes_its_inputs(
    spark: SparkSession, tmp_path: Path
) -> None:
    assert refusal(["scoring"], data_root=str(tmp_path)) == NOT_TRAINED.format(root=tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_scoring_after_half_a_training_calls_nothing_damaged(
    spark: SparkSession, tmp_path: Path
) -> None:
    features = tmp_path / "04_feature"
    features.mkdir()
    for name in ("input_columns", "training_profile"):
        (features / f"{name}.json").write_text("{}")
    said = refusal(["scoring"], data_root=str(tmp_path))
    assert said.startswith(f"scoring_model ({tmp_path}/06_models/scoring_model.model) is not there")
    assert "the pipeline modeling makes it. Run kedro run --pipelines=modeling first" in said


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--from-nodes=predict_rows"], "network_model lies in memory only"),
        (["--from-nodes=predict_rows"], "with --from-nodes=train_network."),
        (["--from-nodes=modeling.predict_rows"], "network_model lies in memory only"),
        (["--nodes=make_features,modeling.design_network"], "train_rows are not there yet"),
        (["--nodes=fit_feature_model"], "parquet) is not there yet"),
        (["--pipelines=scoring", "--nodes=score_rows"], "accepted_rows lies in memory only"),
        (["--pipelines=scoring", "--nodes=score_rows"], "with --from-nodes=measure_drift."),
        (["--pipelines=scoring_stream", "--nodes=follow_stream"], "--from-nodes=plan_stream."),
        (["--from-nodes=make_features"], "train_rows are not there yet: the pipeline data_proc"),
    ],
)
def test_a_start_in_the_middle_names_what_is_not_there(
    spark: SparkSession, say: Say, options: list[str], sentence: str
) -> None:
    assert sentence in say(*options)
