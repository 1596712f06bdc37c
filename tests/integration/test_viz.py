"""What Kedro-Viz shows, asked in a process of its own: it must start neither Spark nor Keras."""

import json
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

ROOT = Path(__file__).parents[2]
LAYERS = [
    "raw",
    "intermediate",
    "primary",
    "feature",
    "model_input",
    "models",
    "model_output",
    "reporting",
]
GROUPS = ("data_processing", "feature_engineering", "modeling", "reporting")
OTHERS = (
    "cross_validation",
    "scoring",
    "scoring_stream",
    "synthetic_data",
    "tuning",
    "worker_sweep",
)
ENTER = {"bank_raw", "raw_source"}
PASS_BETWEEN = {
    *("bank_clean", "data_profile", "train_rows", "test_rows"),
    *("feature_model", "input_columns", "scaled_columns", "train_features", "test_features"),
    *("target", "scoring_model", "training_history", "train_predictions", "test_predictions"),
    *("baseline_predictions", "leak_free_predictions", "leakage_columns", "other_splits"),
}
LEAVE = {"training_profile", "keras_model", "call_list", "model_card", "report"}
PLOT = {"data": [{"type": "scatter", "x": [1, 2], "y": [3, 4]}], "layout": {}}
# The same two calls as in `kedro viz build --include-previews`.
BUILD = """
import sys
from pathlib import Path

import fsspec
from kedro.framework.startup import bootstrap_project

root, raw, results, site = map(Path, sys.argv[1:])
bootstrap_project(root)
from kedro_viz.api.rest.responses.save_responses import save_api_responses_to_fs
from kedro_viz.server import load_and_populate_data

params = {"raw_filepath": str(raw), "data_root": str(results)}
load_and_populate_data(root, package_name="bank_spark_dl", extra_params=params)
save_api_responses_to_fs(str(site), fsspec.filesystem("file"), True)

from pyspark import SparkContext

assert SparkContext._gateway is None, "a JVM was started"
assert "tensorflow" not in sys.modules, "TensorFlow was imported"
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the browser is given, for a few tiny results."""
    folder = tmp_path_factory.mktemp("viz")
    raw, results, site = folder / "bank.csv", folder / "results", folder / "site"
    raw.write_text("id,deposit\n1,yes\n2,no\n")
    predictions = results / "07_model_output/test_predictions.parquet"
    reporting = results / "08_reporting"
    for parent in (predictions, reporting, site / "api"):
        parent.mkdir(parents=True)
    pq.write_table(pa.table({"row_id": [7], "prediction": [1.0]}), predictions / "part-0.parquet")
    (reporting / "metrics.json").write_text('{"test": {"accuracy": 0.75}}')
    (reporting / "roc_curve.json").write_text(json.dumps(PLOT))

    command = [sys.executable, "-c", BUILD, ROOT, raw, results, site]
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)

    assert answer.returncode == 0, answer.stdout[-3000:] + answer.stderr[-3000:]
    return site


def read(site: Path, name: str) -> Any:
    return json.loads((site / "api" / name).read_text(encoding="utf-8"))


def node(site: Path, name: str) -> Any:
    ids = [node["id"] for node in read(site, "main")["nodes"] if node["name"] == name]
    return read(site, f"nodes/{ids[0]}")


def children(flow: Any, group: str, kind: str) -> set[str]:
    """Return the names of what a group shows when it is open; `__root__` is the whole picture."""
    names = {node["id"]: node["name"] for node in flow["nodes"]}
    shown = flow["modular_pipelines"][group]["children"]
    return {names[child["id"]] for child in shown if child["type"] == kind}


def nodes_of(pipeline: str) -> set[str]:
    package = import_module(f"bank_spark_dl.pipelines.{pipeline}")
    return {node.name for node in package.create_pipeline().nodes}


def test_shows_layers_and_pipelines(site: Path):
    flow = read(site, "main")

    assert flow["layers"] == LAYERS
    assert {pipeline["id"] for pipeline in flow["pipelines"]} == {"__default__", *GROUPS, *OTHERS}


def test_opens_with_four_groups_and_the_datasets_between_them(site: Path):
    flow = read(site, "main")

    assert flow["selected_pipeline"] == "__default__"
    assert children(flow, "__root__", "modularPipeline") == set(GROUPS)
    assert children(flow, "__root__", "task") == set()
    assert children(flow, "__root__", "data") == ENTER | PASS_BETWEEN | LEAVE


@pytest.mark.parametrize("group", GROUPS)
def test_a_group_holds_the_nodes_of_its_pipeline(site: Path, group: str):
    flow = read(site, "main")

    assert children(flow, group, "task") == nodes_of(group)


@pytest.mark.parametrize("pipeline", [*GROUPS, *OTHERS])
def test_a_pipeline_of_its_own_is_one_group(site: Path, pipeline: str):
    flow = read(site, f"pipelines/{pipeline}")

    assert children(flow, "__root__", "modularPipeline") == {pipeline}
    assert children(flow, "__root__", "task") == set()
    assert children(flow, pipeline, "task") == nodes_of(pipeline)


def test_every_dataset_has_a_layer_and_every_node_a_name(site: Path):
    nodes = read(site, "main")["nodes"]

    assert [node["name"] for node in nodes if node["type"] == "data" and not node["layer"]] == []
    assert {"check_rows", "train_network"} <= {n["name"] for n in nodes if n["type"] == "task"}


def test_shows_the_code_of_a_node(site: Path):
    assert "def train_network(" in node(site, "train_network")["code"]


@pytest.mark.parametrize(
    ("name", "kind", "shown"),
    [
        pytest.param(
            "bank_raw",
            "TablePreview",
            {"index": [0, 1], "columns": ["id", "deposit"], "data": [["1", "yes"], ["2", "no"]]},
            id="csv",
        ),
        pytest.param(
            "test_predictions",
            "TablePreview",
            {"index": [0], "columns": ["row_id", "prediction"], "data": [[7, 1.0]]},
            id="parquet",
        ),
        pytest.param("metrics", "JSONPreview", '{"test": {"accuracy": 0.75}}', id="json"),
    ],
)
def test_previews_results(site: Path, name: str, kind: str, shown: Any):
    found = node(site, name)

    assert found["preview_type"] == kind
    assert found["preview"] == shown


def test_previews_plots(site: Path):
    found = node(site, "roc_curve")

    assert found["preview_type"] == "PlotlyPreview"
    assert found["preview"]["data"] == PLOT["data"]


def test_shows_what_was_not_made_yet_without_a_preview(site: Path):
    assert not node(site, "train_features").get("preview")
