"""Show a user's mistake as one paragraph instead of a traceback."""

import logging
import os
import signal
import sys
import traceback
from pathlib import Path
from threading import Timer
from typing import Any

import click
from kedro.framework.project import settings

from bank_spark_dl.hooks.path_overlap import OutputHooks
from bank_spark_dl.messages.diagnostics import WHOLE, user_mistake

STOPPED = 130  # what shells say of a program that Ctrl-C ended: 128 + SIGINT
ERROR_LOG = Path("logs/last_error.log")


class PlainErrorsCommand(click.Command):
    """A command that keeps the traceback of a user's mistake for a file."""

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
            return self.execute(ctx)
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

    def execute(self, ctx: click.Context) -> Any:
        """Do what the command does; errors end as `invoke` says."""
        return super().invoke(ctx)


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
