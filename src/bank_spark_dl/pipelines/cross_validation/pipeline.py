"""The nodes of cross_validation."""

from typing import Any

from kedro.pipeline import Node, Pipeline

from bank_spark_dl.pipelines.cross_validation.nodes import compare_models, predict_out_of_fold


def create_pipeline(**_: Any) -> Pipeline:
    """Train network and baselines on the same folds, compare them."""
    return Pipeline(
        [
            Node(
                func=predict_out_of_fold,
                inputs={
                    "rows": "bank_clean",
                    "data": "params:data",
                    "features": "params:features",
                    "model": "params:model",
                    "elephas": "params:elephas",
                    "baselines": "params:baselines",
                    "decision": "params:reporting.decision",
                    "options": "params:cross_validation",
                    "seed": "params:seed",
                },
                outputs=["cv_predictions", "cv_target"],
                name="predict_out_of_fold",
                tags="keras",
            ),
            Node(
                func=compare_models,
                inputs={
                    "cv_predictions": "cv_predictions",
                    "cv_target": "cv_target",
                    "options": "params:cross_validation",
                    "prior": "params:data.prior",
                },
                outputs="cv_metrics",
                name="compare_models",
            ),
        ],
        tags="spark",
    )
