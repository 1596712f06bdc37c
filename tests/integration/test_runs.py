"""`kedro run` of the test environment: by pipeline, beside and after other runs, with mistakes."""

import csv
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from kedro.io import DataCatalog
from kedro.pipeline import Node, Pipeline
from pyspark.sql import SparkSession
from pyspark.testing import assertDataFrameEqual

from bad_inputs.project import refusal, run
from bank_spark_dl.datasets import JSONDataset, TextDataset
from bank_spark_dl.hooks.locking import LockHooks
from tests.conftest import SAMPLE
from tests.results import DOCUMENTS, FRAMES, document, frame

PIPELINES = ("data_processing", "feature_engineering", "modeling", "reporting")


@pytest.fixture(scope="module")
def one_by_one(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The results of a session of Kedro for each pipeline, which share nothing but the disk."""
    folder = tmp_path_factory.mktemp("one_by_one")
    for name in PIPELINES:
        run([name], data_root=str(folder))
    return folder


def test_the_run_record_says_what_made_the_results(whole: Any, one_by_one: Path) -> None:
    record, parts = document(whole[0], "08_reporting/run"), document(one_by_one, "08_reporting/run")
    assert set(record["steps"]) == set(parts["steps"])
    assert "train_network" in record["steps"]
    assert record["parameters"]["elephas"]["epochs"] == 2
    assert record["packages"]["elephas"] == "7.3.0"
    assert record["seed"] == 1234
    training = record["steps"]["train_network"]
    assert training["parameters"]["elephas"]["epochs"] == 2
    assert training["parameters"]["seed"] == 1234
    assert training["seconds"] > 0
    assert training["commit"] == record["commit"]
    profile = document(whole[0], "02_intermediate/data_profile")
    assert record["data"] == {key: profile[key] for key in ("source", "sha256", "synthetic")}
    made = {name.partition("/")[2] for name in (*FRAMES, *DOCUMENTS)}
    assert made < set(record["datasets"]) == set(parts["datasets"])
    for name, origin in record["datasets"].items():
        assert origin["recipe"] == parts["datasets"][name]["recipe"], name
    assert (record["pipelines"], parts["pipelines"]) == (["__default__"], ["reporting"])


def test_pipelines_one_by_one_give_the_same(
    whole: tuple[Path, str], one_by_one: Path, spark: SparkSession
) -> None:
    for name in DOCUMENTS[:-1]:
        assert document(one_by_one, name) == document(whole[0], name), name
    parts, together = (_flat(document(at, DOCUMENTS[-1])) for at in (one_by_one, whole[0]))
    # Spark adds up areas in the order in which tasks end: the last digits of an AUC differ.
    expected = {
        key: pytest.approx(value, rel=1e-12, abs=1e-12) if isinstance(value, float) else value
        for key, value in together.items()
    }
    assert parts == expected
    for name in FRAMES:
        assertDataFrameEqual(frame(spark, one_by_one, name), frame(spark, whole[0], name))


def _flat(section: Any, path: str = "") -> dict[str, Any]:
    """One level of names and values from nested sections."""
    if isinstance(section, dict):
        return {k: v for key in section for k, v in _flat(section[key], f"{path}.{key}").items()}
    if isinstance(section, list):
        return _flat(dict(enumerate(section)), path)
    return {path: section}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        pytest.param(
            "--params=elephas.epochs=0",
            "elephas.epochs is 0: it should be greater than 0.",
            id="parameter",
        ),
        pytest.param(
            "--params=raw_filepath=no/such/file.csv", "no/such/file.csv", id="missing-file"
        ),
    ],
)
def test_a_mistake_ends_in_one_paragraph(
    kedro_run: Callable[..., subprocess.CompletedProcess[str]],
    tmp_path: Path,
    arguments: str,
    message: str,
) -> None:
    answer = kedro_run("--env=test", f"{arguments},data_root={tmp_path}", status=1)
    assert message in answer.stderr.replace("\n", "")
    assert "Traceback" not in answer.stdout + answer.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def copied(whole: tuple[Path, str], tmp_path: Path) -> Path:
    return Path(shutil.copytree(whole[0], tmp_path / "data"))


@pytest.mark.parametrize(
    ("name", "message"),
    [
        pytest.param(
            "06_models/training_history.json",
            "training_history is not what the step choose_threshold wrote",
            id="another-model",
        ),
        pytest.param(
            "07_model_output/test_predictions.parquet",
            "test_predictions is not what the step predict_rows wrote",
            id="other-predictions",
        ),
    ],
)
def test_a_report_on_outputs_of_different_runs_is_refused(
    copied: Path, one_by_one: Path, name: str, message: str
) -> None:
    before = (copied / "08_reporting/report.html").read_bytes()
    put_in_place(one_by_one / name, copied / name)
    assert message in refusal(["reporting"], data_root=str(copied))
    assert (copied / "08_reporting/report.html").read_bytes() == before


def put_in_place(source: Path, target: Path) -> None:
    if target.is_dir():
        shutil.rmtree(target)
        shutil.copytree(source, target)
    else:
        target.write_text(source.read_text() + " ")


def test_a_report_on_another_data_file_is_refused(
    copied: Path, spark: SparkSession, tmp_path: Path
) -> None:
    other = tmp_path / "other.csv"
    other.write_text("".join(SAMPLE.read_text().splitlines(keepends=True)[:3000]))
    places = {"data_root": str(copied), "raw_filepath": str(other)}
    run(["data_processing"], **places)
    said = refusal(["reporting"], **places)
    assert "data_profile do not belong together: they come from runs with different" in said
    assert "raw_source" in said


def test_a_second_run_at_the_same_time_is_refused(
    kedro_run: Callable[..., Any], whole: tuple[Path, str]
) -> None:
    hooks, path = LockHooks(), whole[0] / "08_reporting/report.html"
    catalog = DataCatalog({"report": TextDataset(filepath=str(path))})
    hooks.before_pipeline_run(Pipeline([Node(lambda: "", None, "report")]), catalog)
    answer = kedro_run(
        "--env=test", "--pipelines=reporting", f"--params=data_root={whole[0]}", status=1
    )
    hooks.after_pipeline_run()
    said = answer.stderr.replace("\n", " ")
    assert f"is being written by another run: process {os.getpid()} on" in said


def test_what_another_run_reads_is_not_replaced(
    kedro_run: Callable[..., Any], whole: tuple[Path, str]
) -> None:
    hooks, path = LockHooks(), whole[0] / "08_reporting/metrics.json"
    catalog = DataCatalog({"metrics": JSONDataset(filepath=str(path))})
    before = path.read_bytes()
    hooks.before_pipeline_run(Pipeline([Node(print, "metrics", None)]), catalog)
    answer = kedro_run(
        "--env=test", "--pipelines=reporting", f"--params=data_root={whole[0]}", status=1
    )
    hooks.after_pipeline_run()
    said = answer.stderr.replace("\n", " ")
    assert f"is being read by another run: process {os.getpid()} on" in said
    assert path.read_bytes() == before


def test_a_failure_while_keras_loads_is_not_lost(
    kedro_run: Callable[..., Any], copied: Path
) -> None:
    """Two threads import Keras then, and both hold the standard error back."""
    parameters = f"--params=data_root={copied},elephas.batch_size=999999"
    answer = kedro_run("--env=test", "--pipelines=worker_sweep", parameters, status=1)
    assert "fewer than one batch of 999999: use batch_size=" in answer.stderr.replace("\n", " ")
    assert "Traceback" not in answer.stdout + answer.stderr


def test_new_rows_are_scored_under_the_ids_they_came_with(
    kedro_run: Callable[..., Any], whole: tuple[Path, str], tmp_path: Path, spark: SparkSession
) -> None:
    """The saved model, in a new process, on a file with no label and columns in another order."""
    given, output = tmp_path / "new.csv", tmp_path / "out/scores.parquet"
    with SAMPLE.open() as sample, given.open("w") as file:
        rows = [{**row} for row in csv.DictReader(sample)][:3000]
        names = ["id", *sorted(set(rows[0]) - {"id", "deposit"})]
        writer = csv.DictWriter(file, names, extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)
    answer = kedro_run(
        "--env=test",
        "--pipelines=scoring",
        f"--params=data_root={whole[0]},scoring.input={given},scoring.output={output},seed=7",
    )
    assert document(whole[0], "08_reporting/run")["seed"] == 1234  # 7 has made nothing
    scores = spark.read.parquet(str(output)).withColumnRenamed("probability", "scored")
    assert scores.count() == 3000
    assert "scores: " in answer.stdout
    known = frame(spark, whole[0], "07_model_output/train_predictions").unionByName(
        frame(spark, whole[0], "07_model_output/test_predictions")
    )
    same = scores.join(known, "row_id").where("abs(scored - probability) < 1e-12")
    assert same.count() == 3000


def test_cross_validation_needs_clean_rows_only(
    tmp_path: Path, spark: SparkSession, capsys: pytest.CaptureFixture[str]
) -> None:
    pipelines = ["data_processing", "cross_validation"]
    run(pipelines, data_root=str(tmp_path), cross_validation={"seed": 3})
    metrics = document(tmp_path, "08_reporting/cv_metrics")
    assert (metrics["folds"], metrics["seed"]) == (2, 3)
    baselines = {"decision_tree", "logistic_regression", "gradient_boosting"}
    assert set(metrics["models"]) == {"network", *baselines}
    assert set(metrics["network_minus"]) == baselines
    for figures in metrics["models"].values():
        for interval in figures.values():
            assert set(interval) == {"mean", "low", "high"}
    rows = frame(spark, tmp_path, "02_intermediate/bank_clean").count()
    kept = frame(spark, tmp_path, "07_model_output/cv_predictions").toPandas()
    assert len(kept) == 4 * rows == 4 * kept.row_id.nunique()
    for model, predictions in kept.groupby("model"):
        again = [_figures(part) for _, part in predictions.groupby("fold")]
        for key in ("accuracy", "auc", "log_loss"):
            mean = sum(fold[key] for fold in again) / len(again)
            assert metrics["models"][model][key]["mean"] == pytest.approx(mean)
    printed = capsys.readouterr().out
    assert "Means over 2 folds" in printed
    assert metrics["verdict"] in printed


def _figures(part: pd.DataFrame) -> dict[str, float]:
    """Compute accuracy, AUC (Mann and Whitney's statistic) and log loss without Spark."""
    positive, ranks = part.label_index == 1, part.probability.rank()
    count = positive.sum()
    above = ranks[positive].sum() - count * (count + 1) / 2
    likelihood = np.where(positive, part.probability, 1 - part.probability)
    return {
        "accuracy": (part.prediction == part.label_index).mean(),
        "auc": above / (count * (~positive).sum()),
        "log_loss": -np.log(np.maximum(likelihood, 1e-15)).mean(),
    }
