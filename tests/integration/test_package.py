"""The wheel holds every file of the package, and runs in a folder that has only conf and data."""

import os
import zipfile
from pathlib import Path

from tests.integration.packaged import ROOT, call, make_folder

ROWS = 400


def test_wheel_holds_every_file_of_the_package(wheel: Path):
    source = ROOT / "src"
    files = (path for path in (source / "bank_spark_dl").rglob("*") if path.is_file())
    wanted = {
        path.relative_to(source).as_posix() for path in files if "__pycache__" not in path.parts
    }

    with zipfile.ZipFile(wheel) as archive:
        held = {name for name in archive.namelist() if ".dist-info/" not in name}

    assert held == wanted
    assert "bank_spark_dl/pipelines/reporting/templates/report.html" in held


def test_java_s_wrapper_can_be_executed(wheel: Path, environment: Path):
    with zipfile.ZipFile(wheel) as archive:
        wrapper = archive.getinfo("bank_spark_dl/resources/java/bin/java")
    assert wrapper.external_attr >> 16 & 0o111 == 0o111

    script = "from bank_spark_dl.spark.java import WRAPPER_HOME; print(WRAPPER_HOME / 'bin/java')"
    installed = Path(call(environment / "python", "-c", script, folder=environment).strip())
    assert installed.is_relative_to(environment.parent)
    assert os.access(installed, os.X_OK)


def test_runs_in_a_folder_with_conf_and_data_only(environment: Path, tmp_path: Path):
    make_folder(tmp_path, ROWS)

    command = (environment / "bank-spark-dl", "--env=test", "--pipelines=data_processing")
    said = call(*command, folder=tmp_path, COLUMNS="120")

    assert "Step 5 of 5: split_rows" in said
    assert (tmp_path / "data/test/02_intermediate/data_profile.json").is_file()
    for name in ("02_intermediate/bank_clean", "03_primary/train_rows", "03_primary/test_rows"):
        assert list((tmp_path / "data/test" / f"{name}.parquet").glob("*.parquet")), name


def test_runs_as_a_module(environment: Path, tmp_path: Path):
    said = call(environment / "python", "-m", "bank_spark_dl", "--help", folder=tmp_path)

    assert "--pipelines" in said
