"""The nodes of reporting."""

from typing import Any

from kedro.pipeline import Node, Pipeline

from bank_spark_dl.pipelines.reporting.nodes import (
    compare_segments,
    decide_calls,
    draw_calibration,
    draw_confusion_matrices,
    draw_roc_curves,
    explain_columns,
    measure_results,
    write_report,
)
from bank_spark_dl.pipelines.reporting.plots.calls import draw_gains
from bank_spark_dl.pipelines.reporting.plots.importance import draw_importance
from bank_spark_dl.pipelines.reporting.plots.training import (
    draw_learning_curve,
    draw_worker_divergence,
)


def create_pipeline(**_: Any) -> Pipeline:
    """Measure, draw and report."""
    return Pipeline(
        [
            Node(
                func=measure_results,
                inputs={
                    "train_features": "train_features",
                    "train_predictions": "train_predictions",
                    "test_predictions": "test_predictions",
                    "baseline_predictions": "baseline_predictions",
                    "leak_free_predictions": "leak_free_predictions",
                    "leakage_columns": "leakage_columns",
                    "training_history": "training_history",
                    "data_profile": "data_profile",
                    "scaled_columns": "scaled_columns",
                    "other_splits": "other_splits",
                    "target": "target",
                    "split": "params:data.split",
                    "prior": "params:data.prior",
                    "weight": "params:data.weight",
                },
                outputs="metrics",
                name="measure_results",
                tags="spark",
            ),
            Node(
                func=draw_learning_curve,
                inputs={"training_history": "training_history"},
                outputs="learning_curve",
                name="draw_learning_curve",
            ),
            Node(
                func=draw_worker_divergence,
                inputs={"training_history": "training_history"},
                outputs="worker_divergence",
                name="draw_worker_divergence",
            ),
            Node(
                func=draw_roc_curves,
                inputs={
                    "test_predictions": "test_predictions",
                    "baseline_predictions": "baseline_predictions",
                    "target": "target",
                    "points": "params:reporting.curve_points",
                },
                outputs="roc_curve",
                name="draw_roc_curves",
                tags="spark",
            ),
            Node(
                func=draw_calibration,
                inputs={"test_predictions": "test_predictions", "metrics": "metrics"},
                outputs=["calibration", "residuals", "error_by_decile"],
                name="draw_calibration",
                tags="spark",
            ),
            Node(
                func=decide_calls,
                inputs={
                    "test_predictions": "test_predictions",
                    "target": "target",
                    "options": "params:reporting.decision",
                    "prior": "params:data.prior",
                    "seed": "params:seed",
                },
                outputs=["decision", "call_list"],
                name="decide_calls",
                tags="spark",
            ),
            Node(
                func=explain_columns,
                inputs={
                    "test_rows": "test_rows",
                    "test_predictions": "test_predictions",
                    "scoring_model": "scoring_model",
                    "target": "target",
                    "data": "params:data",
                    "features": "params:features",
                    "most_rows": "params:reporting.importance_rows",
                    "repeats": "params:reporting.importance_repeats",
                    "seed": "params:seed",
                },
                outputs="importance",
                name="explain_columns",
                tags="spark",
            ),
            Node(
                func=draw_importance,
                inputs={"importance": "importance"},
                outputs="importance_plot",
                name="draw_importance",
            ),
            Node(
                func=compare_segments,
                inputs={
                    "test_predictions": "test_predictions",
                    "test_rows": "test_rows",
                    "target": "target",
                    "data": "params:data",
                },
                outputs="segments",
                name="compare_segments",
                tags="spark",
            ),
            Node(
                func=draw_gains,
                inputs={"decision": "decision"},
                outputs=["gains_curve", "profit_curve"],
                name="draw_gains",
            ),
            Node(
                func=draw_confusion_matrices,
                inputs={"metrics": "metrics", "data": "params:data"},
                outputs=["confusion_matrix_train", "confusion_matrix_test"],
                name="draw_confusion_matrices",
            ),
            Node(
                func=write_report,
                inputs={
                    "metrics": "metrics",
                    "decision": "decision",
                    "importance": "importance",
                    "segments": "segments",
                    "input_columns": "input_columns",
                    "data_profile": "data_profile",
                    "data": "params:data",
                    "learning_curve": "learning_curve",
                    "worker_divergence": "worker_divergence",
                    "roc_curve": "roc_curve",
                    "calibration": "calibration",
                    "residuals": "residuals",
                    "error_by_decile": "error_by_decile",
                    "gains_curve": "gains_curve",
                    "profit_curve": "profit_curve",
                    "importance_plot": "importance_plot",
                    "confusion_matrix_train": "confusion_matrix_train",
                    "confusion_matrix_test": "confusion_matrix_test",
                },
                outputs=["report", "model_card"],
                name="write_report",
            ),
        ]
    )
