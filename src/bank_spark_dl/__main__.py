"""Run the packaged project: `python -m bank_spark_dl`, in a folder with conf/ and data/."""

import os
import sys
from pathlib import Path
from typing import Any

from kedro.framework.cli.utils import find_run_command
from kedro.framework.project import configure_project


def main(*args: Any, **kwargs: Any) -> Any:
    """Run the project's `run` command; `kedro run --help` lists its options."""
    os.environ.setdefault("DO_NOT_TRACK", "1")  # the project's .telemetry is not in the package
    package_name = Path(__file__).parent.name
    configure_project(package_name)
    kwargs["standalone_mode"] = not hasattr(sys, "ps1")
    return find_run_command(package_name)(*args, **kwargs)


if __name__ == "__main__":
    main()
