"""What all tests share. Spark starts once, with the engine's settings, and only if a test asks."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import yaml
from hypothesis import settings as hypothesis_settings
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from bank_spark_dl.csv_validation import load_schema, read_checked_csv
from bank_spark_dl.parameters import BaselineOptions, Parameters, check_parameters
from bank_spark_dl.pipelines.data_processing.nodes import clean_rows
from bank_spark_dl.spark.session import start_spark, stop_spark
from tests.made_once import made_once

# A busy machine is no fault of the example it is slow at.
hypothesis_settings.register_profile("patient", deadline=None)
hypothesis_settings.load_profile("patient")

Run = Callable[..., subprocess.CompletedProcess[str]]
ROOT = Path(__file__).parents[1]
SAMPLE = ROOT / "data/01_raw/bank.csv"
SMALL_QUERIES = {
    "spark.app.name": "tests",
    "spark.master": "local[2]",  # a task that fails is not tried again
    "spark.driver.defaultJavaOptions": (
        "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -XX:ReservedCodeCacheSize=240m"
    ),
    # Thousands of small queries: to compile them, to plan them anew while they run, to describe
    # them for pages that nobody opens and to remember where they were written takes longer than to
    # run them. Runs in processes of their own have none of this.
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.dataFrameQueryContext.enabled": "false",
    "spark.sql.ui.explainMode": "simple",
}


@pytest.fixture(scope="session")
def spark() -> Iterator[SparkSession]:
    settings: dict[str, object] = {}
    for env in ("base", "test"):
        settings |= yaml.safe_load((ROOT / f"conf/{env}/spark.yml").read_text())
    session = start_spark(settings | SMALL_QUERIES)
    yield session
    stop_spark(session)


def kept_frames(spark: SparkSession) -> set[int]:
    """Numbers of the frames that executors keep."""
    return set(spark.sparkContext._jsc.getPersistentRDDs().keySet())


@pytest.fixture(scope="session")
def raw_parameters() -> dict:
    from kedro.config import OmegaConfigLoader

    loader = OmegaConfigLoader(
        conf_source=str(ROOT / "conf"), base_env="base", default_run_env="base"
    )
    return loader["parameters"]


@pytest.fixture(scope="session")
def parameters(raw_parameters: dict) -> Parameters:
    return check_parameters(raw_parameters)


@pytest.fixture(scope="session")
def quick_baselines(parameters: Parameters) -> BaselineOptions:
    """Baselines of the same kinds, fitted in a tenth of the steps."""
    options = parameters.baselines
    boosting = options.gradient_boosting.model_copy(update={"max_iter": 2})
    logistic = options.logistic_regression.model_copy(update={"max_iter": 10})
    return options.model_copy(
        update={"gradient_boosting": boosting, "logistic_regression": logistic}
    )


@pytest.fixture(scope="session")
def raw_rows(spark: SparkSession) -> DataFrame:
    """600 raw rows of the embedded sample."""
    schema = load_schema(ROOT / "conf/base/schema/bank.json")
    checked = read_checked_csv(spark, str(SAMPLE), schema).rows
    return checked.orderBy(F.xxhash64("id")).limit(600).cache()


@pytest.fixture(scope="session")
def rows(raw_rows: DataFrame, parameters: Parameters) -> DataFrame:
    """The same rows, clean."""
    return clean_rows(raw_rows, parameters.data).cache()


@pytest.fixture(scope="session")
def kedro_run() -> Run:
    """Return a function that calls `kedro run` with arguments and checks its exit status."""

    def run(*arguments: str, status: int = 0, folder: Path = ROOT) -> subprocess.CompletedProcess:
        answer = subprocess.run(
            [Path(sys.executable).parent / "kedro", "run", *arguments],
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=900,
        )
        assert answer.returncode == status, answer.stdout[-3000:] + answer.stderr[-3000:]
        return answer

    return run


@pytest.fixture(scope="session")
def whole(kedro_run: Run, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """Return the results of one whole run of the test environment, and what it printed.

    The processes of a test run share it.
    """

    def make(folder: Path, log: Path) -> None:
        answer = kedro_run("--env=test", f"--params=data_root={folder}")
        log.write_text(answer.stdout)

    folder, printed = made_once(tmp_path_factory, "whole", make)
    return folder, printed.read_text()
