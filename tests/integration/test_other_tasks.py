"""More than two classes, and numbers: from raw rows to scores, of a file and of a stream."""

import json
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pytest
from pyspark.sql import SparkSession

from bad_inputs.project import ROOT, conf_with_schema, run
from bad_inputs.rows import NAMES, ROWS, put, text, write
from bank_spark_dl.csv_validation import load_schema

LABELS = {"multiclass": "marital", "regression": "age"}
NETWORKS = {
    "multiclass": ("softmax", "categorical_crossentropy", "acc", "temperature"),
    "regression": ("linear", "huber", "mae", "none"),
}
CLASSES = ["divorced", "married", "single"]


class Trained(NamedTuple):
    """A trained model: its task, the folder it lies in, and what a run with it needs."""

    task: str
    folder: Path
    parameters: dict[str, Any]

    @property
    def unlabelled(self) -> list[str]:
        """The columns but label and weight."""
        return [name for name in NAMES if name not in (LABELS[self.task], "balance")]

    def document(self, name: str) -> dict[str, Any]:
        path = self.folder / f"data/08_reporting/{name}.json"
        return dict(json.loads(path.read_text()))

    def scores(self, path: Path) -> pd.DataFrame:
        return pd.read_parquet(path).sort_values("row_id", ignore_index=True)


@pytest.fixture(scope="module", params=list(LABELS))
def trained(
    request: pytest.FixtureRequest, spark: SparkSession, tmp_path_factory: pytest.TempPathFactory
) -> Trained:
    """Rows weigh by their balance, and the class depends on the job alone."""
    task, folder = request.param, tmp_path_factory.mktemp("trained")
    label, (activation, loss, metric, calibration) = LABELS[task], NETWORKS[task]
    rows = [
        row
        | {"marital": CLASSES[len(row["job"]) % 3], "balance": str(1 + abs(int(row["balance"])))}
        for row in ROWS
    ]
    inputs = {"categorical": ["job"], "numeric": ["duration", "campaign"]}
    columns = {"label": label, "positive": None} | inputs
    parameters = {
        "conf": conf_with_schema(folder, load_schema(ROOT / "conf/base/schema/bank.json"), [label]),
        "raw_filepath": str(write(folder / "bank.csv", text(rows))),
        "data_root": str(folder / "data"),
        "data": {"columns": columns, "task": task, "weight": "balance", "segments": []},
        "reporting": {"decision": None},
        "model": {"output_activation": activation},
        "elephas": {
            "batch_size": 16,
            "epochs": 10,
            "loss": loss,
            "metrics": [metric],
            "calibration": calibration,
        },
    }
    needed = ["scoring_model", "training_profile", "input_columns", "test_predictions"]
    run(["data_processing", "feature_engineering", "modeling"], to_outputs=needed, **parameters)
    return Trained(task, folder, parameters)


def test_a_file_is_scored_as_the_test_rows_were(trained: Trained, tmp_path: Path) -> None:
    new, output = write(tmp_path / "new.csv", text(names=trained.unlabelled)), tmp_path / "scores"
    places = {"input": str(new), "output": str(output)}
    run(["scoring"], **trained.parameters, scoring=places)
    scores = trained.scores(output)
    assert len(scores) == len(ROWS)
    tests = trained.scores(trained.folder / "data/07_model_output/test_predictions.parquet")
    both = scores.merge(tests, on="row_id", suffixes=("", "_of_test"))
    assert len(both) == len(tests) >= 59
    compared = trained.document("drift")["columns"]
    assert not {LABELS[trained.task], "balance"} & compared.keys()
    if trained.task == "regression":
        assert list(scores.columns) == ["row_id", "prediction"]
        np.testing.assert_allclose(both["prediction"], both["prediction_of_test"], rtol=1e-6)
        return
    of_classes = [f"probability_{name}" for name in CLASSES]
    assert list(scores.columns) == ["row_id", "probability", "prediction", *of_classes]
    assert [CLASSES[int(n)] for n in both["prediction_of_test"]] == list(both["prediction"])
    assert scores["prediction"].nunique() > 1
    expected = np.vstack(both["probability_of_test"])
    np.testing.assert_allclose(both[of_classes], expected, rtol=1e-6)
    np.testing.assert_allclose(both["probability"], expected.max(axis=1), rtol=1e-6)


def test_a_stream_is_scored_as_a_file_is_and_drift_is_reported(
    trained: Trained, tmp_path: Path
) -> None:
    arriving = tmp_path / "arriving"
    calls = put("campaign", "60", range(201, 301))
    write(arriving / "a.csv", text(calls[:200], trained.unlabelled))
    write(arriving / "b.csv", text(calls[200:], trained.unlabelled))
    streamed, scored = tmp_path / "streamed", tmp_path / "scored"
    run(
        ["scoring_stream"],
        **trained.parameters,
        scoring_stream={"input": str(arriving), "output": str(streamed), "files_per_batch": 1},
    )
    drift = trained.document("stream_drift")
    assert (drift["batch"], drift["rows"], drift["drifted_batches"]) == (1, 100, 1)
    assert "campaign" in drift["drifted"]
    assert LABELS[trained.task] not in drift["columns"]
    whole = {"input": str(arriving), "output": str(scored)}
    run(["scoring"], **trained.parameters, scoring=whole)
    assert len(trained.scores(scored)) == len(ROWS)
    pd.testing.assert_frame_equal(trained.scores(streamed), trained.scores(scored))
