"""`kedro draft`: write an environment for a table."""

import os
import re
from dataclasses import replace
from pathlib import Path

import click
from kedro.framework.session import KedroSession
from kedro.framework.startup import ProjectMetadata

from bank_spark_dl.cli.errors import PlainErrorsCommand
from bank_spark_dl.errors import ParameterError

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")


@click.command(cls=PlainErrorsCommand)
@click.argument("path")
@click.option("--label", required=True, metavar="COLUMN", help="The column to predict.")
@click.option("--env", metavar="NAME", help="The environment's name; default: the file's name.")
@click.option("--positive", metavar="VALUE", help="The class whose probability is predicted.")
@click.option("--id", "row_id", metavar="COLUMN", help="The column that identifies a row.")
@click.option("--time", metavar="COLUMN", help="Hold the newest rows out; :order: the last ones.")
@click.option("--group", metavar="COLUMN", help="Hold all rows with the same value out together.")
@click.option("--force", is_flag=True, help="Replace an environment that was drafted before.")
@click.pass_obj
def draft(
    metadata: ProjectMetadata,
    path: str,
    label: str,
    env: str | None,
    positive: str | None,
    row_id: str | None,
    time: str | None,
    group: str | None,
    force: bool,
) -> None:
    """Look at the table in PATH and write conf/NAME/, ready for `kedro run --env=NAME`.

    PATH is a CSV, Parquet, ORC or JSON lines file, a folder of them, or a pattern. The files that
    are written say next to each value what was seen and why it was chosen.
    """
    name = env or default_name(path)
    if not _NAME.fullmatch(name):
        raise ParameterError(
            f"--env={name} cannot be the name of a folder in conf/: use letters, digits, - and _."
        )
    with KedroSession.create(metadata.project_path) as session:
        context = session.load_context()  # type: ignore[attr-defined]
        from bank_spark_dl.drafting.draft import draft_table
        from bank_spark_dl.drafting.environment import check_free, write_environment
        from bank_spark_dl.drafting.roles import Roles
        from bank_spark_dl.drafting.summary import print_draft
        from bank_spark_dl.parameters import check_parameters
        from bank_spark_dl.spark.project_session import spark_of_datasets

        folder = Path(context.config_loader.conf_source) / name
        check_free(folder, force)
        late = check_parameters(context.params).data.leakage_columns()
        roles = Roles(label, positive, row_id, time, group)
        click.echo(f"Looking at {path} ...")
        drafted = draft_table(spark_of_datasets(), path, roles)
        stored = replace(drafted.source, path=from_project(path, metadata.project_path))
        drafted = replace(drafted, source=stored)
        print_draft(drafted, write_environment(drafted, folder, late))


def from_project(path: str, project: Path) -> str:
    """Return a path as the catalog needs it: relative ones start at the project's folder."""
    if "://" in path or Path(path).is_absolute():
        return path
    return os.path.relpath(path, project)


def default_name(path: str) -> str:
    """Return a name for the environment of a table: the file's, in lower case."""
    last = path.rstrip("/").rpartition("/")[2]
    return re.sub(r"[^a-z0-9_-]+", "_", last.partition(".")[0].lower()).strip("_-") or "mine"
