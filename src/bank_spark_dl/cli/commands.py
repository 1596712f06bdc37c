"""`kedro run`, with a user's mistake shown as one paragraph instead of a traceback."""

import logging
import os
import signal
import sys
import traceback
from copy import copy
from pathlib import Path
from threading import Timer
from typing import Any

import click
from kedro.framework.cli.project import run as kedro_run
from kedro.framework.project import settings
from omegaconf import OmegaConf
from omegaconf.errors import OmegaConfBaseException
from yaml import YAMLError

from bank_spark_dl.hooks.path_overlap import OutputHooks
from bank_spark_dl.messages.diagnostics import WHOLE, user_mistake
from bank_spark_dl.parameters.run_options import check_selection

STOPPED = 130  # what shells say of a program that Ctrl-C ended: 128 + SIGINT
ERROR_LOG = Path("logs/last_error.log")


class RunCommand(click.Command):
    """Kedro's `run`; checks names first, and keeps the traceback of a user's mistake for a file."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read the command line; end with status 1 and one paragraph if a value makes no sense."""
        try:
            return super().parse_args(ctx, args)
        except click.ClickException as error:  # Kedro's own among them
            click.secho(f"\n{error.format_message()}", fg="red", err=True)
            ctx.exit(1)

    def invoke(self, ctx: click.Context) -> Any:
        """Run; end with status 1 and one paragraph if the user can mend what went wrong.

        Ctrl-C ends it with status 130.
        """
        signal.signal(signal.SIGINT, _interrupt)
        sys.unraisablehook = _interrupt_again
        try:
            ctx.params |= check_selection(ctx.params)  # with the full names of nodes
            return super().invoke(ctx)
        except KeyboardInterrupt:
            click.secho(f"\nStopped by Ctrl-C.{_state()}", fg="red", err=True)
            ctx.exit(STOPPED)
        except Exception as error:
            mistake = user_mistake(error, _state())
            if mistake is None:
                raise
            _keep_traceback(error)
            click.secho(f"\n{mistake}", fg="red", err=True)
            click.echo(f"(details: {ERROR_LOG})", err=True)
            ctx.exit(1)


def _state() -> str:
    """Return a sentence about the datasets that the run was writing."""
    hooks = (hook for hook in settings.HOOKS if isinstance(hook, OutputHooks))
    return next((hook.state for hook in hooks), WHOLE)


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


def _keep_traceback(error: BaseException) -> None:
    try:
        ERROR_LOG.parent.mkdir(exist_ok=True)
        ERROR_LOG.write_text("".join(traceback.format_exception(error)), encoding="utf-8")
    except OSError as reason:
        logging.getLogger(__name__).warning("Could not write %s: %s", ERROR_LOG, reason)


@click.group(name="bank_spark_dl")
def cli() -> None:
    """Commands of this project."""


def _checks_config(option: click.Parameter) -> click.Parameter:
    """Let --config refuse a file that holds no options before Kedro takes them from it."""
    take = option.callback
    if option.name != "config" or take is None:
        return option

    def check_and_take(ctx: click.Context, param: click.Parameter, file: str | None) -> Any:
        if file is not None:
            _refuse_config(file, str(ctx.info_name))
        return take(ctx, param, file)

    checking = copy(option)
    checking.callback = check_and_take
    return checking


def _refuse_config(file: str, command: str) -> None:
    """Raise ClickException if a file is not YAML that names the options of a command."""
    try:
        content = OmegaConf.to_container(OmegaConf.load(file))
    except (YAMLError, OmegaConfBaseException, UnicodeDecodeError, OSError) as error:
        reason = " ".join(str(error).split())
        raise click.ClickException(
            f"--config: {file} cannot be read as YAML ({reason}). Correct the file, or leave "
            "--config out."
        ) from error
    if not isinstance(content, dict) or not isinstance(content.get(command), dict):
        raise click.ClickException(
            f"--config: {file} does not hold the options of this command. Write them below the "
            f"key {command}, each as its name, a colon and its value."
        )


run = RunCommand(
    name="run",
    callback=kedro_run.callback,
    params=[_checks_config(option) for option in kedro_run.params],
    help=kedro_run.help,
)
cli.add_command(run)
