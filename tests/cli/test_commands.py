import subprocess
import sys
from pathlib import Path

import pytest
from kedro.config import MissingConfigException
from kedro.framework.startup import bootstrap_project
from kedro.io import DatasetError
from yaml import YAMLError

from bank_spark_dl.cli import commands
from bank_spark_dl.errors import InputDataError
from bank_spark_dl.messages.diagnostics import user_mistake


def wrapped(error: Exception, *others: type[Exception]) -> Exception:
    """Return an error as it arrives after others were raised from it."""
    for kind in others:
        outer = kind("wrapped")
        outer.__cause__ = error
        error = outer
    return error


def test_a_users_mistake_is_found_under_what_wraps_it() -> None:
    error = wrapped(InputDataError("the file is empty"), ValueError, RuntimeError)
    assert user_mistake(error) == "the file is empty"


def test_a_programming_error_is_none() -> None:
    assert user_mistake(ZeroDivisionError("a bug")) is None
    assert user_mistake(wrapped(KeyError("a bug"), RuntimeError)) is None


@pytest.mark.parametrize(
    "cause",
    [FileNotFoundError("no.json"), RuntimeError("[PATH_NOT_FOUND] Path does not exist: a.parquet")],
)
def test_a_dataset_that_was_never_written_says_what_to_run(cause: Exception) -> None:
    error = DatasetError("Failed while loading data from dataset X(filepath=/d/a.parquet, b=1)")
    error.__cause__ = cause
    assert user_mistake(error) == (
        "/d/a.parquet is not there yet: run the pipeline that makes it first, or everything with "
        "kedro run."
    )


def test_a_bug_inside_a_dataset_keeps_its_traceback() -> None:
    assert user_mistake(wrapped(ZeroDivisionError("a bug"), DatasetError)) is None


@pytest.mark.parametrize(
    "error",
    [
        YAMLError("line 3: not YAML"),
        MissingConfigException("conf/tund does not exist"),
        wrapped(KeyError("x"), YAMLError),
        ValueError("Failed to find the pipeline named 'modelling'. Did you mean modeling?"),
    ],
)
def test_mistakes_in_the_configuration_need_no_traceback(error: Exception) -> None:
    assert user_mistake(error) == str(error)


def import_error(pipeline: str) -> ImportError:
    return ImportError(
        f"An error occurred while importing the 'bank_spark_dl.pipelines.{pipeline}' module."
    )


def test_a_misspelt_pipeline_is_corrected() -> None:
    said = user_mistake(import_error("modelling"))
    assert said == "There is no pipeline modelling: did you mean modeling?"
    assert "there are cross_validation, data_" in str(user_mistake(import_error("xyz")))


def test_a_pipeline_that_cannot_be_imported_keeps_its_traceback() -> None:
    assert user_mistake(import_error("modeling")) is None


FORGETS = """
import os, signal, time
from bank_spark_dl.cli.commands import RunCommand, run

class Finalized:
    def __del__(self):
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(0.01)

def work(**_):
    Finalized()
    time.sleep(20)

RunCommand("run", callback=work, params=run.params).main([])
"""


def test_ctrl_c_in_a_finalizer_is_not_forgotten() -> None:
    done = subprocess.run([sys.executable, "-c", FORGETS], capture_output=True, text=True)
    assert done.returncode == 130
    assert "Stopped by Ctrl-C" in done.stderr
    assert "Exception ignored" not in done.stderr


def test_java_starts_first_with_the_settings_of_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bootstrap_project(Path.cwd())
    calls: list[object] = []
    monkeypatch.setattr(commands, "launch_early", calls.append)
    monkeypatch.setattr(commands, "check_selection", lambda _: calls.append("names") or {})
    run = commands.RunCommand("run", callback=lambda **_: None, params=commands.run.params)
    run.execute(run.make_context("run", ["--env=test"]))
    settings, then = calls
    assert isinstance(settings, dict)
    assert settings["spark.master"] == "local[2, 4]"
    assert settings["spark.app.name"] == "bank_spark_dl"  # of base
    assert then == "names"
