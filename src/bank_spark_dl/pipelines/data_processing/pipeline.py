"""The nodes of data_processing."""

from typing import Any

from kedro.pipeline import Node, Pipeline

from bank_spark_dl.pipelines.data_processing.nodes import (
    check_rows,
    clean_rows,
    preview_rows,
    profile_rows,
    split_rows,
)


def create_pipeline(**_: Any) -> Pipeline:
    """Load, check, preview, profile, clean and split."""
    return Pipeline(
        [
            Node(
                func=check_rows,
                inputs={"raw": "bank_raw", "source": "raw_source", "options": "params:data"},
                outputs="checked_rows",
                name="check_rows",
            ),
            Node(
                func=preview_rows,
                inputs={"rows": "checked_rows", "options": "params:data"},
                outputs=None,
                name="preview_rows",
            ),
            Node(
                func=profile_rows,
                inputs={"rows": "checked_rows", "source": "raw_source", "options": "params:data"},
                outputs="data_profile",
                name="profile_rows",
            ),
            Node(
                func=clean_rows,
                inputs={
                    "rows": "checked_rows",
                    "options": "params:data",
                    "derived": "params:features.derived",
                    "counts": "params:features.counts",
                },
                outputs="bank_clean",
                name="clean_rows",
            ),
            Node(
                func=split_rows,
                inputs={"rows": "bank_clean", "options": "params:data", "seed": "params:seed"},
                outputs=["train_rows", "test_rows"],
                name="split_rows",
            ),
        ],
        tags="spark",
    )
