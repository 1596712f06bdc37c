"""The nodes of tuning."""

from typing import Any

from kedro.pipeline import Node, Pipeline

from bank_spark_dl.pipelines.tuning.nodes import search_settings
from bank_spark_dl.pipelines.tuning.plots import draw_trials


def create_pipeline(**_: Any) -> Pipeline:
    """Search for better settings, draw the trials."""
    return Pipeline(
        [
            Node(
                func=search_settings,
                inputs={
                    "train_rows": "train_rows",
                    "data": "params:data",
                    "features": "params:features",
                    "model": "params:model",
                    "elephas": "params:elephas",
                    "decision": "params:reporting.decision",
                    "cross_validation": "params:cross_validation",
                    "options": "params:tuning",
                    "seed": "params:seed",
                    "data_root": "params:data_root",
                },
                outputs=["tuning_trials", "tuning"],
                name="search_settings",
                tags=["spark", "keras"],
            ),
            Node(
                func=draw_trials,
                inputs={
                    "tuning_trials": "tuning_trials",
                    "tuning": "tuning",
                    "options": "params:tuning",
                },
                outputs=[
                    "tuning_history_plot",
                    "tuning_slices_plot",
                    "tuning_parallel_plot",
                    "tuning_importance_plot",
                ],
                name="draw_trials",
            ),
        ]
    )
