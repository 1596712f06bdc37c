"""What all tests share. Spark starts once, with the engine's settings, and only if a test asks."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from bank_spark_dl.csv_validation import load_schema, read_checked_csv
from bank_spark_dl.parameters import Parameters, check_parameters
from bank_spark_dl.pipelines.data_processing.nodes import clean_rows
from bank_spark_dl.spark.session import start_spark, stop_spark

ROOT = Path(__file__).parents[1]
SAMPLE = ROOT / "data/01_raw/bank.csv"
TEST_SETTINGS = {
    "spark.app.name": "tests",
    "spark.master": "local[2]",
    "spark.driver.memory": "1g",
    "spark.driver.defaultJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
    "spark.sql.autoBroadcastJoinThreshold": "-1",
    "spark.sql.shuffle.partitions": "2",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.sql.session.timeZone": "UTC",
}


@pytest.fixture(scope="session")
def spark() -> Iterator[SparkSession]:
    session = start_spark(TEST_SETTINGS)
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
def raw_rows(spark: SparkSession) -> DataFrame:
    """600 raw rows of the embedded sample."""
    schema = load_schema(ROOT / "conf/base/schema/bank.json")
    checked = read_checked_csv(spark, str(SAMPLE), schema).rows
    return checked.orderBy(F.xxhash64("id")).limit(600).cache()


@pytest.fixture(scope="session")
def rows(raw_rows: DataFrame, parameters: Parameters) -> DataFrame:
    """The same rows, clean."""
    return clean_rows(raw_rows, parameters.data).cache()
