"""Command line: `kedro run` with messages for people. Kedro looks here for both names."""

from bank_spark_dl.cli.commands import cli, run

__all__ = ["cli", "run"]
