"""The nodes of worker_sweep."""

from typing import Any

from kedro.pipeline import Node, Pipeline

from bank_spark_dl.pipelines.worker_sweep.nodes import sweep_workers
from bank_spark_dl.pipelines.worker_sweep.plot import draw_sweep


def create_pipeline(**_: Any) -> Pipeline:
    """Train with several numbers of workers, compare with one."""
    return Pipeline(
        [
            Node(
                func=sweep_workers,
                inputs={
                    "train_features": "train_features",
                    "test_features": "test_features",
                    "network": "network",
                    "target": "target",
                    "elephas": "params:elephas",
                    "decision": "params:reporting.decision",
                    "prior": "params:data.prior",
                    "sweep": "params:worker_sweep",
                    "seed": "params:seed",
                },
                outputs="worker_sweep",
                name="sweep_workers",
                tags=["spark", "keras"],
            ),
            Node(
                func=draw_sweep,
                inputs={"worker_sweep": "worker_sweep"},
                outputs="worker_sweep_plot",
                name="draw_sweep",
            ),
        ]
    )
