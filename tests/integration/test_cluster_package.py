"""The wheel on Spark's standalone cluster, as docs/cluster.md says, with no source tree near."""

import json
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
import yaml

from tests.integration.packaged import call, make_folder
from tests.spark_cluster import ENVIRONMENT, PROGRAMS, SETTINGS, Cluster, running_cluster

ROWS = 1500
OF_THE_TESTS = ("PYTHONPATH", "PYSPARK_PYTHON", "PYTHONDONTWRITEBYTECODE")
VARIABLES = {key: value for key, value in ENVIRONMENT.items() if key not in OF_THE_TESTS}
RUN_PY = "from bank_spark_dl.__main__ import main\n\nmain()\n"  # as in docs/cluster.md
SMALL = SETTINGS | {"spark.executor.cores": 1}
PACKED = {
    "spark.archives": "environment.tar.gz#environment",
    "spark.pyspark.python": "./environment/bin/python",
}


@pytest.fixture(scope="module")
def executors(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that executors work in."""
    return tmp_path_factory.mktemp("cluster")


@pytest.fixture(scope="module")
def cluster(executors: Path) -> Iterator[Cluster]:
    with running_cluster(executors, VARIABLES) as running:
        yield running


@pytest.fixture(scope="module")
def project(environment: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with conf, data and the packed environment; its settings fit small executors."""
    folder = tmp_path_factory.mktemp("project")
    make_folder(folder, ROWS)
    (folder / "conf/test/parameters.yml").rename(folder / "conf/cluster/parameters.yml")
    (folder / "run.py").write_text(RUN_PY)
    with tarfile.open(folder / "environment.tar.gz", "w:gz") as archive:
        archive.add(environment.parent, ".", filter=without_bytecode)
    set_spark(folder, SMALL | PACKED)
    return folder


def without_bytecode(file: tarfile.TarInfo) -> tarfile.TarInfo | None:
    """Leave to the executors to compile what they import, see `imported`."""
    return None if "__pycache__" in file.name else file


def set_spark(project: Path, settings: dict[str, Any]) -> None:
    path = project / "conf/cluster/spark.yml"
    path.write_text(yaml.safe_dump(yaml.safe_load(path.read_text()) | settings))


def imported(environment: Path, module: str) -> bool:
    """Whether a module of the project was imported from an environment: Python kept its code."""
    package = "lib/python*/site-packages/bank_spark_dl"
    folder, _, name = module.rpartition("/")
    return any(environment.glob(f"{package}/{folder}/__pycache__/{name}.*.pyc"))


def read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def results(cluster: Cluster, project: Path, environment: Path) -> Path:
    """What a run of the whole project leaves."""
    set_spark(project, {"spark.master": cluster.address})
    command = (environment / "bank-spark-dl", "--env=cluster")
    parameters = "--params=elephas.num_workers=2,data_root=results"
    call(*command, parameters, folder=project, PYTHONDONTWRITEBYTECODE="", **VARIABLES)
    return project / "results"


def test_whole_project_runs_on_a_cluster(results: Path) -> None:
    metrics = read(results / "08_reporting/metrics.json")
    assert metrics["data"]["rows"] == ROWS
    assert metrics["train"]["rows"] + metrics["test"]["rows"] == ROWS
    assert metrics["model"]["num_workers"] == 2
    assert (results / "08_reporting/report.html").is_file()
    predictions = results / "07_model_output/test_predictions.parquet"
    assert pq.read_table(predictions).num_rows == metrics["test"]["rows"]


def test_driver_and_both_executors_import_the_project_from_the_wheel(
    results: Path, environment: Path, executors: Path
) -> None:
    assert imported(environment.parent, "cli/commands")
    unpacked = list(executors.glob("*/app-*/*/environment"))
    assert len(unpacked) == 2
    for packed in unpacked:
        assert imported(packed, "distributed/runtime/worker_daemon")
        assert imported(packed, "distributed/training/worker")
        assert not imported(packed, "cli/commands")  # nothing came compiled


def test_spark_submit_names_the_master(
    cluster: Cluster, results: Path, project: Path, environment: Path
) -> None:
    set_spark(project, {"spark.master": None})
    command = (PROGRAMS / "spark-submit", "--master", cluster.address, "run.py", "--env=cluster")
    parameters = "--params=data_root=results,scoring.output=results/scores.parquet"
    variables = VARIABLES | {"PYSPARK_DRIVER_PYTHON": str(environment / "python")}
    said = call(*command, "--pipelines=scoring", parameters, folder=project, **variables)
    assert f"Spark runs ({cluster.address})" in " ".join(said.split())
    assert pq.read_table(results / "scores.parquet").num_rows == ROWS
