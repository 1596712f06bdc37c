"""Let files to score lack the label and dropped columns."""

from typing import Any

from kedro.framework.hooks import hook_impl
from kedro.io import DataCatalog
from kedro.pipeline import Pipeline

from bank_spark_dl.spark.sql import names_read


class ScoringHooks:
    """Let files to score lack the label and dropped columns that no derived column reads."""

    @hook_impl
    def before_pipeline_run(self, pipeline: Pipeline, catalog: DataCatalog) -> None:
        """Tell the datasets that read rows to score."""
        for name in pipeline.inputs():
            dataset: Any = catalog[name]
            if getattr(dataset, "reads_rows_to_score", False):
                label = catalog["params:data.columns.label"].load()
                read = names_read(catalog["params:features.derived"].load())
                dropped = catalog["params:data.columns.drop"].load()
                dataset.may_lack([label, *(name for name in dropped if name not in read)])
