"""`kedro run`, with a user's mistake shown as one paragraph instead of a traceback."""

import logging
import os
import re
import signal
import sys
import traceback
from collections.abc import Iterator
from difflib import get_close_matches
from pathlib import Path
from threading import Timer
from typing import Any

import click
from kedro.config import MissingConfigException
from kedro.framework.cli.project import run as kedro_run
from kedro.io import DatasetError
from omegaconf.errors import OmegaConfBaseException
from yaml import YAMLError
from yaml.constructor import ConstructorError

from bank_spark_dl.errors import UserError
from bank_spark_dl.failures import WHOLE, explain

STOPPED = 130  # what shells say of a program that Ctrl-C ended: 128 + SIGINT
ERROR_LOG = Path("logs/last_error.log")
# Mistakes in conf/ and on the command line; Kedro's message says enough.
CONFIGURATION_ERRORS = (MissingConfigException, OmegaConfBaseException, YAMLError)
# What our own `raise_error` columns say about a row, as Spark passes it on.
ROW_REFUSED = re.compile(r"\[USER_RAISED_EXCEPTION\] (.*?)(?: SQLSTATE|$)", re.DOTALL)
UNKNOWN_PACKAGE = re.compile(rf"importing the '{__package__}\.pipelines\.(\w+)' module")
UNKNOWN_PIPELINE = "Failed to find the pipeline named"


class RunCommand(click.Command):
    """Kedro's `run` that keeps the traceback of a user's mistake for a file."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run; end with status 1 and one paragraph if the user can mend what went wrong.

        Ctrl-C ends it with status 130.
        """
        signal.signal(signal.SIGINT, _interrupt)
        sys.unraisablehook = _interrupt_again
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            click.secho(f"\nStopped by Ctrl-C.{WHOLE}", fg="red", err=True)
            ctx.exit(STOPPED)
        except Exception as error:
            mistake = user_mistake(error)
            if mistake is None:
                raise
            _keep_traceback(error)
            click.secho(f"\n{mistake}", fg="red", err=True)
            click.echo(f"(details: {ERROR_LOG})", err=True)
            ctx.exit(1)


def _interrupt(*_: Any) -> None:
    """End the run at Ctrl-C, wherever it is."""
    raise KeyboardInterrupt


def _interrupt_again(ignored: "sys.UnraisableHookArgs") -> None:
    """Send Ctrl-C once more, a little later, where Python would forget it.

    In the middle of a finalizer, and Py4J has one for each Java object, no exception gets out.
    """
    if issubclass(ignored.exc_type, KeyboardInterrupt):
        Timer(0.1, os.kill, (os.getpid(), signal.SIGINT)).start()
    else:
        sys.__unraisablehook__(ignored)


def user_mistake(error: BaseException) -> str | None:
    """Say what a user can mend.

    Args:
        error: What ended the run.

    Returns:
        A paragraph if a mistake of the user is the error or among its causes, else None.
    """
    chain = list(_causes(error))
    ours = next((link for link in chain if isinstance(link, UserError)), None)
    if ours is not None:
        return str(ours)
    refused = next(filter(None, (ROW_REFUSED.search(str(link)) for link in chain)), None)
    if refused is not None:
        return refused.group(1)
    if (failure := explain(chain)) is not None:
        return failure
    if isinstance(error, DatasetError) and any(_is_missing_file(link) for link in chain):
        path = re.search(r"filepath=([^,)]+)", str(error))
        return (
            f"{path.group(1) if path else 'A dataset'} is not there yet: run the pipeline that "
            "writes it first, or all of them with kedro run."
        )
    unknown = UNKNOWN_PACKAGE.search(str(error))
    if unknown is not None and unknown.group(1) not in _pipelines():
        return _unknown_pipeline(unknown.group(1))
    if isinstance(error, ConstructorError):
        return _unknown_tag(error)
    if isinstance(error, CONFIGURATION_ERRORS) or str(error).startswith(UNKNOWN_PIPELINE):
        return str(error)
    return str(error) if isinstance(error, DatasetError) and len(chain) == 1 else None


def _unknown_tag(error: ConstructorError) -> str:
    place = f" (line {error.problem_mark.line + 1})" if error.problem_mark else ""
    return (
        f"A file in conf/ is refused{place}: {error.problem}. Write plain values there; YAML tags "
        "that make objects are not read."
    )


def _unknown_pipeline(name: str) -> str:
    close = get_close_matches(name, _pipelines(), n=1)
    hint = f"did you mean {close[0]}?" if close else f"there are {', '.join(_pipelines())}."
    return f"There is no pipeline {name}: {hint}"


def _pipelines() -> list[str]:
    folders = Path(__file__).parent.glob("pipelines/*/pipeline.py")
    return sorted(folder.parent.name for folder in folders)


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _is_missing_file(error: BaseException) -> bool:
    return isinstance(error, FileNotFoundError) or any(
        sign in str(error) for sign in ("[PATH_NOT_FOUND]", "Input path does not exist")
    )


def _keep_traceback(error: BaseException) -> None:
    try:
        ERROR_LOG.parent.mkdir(exist_ok=True)
        ERROR_LOG.write_text("".join(traceback.format_exception(error)), encoding="utf-8")
    except OSError as reason:
        logging.getLogger(__name__).warning("Could not write %s: %s", ERROR_LOG, reason)


@click.group(name=__package__)
def cli() -> None:
    """Commands of this project."""


run = RunCommand(
    name="run",
    callback=kedro_run.callback,
    params=kedro_run.params,
    help=kedro_run.help,
)
cli.add_command(run)
