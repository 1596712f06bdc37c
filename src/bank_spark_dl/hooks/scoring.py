"""Let files to score lack the label and columns that no model reads."""

from collections.abc import Iterator
from typing import Any

from kedro.framework.hooks import hook_impl
from kedro.io import DataCatalog
from kedro.pipeline import Pipeline


class ScoringHooks:
    """Let files to score lack the label, dropped columns and those that only split the rows."""

    @hook_impl
    def before_pipeline_run(self, pipeline: Pipeline, catalog: DataCatalog) -> None:
        """Tell the datasets that read rows to score."""
        for name in pipeline.inputs():
            dataset: Any = catalog[name]
            if getattr(dataset, "reads_rows_to_score", False):
                label = catalog["params:data.columns.label"].load()
                dropped = catalog["params:data.columns.drop"].load()
                dataset.may_lack([label, *dropped, *_only_split(catalog)])


def _only_split(catalog: DataCatalog) -> Iterator[str]:
    """Return the time's and the group's column, unless something may be derived from them."""
    derived, counts = (catalog[f"params:features.{key}"].load() for key in ("derived", "counts"))
    used = "\n".join([*derived.values(), *(name for by in counts.values() for name in by)])
    for role in ("time", "group"):
        name = catalog[f"params:data.columns.{role}"].load()
        if name and name.replace("`", "``").lower() not in used.lower():
            yield name
