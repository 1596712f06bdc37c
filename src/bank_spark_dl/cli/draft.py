"""`kedro draft`: write an environment for a table."""

import os
import re
from collections.abc import Callable
from dataclasses import replace
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from kedro.framework.context import KedroContext
from kedro.framework.session import KedroSession
from kedro.framework.startup import ProjectMetadata

from bank_spark_dl.cli.errors import PlainErrorsCommand
from bank_spark_dl.errors import ParameterError
from bank_spark_dl.messages.diagnostics import did_you_mean

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from bank_spark_dl.drafting.roles import Roles
    from bank_spark_dl.drafting.source import TableSource
    from bank_spark_dl.ml.target import TaskName

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")


def _roles(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options that give columns a role, and pass them on as `roles`."""

    @click.option("--label", required=True, metavar="COLUMN", help="The column to predict.")
    @click.option(
        "--positive",
        metavar="VALUE",
        help="Of two classes, the one whose probability is predicted.",
    )
    @click.option(
        "--task",
        type=click.Choice(["binary", "multiclass", "regression"]),
        help="Two classes, more classes, or a number; default: as the label's values say.",
    )
    @click.option("--id", "row_id", metavar="COLUMN", help="The column that identifies a row.")
    @click.option(
        "--time",
        metavar="COLUMN",
        help="Hold the newest rows out by this column; :order: the last ones of the file.",
    )
    @click.option("--group", metavar="COLUMN", help="Hold rows with the same value out together.")
    @wraps(command)
    def with_roles(
        *arguments: Any,
        label: str,
        positive: str | None,
        task: "TaskName | None",
        row_id: str | None,
        time: str | None,
        group: str | None,
        **others: Any,
    ) -> None:
        from bank_spark_dl.drafting.roles import Roles

        command(*arguments, roles=Roles(label, positive, row_id, time, group, task), **others)

    return with_roles


@click.command(cls=PlainErrorsCommand)
@click.argument("path", required=False)
@click.option("--dataset", metavar="NAME", help="A dataset of the catalog, instead of PATH.")
@click.option("--env", metavar="NAME", help="The environment's name; default: the file's name.")
@_roles
@click.option("--force", is_flag=True, help="Replace an environment that was drafted before.")
@click.pass_obj
def draft(
    metadata: ProjectMetadata,
    path: str | None,
    dataset: str | None,
    env: str | None,
    roles: "Roles",
    force: bool,
) -> None:
    """Look at the table in PATH and write conf/NAME/, ready for `kedro run --env=NAME`.

    PATH is a CSV, Parquet, ORC or JSON lines file, a folder of them, or a pattern. The files that
    are written say next to each value what was seen and why it was chosen.
    """
    table = path or dataset
    if table is None or (path and dataset):
        raise ParameterError("Name a table: either a PATH, or --dataset and a name of the catalog.")
    name = env or default_name(table)
    if not _NAME.fullmatch(name):
        raise ParameterError(
            f"--env={name} cannot be the name of a folder in conf/: use letters, digits, - and _."
        )
    with KedroSession.create(metadata.project_path) as session:
        context = session.load_context()  # type: ignore[attr-defined]
        from bank_spark_dl.drafting.draft import draft_table
        from bank_spark_dl.drafting.environment import check_free, write_environment
        from bank_spark_dl.drafting.summary import print_draft
        from bank_spark_dl.parameters import check_parameters

        folder = Path(context.config_loader.conf_source) / name
        check_free(folder, force)
        late = check_parameters(context.params).data.leakage_columns()
        click.echo(f"Looking at {table} ...")
        drafted = draft_table(*_opened(context, path, dataset), roles)
        if path:
            stored = replace(drafted.source, path=from_project(path, metadata.project_path))
            drafted = replace(drafted, source=stored)
        print_draft(drafted, write_environment(drafted, folder, late))


def _opened(
    context: KedroContext, path: str | None, dataset: str | None
) -> "tuple[TableSource, DataFrame]":
    """Open the file, or load the dataset."""
    from bank_spark_dl.drafting.source import open_dataset, open_table
    from bank_spark_dl.spark.project_session import spark_of_datasets

    if dataset is None:
        return open_table(spark_of_datasets(), str(path))
    catalog = context.config_loader["catalog"]
    names = [name for name in catalog if not name.startswith("_") and "{" not in name]
    if dataset not in names:
        raise ParameterError(
            f"The catalog of conf/base and conf/local has no dataset {dataset}, which --dataset "
            f"names: {did_you_mean(dataset, names)}"
        )
    return open_dataset(dataset, context.catalog[dataset], catalog[dataset])


def from_project(path: str, project: Path) -> str:
    """Return a path as the catalog needs it: relative ones start at the project's folder."""
    if "://" in path or Path(path).is_absolute():
        return path
    return os.path.relpath(path, project)


def default_name(path: str) -> str:
    """Return a name for the environment of a table: the file's, in lower case."""
    last = path.rstrip("/").rpartition("/")[2]
    return re.sub(r"[^a-z0-9_-]+", "_", last.partition(".")[0].lower()).strip("_-") or "mine"
