"""Print the runs in a store of MLflow as JSON: python mlflow_store.py URI, where MLflow is."""

import json
import sys
from typing import Any

from mlflow import MlflowClient
from mlflow.entities import Run


def described(client: MlflowClient, run: Run) -> dict[str, Any]:
    """Return what MLflow knows of a run."""
    number = run.info.run_id
    steps = {
        name: [(metric.step, metric.value) for metric in client.get_metric_history(number, name)]
        for name in run.data.metrics
    }
    folders = [entry.path for entry in client.list_artifacts(number)]
    inside = [entry.path for entry in client.list_artifacts(number, "plots")]
    return {
        "id": number,
        "name": run.info.run_name,
        "status": run.info.status,
        "parameters": run.data.params,
        "metrics": run.data.metrics,
        "steps": steps,
        "tags": run.data.tags,
        "artifacts": folders + inside,
        "place": run.info.artifact_uri,
    }


if __name__ == "__main__":
    client = MlflowClient(sys.argv[1])
    experiment = client.get_experiment_by_name("bank_spark_dl")
    runs = client.search_runs([experiment.experiment_id], order_by=["attributes.start_time ASC"])
    print(json.dumps([described(client, run) for run in runs]))
