"""The nodes of feature_engineering."""

from typing import Any

from kedro.pipeline import Node, Pipeline

from bank_spark_dl.ml.features.fit import fit_feature_model
from bank_spark_dl.pipelines.feature_engineering.nodes import make_features, profile_train_rows


def create_pipeline(**_: Any) -> Pipeline:
    """Fit the feature stages on train rows, apply them to train and test rows."""
    return Pipeline(
        [
            Node(
                func=profile_train_rows,
                inputs={"rows": "train_rows", "data": "params:data"},
                outputs="training_profile",
                name="profile_train_rows",
            ),
            Node(
                func=fit_feature_model,
                inputs={"rows": "train_rows", "data": "params:data", "features": "params:features"},
                outputs=["input_columns", "scaled_columns", "feature_model", "target"],
                name="fit_feature_model",
            ),
            Node(
                func=make_features,
                inputs={
                    "train_rows": "train_rows",
                    "test_rows": "test_rows",
                    "feature_model": "feature_model",
                    "inputs": "input_columns",
                    "features": "params:features",
                    "data": "params:data",
                    "validation_split": "params:elephas.validation_split",
                    "seed": "params:seed",
                },
                outputs=["train_features", "test_features"],
                name="make_features",
            ),
        ],
        tags="spark",
    )
