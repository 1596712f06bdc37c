"""`kedro archive-classes`: let each run start some seconds earlier."""

import sys
from tempfile import TemporaryDirectory

import click

from bank_spark_dl.cli.errors import PlainErrorsCommand
from bank_spark_dl.spark.class_archive import class_archive, write_archive
from bank_spark_dl.spark.java import supported_java


@click.command(name="archive-classes", cls=PlainErrorsCommand)
def archive_classes() -> None:
    """Archive Spark's Java classes beside its jars (183 MB): runs start some seconds earlier.

    To learn which classes are needed, it runs `kedro run --env=test` on the sample, in a temporary
    folder. It does nothing if the archive exists.
    """
    with supported_java() as java:
        archive = class_archive(java)
    if archive is None:
        click.echo(
            "No archive was written, and runs work without one. Only Java 17 can use it, and "
            f"{java} is another version or lacks lib/server/classes.jsa."
        )
        return
    if archive.is_file():
        click.echo(f"{archive} exists already.")
        return
    click.echo("Archiving Spark's Java classes (a minute) ...")
    with TemporaryDirectory() as data_root:
        run = ["kedro", "run", "--env=test", f"--params=data_root={data_root}"]
        write_archive(archive, [sys.executable, "-m", *run])
    click.echo(f"Wrote {archive} ({archive.stat().st_size / 1e6:.0f} MB).")
