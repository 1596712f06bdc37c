"""Commands of the project: `kedro run`, `kedro draft` and `kedro archive-classes`."""

import gc
from collections.abc import Mapping
from contextlib import suppress
from copy import copy
from typing import Any

import click
from kedro.framework.cli.project import run as kedro_run
from kedro.framework.project import settings
from omegaconf import OmegaConf
from omegaconf.errors import OmegaConfBaseException
from yaml import YAMLError

from bank_spark_dl.cli.archive_classes import archive_classes
from bank_spark_dl.cli.draft import draft
from bank_spark_dl.cli.errors import PlainErrorsCommand
from bank_spark_dl.parameters.run_options import check_selection, configuration
from bank_spark_dl.spark.session import launch_early


class RunCommand(PlainErrorsCommand):
    """Kedro's `run`; checks names first."""

    def execute(self, ctx: click.Context) -> Any:
        """Run the nodes that the options select."""
        _launch_java(ctx.params)  # takes a second, and so do the imports of the pipelines
        ctx.params |= check_selection(ctx.params)  # with the full names of nodes
        try:
            return super().execute(ctx)
        finally:
            gc.freeze()  # when Python ends it would look for garbage in TensorFlow: a second or two


def _launch_java(options: Mapping[str, Any]) -> None:
    """Start Java in the background, as spark.yml says; errors are left to the run."""
    with suppress(Exception):
        source, env = configuration(options)
        loader = settings.CONFIG_LOADER_CLASS(
            conf_source=source,
            env=env,
            runtime_params=options["params"],
            **settings.CONFIG_LOADER_ARGS,
        )
        launch_early(loader["spark"])


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
cli.add_command(draft)
cli.add_command(archive_classes)
