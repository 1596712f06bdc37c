"""The wheel holds every file of the package, and runs in a folder that has only conf and data."""

import os
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROWS = 400


def call(*command: str | Path, folder: Path, **variables: str) -> str:
    clean = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    answer = subprocess.run(
        command, cwd=folder, env=clean | variables, capture_output=True, text=True, timeout=300
    )
    assert answer.returncode == 0, answer.stdout[-3000:] + answer.stderr[-3000:]
    return answer.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel, built without a network in a copy, so that nothing is left in the project."""
    folder = tmp_path_factory.mktemp("wheel")
    leave = shutil.ignore_patterns("__pycache__", "*.egg-info")
    shutil.copytree(ROOT / "src", folder / "src", ignore=leave)
    for name in ("pyproject.toml", "README.md"):
        shutil.copy(ROOT / name, folder)
    call(sys.executable, "-m", "build", "--wheel", "--no-isolation", ".", folder=folder)
    return next((folder / "dist").glob("*.whl"))


@pytest.fixture(scope="module")
def environment(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of a fresh environment: the wheel, and everything that it depends on."""
    folder = tmp_path_factory.mktemp("environment")
    call(sys.executable, "-m", "venv", "--without-pip", "venv", folder=folder)
    programs = folder / "venv/bin"
    pip = (sys.executable, "-m", "pip", "--python", programs / "python")
    call(*pip, "install", "--quiet", "--no-index", "--no-deps", wheel, folder=folder)
    # The dependencies of the tests' own environment come after the wheel. What makes the project
    # itself importable there, a .pth file, is not read from a folder that is added in this way.
    python = f"python{sys.version_info.major}.{sys.version_info.minor}"
    shared = folder / "venv/lib" / python / "site-packages/shared.pth"
    shared.write_text(sysconfig.get_path("purelib"), encoding="utf-8")
    return programs


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

    script = "from bank_spark_dl.java import WRAPPER_HOME; print(WRAPPER_HOME / 'bin/java')"
    installed = Path(call(environment / "python", "-c", script, folder=environment).strip())
    assert installed.is_relative_to(environment.parent)
    assert os.access(installed, os.X_OK)


def test_runs_in_a_folder_with_conf_and_data_only(environment: Path, tmp_path: Path):
    shutil.copytree(ROOT / "conf", tmp_path / "conf", ignore=shutil.ignore_patterns("local"))
    (tmp_path / "conf/local").mkdir()
    raw = tmp_path / "data/01_raw/bank.csv"
    raw.parent.mkdir(parents=True)
    with (ROOT / "data/01_raw/bank.csv").open(encoding="utf-8") as lines:
        raw.write_text("".join(line for line, _ in zip(lines, range(ROWS + 1), strict=False)))

    command = (environment / "bank-spark-dl", "--env=test", "--pipelines=data_processing")
    said = call(*command, folder=tmp_path, COLUMNS="120")

    assert "Step 5 of 5: split_rows" in said
    assert (tmp_path / "data/test/02_intermediate/data_profile.json").is_file()
    for name in ("02_intermediate/bank_clean", "03_primary/train_rows", "03_primary/test_rows"):
        assert list((tmp_path / "data/test" / f"{name}.parquet").glob("*.parquet")), name


def test_runs_as_a_module(environment: Path, tmp_path: Path):
    said = call(environment / "python", "-m", "bank_spark_dl", "--help", folder=tmp_path)

    assert "--pipelines" in said
