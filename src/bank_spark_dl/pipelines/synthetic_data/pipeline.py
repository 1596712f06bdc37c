"""The nodes of synthetic_data."""

from kedro.pipeline import Node, Pipeline

from bank_spark_dl.pipelines.synthetic_data.nodes import generate_rows


def create_pipeline() -> Pipeline:
    """Build the pipeline.

    Returns:
        One node that draws the rows; the catalog's `synthetic_rows` writes them.
    """
    return Pipeline(
        [
            Node(
                func=generate_rows,
                inputs="params:synthetic",
                outputs="synthetic_rows",
                name="generate_rows",
                tags=["spark"],
            ),
        ]
    )
