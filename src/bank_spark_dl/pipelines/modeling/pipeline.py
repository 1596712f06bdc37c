"""The nodes of modeling."""

from typing import Any

from kedro.pipeline import Node, Pipeline

from bank_spark_dl.pipelines.modeling.nodes import (
    assemble_scoring_model,
    choose_threshold,
    design_network,
    export_keras_model,
    predict_rows,
    train_baselines,
    train_network,
    train_without_leakage,
)
from bank_spark_dl.pipelines.modeling.other_split import train_on_other_split


def create_pipeline(**_: Any) -> Pipeline:
    """Design and train the network, predict, train baselines, assemble the scoring model."""
    return Pipeline(
        [
            Node(
                func=design_network,
                inputs={
                    "train_features": "train_features",
                    "feature_model": "feature_model",
                    "target": "target",
                    "options": "params:model",
                    "elephas": "params:elephas",
                    "prior": "params:data.prior",
                },
                outputs="network",
                name="design_network",
                tags="keras",
            ),
            Node(
                func=train_network,
                inputs={
                    "train_features": "train_features",
                    "network": "network",
                    "target": "target",
                    "options": "params:elephas",
                    "prior": "params:data.prior",
                    "seed": "params:seed",
                    "data_root": "params:data_root",
                },
                outputs="trained_network",
                name="train_network",
                tags="keras",
            ),
            Node(
                func=choose_threshold,
                inputs={
                    "trained_network": "trained_network",
                    "target": "target",
                    "threshold": "params:elephas.threshold",
                    "decision": "params:reporting.decision",
                    "prior": "params:data.prior",
                },
                outputs=["network_model", "training_history"],
                name="choose_threshold",
            ),
            Node(
                func=export_keras_model,
                inputs={
                    "network": "network",
                    "network_model": "network_model",
                    "target": "target",
                },
                outputs="keras_model",
                name="export_keras_model",
            ),
            Node(
                func=predict_rows,
                inputs={
                    "network_model": "network_model",
                    "train_features": "train_features",
                    "test_features": "test_features",
                    "target": "target",
                },
                outputs=["train_predictions", "test_predictions"],
                name="predict_rows",
            ),
            Node(
                func=train_baselines,
                inputs={
                    "train_features": "train_features",
                    "test_features": "test_features",
                    "training_history": "training_history",
                    "target": "target",
                    "options": "params:baselines",
                    "prior": "params:data.prior",
                    "seed": "params:seed",
                },
                outputs="baseline_predictions",
                name="train_baselines",
            ),
            Node(
                func=train_without_leakage,
                inputs={
                    "train_rows": "train_rows",
                    "test_rows": "test_rows",
                    "training_history": "training_history",
                    "target": "target",
                    "data": "params:data",
                    "features": "params:features",
                    "baselines": "params:baselines",
                    "seed": "params:seed",
                },
                outputs=["leak_free_predictions", "leakage_columns"],
                name="train_without_leakage",
            ),
            Node(
                func=train_on_other_split,
                inputs={
                    "rows": "bank_clean",
                    "training_history": "training_history",
                    "data": "params:data",
                    "features": "params:features",
                    "model": "params:model",
                    "elephas": "params:elephas",
                    "seed": "params:seed",
                },
                outputs="other_splits",
                name="train_on_other_split",
                tags="keras",
            ),
            Node(
                func=assemble_scoring_model,
                inputs={
                    "feature_model": "feature_model",
                    "network_model": "network_model",
                    "target": "target",
                },
                outputs="scoring_model",
                name="assemble_scoring_model",
            ),
        ],
        tags="spark",
    )
