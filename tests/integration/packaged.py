"""The project as others get it: a wheel, an environment around it, a folder with conf and data."""

import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

ROOT = Path(__file__).parents[2]


def call(*command: str | Path, folder: Path, **variables: str) -> str:
    """Run a program to its end, without this project's source on its path; return its output."""
    clean = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    answer = subprocess.run(
        command, cwd=folder, env=clean | variables, capture_output=True, text=True, timeout=500
    )
    assert answer.returncode == 0, answer.stdout[-3000:] + answer.stderr[-3000:]
    return answer.stdout


def build_wheel(folder: Path) -> Path:
    """Build without a network, in a copy, so that nothing is left in the project."""
    leave = shutil.ignore_patterns("__pycache__", "*.egg-info")
    shutil.copytree(ROOT / "src", folder / "src", ignore=leave)
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, folder)
    call(sys.executable, "-m", "build", "--wheel", "--no-isolation", ".", folder=folder)
    return next((folder / "dist").glob("*.whl"))


def make_environment(wheel: Path, folder: Path) -> Path:
    """Make an environment of the wheel and everything that it depends on; return its programs."""
    call(sys.executable, "-m", "venv", "--without-pip", "venv", folder=folder)
    programs = folder / "venv/bin"
    pip = (sys.executable, "-m", "pip", "--python", programs / "python")
    options = ("--quiet", "--no-index", "--no-deps", "--no-compile")
    call(*pip, "install", *options, wheel, folder=folder)
    # The dependencies of the tests' own environment come after the wheel. What makes the project
    # itself importable there, a .pth file, is not read from a folder that is added in this way.
    python = f"python{sys.version_info.major}.{sys.version_info.minor}"
    shared = folder / "venv/lib" / python / "site-packages/shared.pth"
    shared.write_text(sysconfig.get_path("purelib"), encoding="utf-8")
    return programs


def make_folder(folder: Path, rows: int) -> None:
    """Fill a folder with the project's conf and the sample's first rows."""
    shutil.copytree(ROOT / "conf", folder / "conf", ignore=shutil.ignore_patterns("local"))
    (folder / "conf/local").mkdir()
    raw = folder / "data/01_raw/bank.csv"
    raw.parent.mkdir(parents=True)
    with (ROOT / "data/01_raw/bank.csv").open(encoding="utf-8") as lines:
        raw.write_text("".join(line for line, _ in zip(lines, range(rows + 1), strict=False)))
