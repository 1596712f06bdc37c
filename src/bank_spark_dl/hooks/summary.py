"""Show the results of a run when it ends."""

import os
from typing import Any

from kedro.framework.hooks import hook_impl
from kedro.io import AbstractDataset, DataCatalog
from kedro.pipeline import Pipeline

from bank_spark_dl.datasets.paths import local_path, uri_of

# Files named at the end of a run.
SHOWN = (
    "report",
    "model_card",
    "metrics",
    "scoring_model",
    "cv_metrics",
    "worker_sweep",
    "scores",
    "drift",
    "stream_scores",
    "synthetic_rows",
)


class ResultHooks:
    """Print a small table of the results at the end of a run."""

    @hook_impl
    def after_pipeline_run(self, pipeline: Pipeline, catalog: DataCatalog) -> None:
        """Print the figures and where the files lie."""
        from bank_spark_dl.messages.terminal import (
            print_cross_validation,
            print_drift,
            print_files,
            print_results,
        )

        made = pipeline.all_outputs()
        if "metrics" in made:
            print_results(catalog["metrics"].load())
        if "cv_metrics" in made:
            print_cross_validation(catalog["cv_metrics"].load())
        if "drift" in made:
            print_drift(catalog["drift"].load())
        print_files({name: _shown(catalog[name]) for name in SHOWN if name in made})


def _shown(dataset: AbstractDataset[Any, Any]) -> str:
    path = local_path(dataset)
    return os.path.relpath(path) if path else str(uri_of(dataset))
