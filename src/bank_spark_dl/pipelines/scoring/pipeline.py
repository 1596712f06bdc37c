"""The nodes of scoring."""

from typing import Any

from kedro.pipeline import Node, Pipeline

from bank_spark_dl.pipelines.scoring.nodes import accept_rows, measure_drift, score_rows


def create_pipeline(**_: Any) -> Pipeline:
    """Compare a raw file with the train rows and score it with the saved model."""
    return Pipeline(
        [
            Node(
                func=measure_drift,
                inputs={
                    "rows": "scoring_rows",
                    "training_profile": "training_profile",
                    "options": "params:scoring.drift",
                },
                outputs=["measured_rows", "drift"],
                name="measure_drift",
            ),
            Node(
                func=accept_rows,
                inputs={
                    "rows": "measured_rows",
                    "drift": "drift",
                    "scoring_model": "scoring_model",
                    "inputs": "input_columns",
                    "features": "params:features",
                    "id_column": "params:data.columns.id",
                    "options": "params:scoring.drift",
                    "source": "params:scoring.input",
                },
                outputs="accepted_rows",
                name="accept_rows",
            ),
            Node(
                func=score_rows,
                inputs={
                    "rows": "accepted_rows",
                    "scoring_model": "scoring_model",
                    "id_column": "params:data.columns.id",
                    "source": "params:scoring.input",
                },
                outputs="scores",
                name="score_rows",
            ),
        ],
        tags="spark",
    )
