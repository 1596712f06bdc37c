"""What a whole run writes, and how to read it."""

import json
from pathlib import Path
from typing import Any

from pyspark.sql import DataFrame, SparkSession

FRAMES = (
    "02_intermediate/bank_clean",
    "03_primary/train_rows",
    "03_primary/test_rows",
    "05_model_input/train_features",
    "05_model_input/test_features",
    "07_model_output/train_predictions",
    "07_model_output/test_predictions",
    "07_model_output/baseline_predictions",
    "07_model_output/leak_free_predictions",
    "07_model_output/call_list",
)
DOCUMENTS = (
    "02_intermediate/data_profile",
    "04_feature/input_columns",
    "04_feature/scaled_columns",
    "04_feature/target",
    "04_feature/training_profile",
    "06_models/network",
    "07_model_output/leakage_columns",
    "07_model_output/other_splits",
    "08_reporting/decision",
    "08_reporting/metrics",
)
PLOTS = (
    "learning_curve",
    "roc_curve",
    "calibration",
    "residuals",
    "error_by_decile",
    "gains_curve",
    "profit_curve",
    "confusion_matrix_train",
    "confusion_matrix_test",
)


def document(folder: Path, name: str) -> Any:
    return json.loads((folder / f"{name}.json").read_text())


def frame(spark: SparkSession, folder: Path, name: str) -> DataFrame:
    return spark.read.parquet(str(folder / f"{name}.parquet"))
