"""Prepare the datasets of rows to score: what they may lack, and whether a path means them."""

from typing import Any, Final

from kedro.framework.hooks import hook_impl
from kedro.io import DataCatalog
from kedro.pipeline import Pipeline

from bank_spark_dl.errors import ParameterError
from bank_spark_dl.spark.sql import names_read

NO_INPUTS: Final = ("columns.drop", "columns.time", "columns.group", "weight")
"""Options of `data` that name columns which only derived columns and counts may read."""


class ScoringHooks:
    """Prepare the datasets that read rows to score."""

    @hook_impl
    def before_pipeline_run(self, pipeline: Pipeline, catalog: DataCatalog) -> None:
        """Let the rows lack the label and columns that no model reads.

        Raises:
            ParameterError: `scoring.input` is given for rows that are no file.
        """
        for name in pipeline.inputs():
            dataset: Any = catalog[name]
            if getattr(dataset, "reads_rows_to_score", False):
                label = catalog["params:data.columns.label"].load()
                dataset.may_lack([label, *_not_read(catalog)])
                if (table := getattr(dataset, "table", None)) is not None:
                    _refuse_path(name, table, catalog)


def _refuse_path(name: str, table: str, catalog: DataCatalog) -> None:
    given, default = (catalog[f"params:{key}"].load() for key in ("scoring.input", "raw_filepath"))
    if given not in (table, default):
        raise ParameterError(
            f"scoring.input is {given}, but {name} is the table {table}, which a dataset loads and "
            f"no path names: leave scoring.input out, and name another dataset under {name} in the "
            "catalog to score other rows."
        )


def _not_read(catalog: DataCatalog) -> list[str]:
    derived, counts = (catalog[f"params:features.{key}"].load() for key in ("derived", "counts"))
    read = names_read(derived).union(*counts.values())
    dropped, *others = (catalog[f"params:data.{key}"].load() for key in NO_INPUTS)
    return [name for name in [*dropped, *others] if name and name not in read]
