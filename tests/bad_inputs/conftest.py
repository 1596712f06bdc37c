"""One training on the good rows, for all that score with it."""

from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from bad_inputs.project import run
from bad_inputs.rows import text, write


@pytest.fixture(scope="session")
def trained(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return where the results of the training lie."""
    folder = tmp_path_factory.mktemp("trained")
    run(
        ["data_processing", "feature_engineering", "modeling"],
        to_outputs=["scoring_model", "training_profile"],
        raw_filepath=str(write(folder / "bank.csv", text())),
        data_root=str(folder / "data"),
        elephas={"batch_size": 32, "epochs": 1},
    )
    return folder / "data"
