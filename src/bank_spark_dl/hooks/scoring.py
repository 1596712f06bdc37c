"""Let files to score lack the label and columns that no model reads."""

from typing import Any, Final

from kedro.framework.hooks import hook_impl
from kedro.io import DataCatalog
from kedro.pipeline import Pipeline

from bank_spark_dl.spark.sql import names_read

NO_INPUTS: Final = ("columns.drop", "columns.time", "columns.group", "weight")
"""Options of `data` that name columns which only derived columns and counts may read."""


class ScoringHooks:
    """Let files to score lack the label and columns that no model reads."""

    @hook_impl
    def before_pipeline_run(self, pipeline: Pipeline, catalog: DataCatalog) -> None:
        """Tell the datasets that read rows to score."""
        for name in pipeline.inputs():
            dataset: Any = catalog[name]
            if getattr(dataset, "reads_rows_to_score", False):
                label = catalog["params:data.columns.label"].load()
                dataset.may_lack([label, *_not_read(catalog)])


def _not_read(catalog: DataCatalog) -> list[str]:
    derived, counts = (catalog[f"params:features.{key}"].load() for key in ("derived", "counts"))
    read = names_read(derived).union(*counts.values())
    dropped, *others = (catalog[f"params:data.{key}"].load() for key in NO_INPUTS)
    return [name for name in [*dropped, *others] if name and name not in read]
