"""The nodes of scoring_stream."""

from typing import Any

from kedro.pipeline import Node, Pipeline

from bank_spark_dl.pipelines.scoring_stream.nodes import follow_stream, plan_stream


def create_pipeline(**_: Any) -> Pipeline:
    """Score the files that arrive in a folder, and compare each batch with the train rows."""
    return Pipeline(
        [
            Node(
                func=plan_stream,
                inputs={
                    "arriving": "stream_rows",
                    "scoring_model": "scoring_model",
                    "training_profile": "training_profile",
                    "id_column": "params:data.columns.id",
                    "options": "params:scoring_stream",
                },
                outputs="stream_scores",
                name="plan_stream",
            ),
            Node(
                func=follow_stream,
                inputs={
                    "query": "stream_scores",
                    "arriving": "stream_rows",
                    "training_profile": "training_profile",
                    "options": "params:scoring.drift",
                },
                outputs="stream_drift",
                name="follow_stream",
            ),
        ],
        tags="spark",
    )
