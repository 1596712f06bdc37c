"""The nodes of scoring."""

from typing import Any

from kedro.pipeline import Node, Pipeline

from bank_spark_dl.pipelines.scoring.nodes import score_rows


def create_pipeline(**_: Any) -> Pipeline:
    """Score a raw file with the saved model."""
    return Pipeline(
        [
            Node(
                func=score_rows,
                inputs={
                    "rows": "scoring_rows",
                    "scoring_model": "scoring_model",
                    "data": "params:data",
                    "source": "params:scoring.input",
                },
                outputs="scores",
                name="score_rows",
            ),
        ],
        tags="spark",
    )
