"""`kedro run` of the test environment: what it writes and prints."""

from pathlib import Path

import pytest
from pyspark.sql import SparkSession
from tests.results import DOCUMENTS, FRAMES, PLOTS, document, frame


def test_a_whole_run_writes_every_dataset(whole: tuple[Path, str]) -> None:
    folder = whole[0]
    written = {str(path.relative_to(folder)) for path in folder.glob("*/*")}
    assert written == {
        *(f"{name}.parquet" for name in FRAMES),
        *(f"{name}.json" for name in DOCUMENTS),
        *(f"08_reporting/{name}.json" for name in PLOTS),
        "04_feature/feature_model.model",
        "06_models/scoring_model.model",
        "06_models/training_history.json",
        "06_models/keras_model.keras",
        "06_models/checkpoint",
        "08_reporting/worker_divergence.json",
        "08_reporting/importance.json",
        "08_reporting/importance_plot.json",
        "08_reporting/segments.json",
        "08_reporting/model_card.md",
        "08_reporting/run.json",
        "08_reporting/report.html",
    }


def test_its_figures_belong_together(whole: tuple[Path, str], spark: SparkSession) -> None:
    metrics = document(whole[0], "08_reporting/metrics")
    assert metrics["data"] == {
        "source": "data/01_raw/bank.csv",
        "rows": 11_162,
        "synthetic": True,
    }
    assert metrics["model"]["inputs"] == 30
    for part in ("train", "test"):
        figures = metrics[part]
        predictions = frame(spark, whole[0], f"07_model_output/{part}_predictions")
        assert figures["rows"] == sum(map(sum, figures["confusion_matrix"])) == predictions.count()
        right = predictions.where("prediction = label_index").count()
        assert figures["accuracy"] == pytest.approx(right / figures["rows"])
    assert metrics["train"]["rows"] + metrics["test"]["rows"] == 11_162
    assert set(metrics["baselines"]) == {"decision_tree", "logistic_regression"}


def test_the_terminal_shows_steps_rows_stages_and_results(whole: tuple[Path, str]) -> None:
    shown = whole[1]
    for part in ("Step 1 of 29", "Columns and first rows", "StringIndexer", "Trainable params"):
        assert part in shown
    assert "(synthetic)" in shown
    assert "metrics.json" in shown
    assert "WARN" not in shown
