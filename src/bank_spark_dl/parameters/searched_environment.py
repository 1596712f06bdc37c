"""Write an environment that is a copy of another one with other values of some parameters."""

import re
import shutil
from collections.abc import Mapping
from copy import deepcopy
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from ruamel.yaml import YAML

from bank_spark_dl.errors import ParameterError
from bank_spark_dl.parameters.dotted_names import EACH, set_value

MARKER: Final = "# Written by the pipeline tuning"
"""How parameters.yml of a searched environment begins; no other environment is ever replaced."""
SUFFIX: Final = "_searched"

_REFERENCE: Final = re.compile(r"\$\{.*\}", re.DOTALL)


def check_free(folder: Path, *, force: bool) -> None:
    """Refuse to overwrite an environment.

    Args:
        folder: conf/<environment>_searched.
        force: Whether one that a search wrote may be replaced.

    Raises:
        ParameterError: There is one that may not be replaced.
    """
    if not folder.exists():
        return
    parameters = folder / "parameters.yml"
    if not parameters.is_file() or not parameters.read_text(encoding="utf-8").startswith(MARKER):
        raise ParameterError(
            f"The environment {folder.name} was not written by the pipeline tuning and is not "
            "overwritten: rename it."
        )
    if not force:
        raise ParameterError(
            f"The environment {folder.name} is there already: {folder}. Replace it with "
            "--params=tuning.force=true, or rename it."
        )


def write_searched(
    source: Path | None,
    folder: Path,
    merged: Mapping[str, Any],
    values: Mapping[str, Any],
    note: str,
) -> None:
    """Copy an environment and change parameters in the copy.

    The copy has a `data_root` of its own if the environment has, and reads its own files.

    Args:
        source: conf/<environment>; it is not changed. None: that of base, with no files to copy.
        folder: conf/<environment>_searched; replaced when the new one is complete.
        merged: All parameters of the environment, those of base included.
        values: New values by dotted name.
        note: Comment at the top of parameters.yml.
    """
    with TemporaryDirectory(dir=folder.parent, prefix=".searched-") as hidden:
        made = Path(hidden) / folder.name
        made.mkdir()
        if source is not None:
            _copy(source, made)
        file = made / "parameters.yml"
        before = file.read_text(encoding="utf-8") if file.is_file() else ""
        header = "".join(f"# {line}\n" for line in note.splitlines())
        text = header + _with_values(before, merged, values)
        file.write_text(f"{MARKER}\n{text}", encoding="utf-8")
        if folder.exists():
            shutil.rmtree(folder)
        made.replace(folder)


def _copy(source: Path, made: Path) -> None:
    """Copy an environment; a link to credentials stays a link."""
    ignore = shutil.ignore_patterns(".*")
    shutil.copytree(source, made, symlinks=True, ignore=ignore, dirs_exist_ok=True)
    for file in sorted(made.rglob("*.yml")):
        if not file.is_symlink():
            text = file.read_text(encoding="utf-8")
            file.write_text(_with_own_paths(text, source.name, made.name), encoding="utf-8")


def _with_own_paths(text: str, before: str, now: str) -> str:
    """Name the copy's own files and folders of data."""
    return re.sub(rf"\b(conf|data)/{re.escape(before)}(?=[/\s\"']|$)", rf"\1/{now}", text)


def _with_values(text: str, merged: Mapping[str, Any], values: Mapping[str, Any]) -> str:
    """Set parameters in the text of a YAML file; comments stay."""
    round_trip = YAML(typ="rt")  # keeps comments, and makes no objects
    round_trip.preserve_quotes = True
    round_trip.width = 4096
    own = round_trip.load(text) or {}
    for name, value in values.items():
        _take_in(own, merged, name.split("."))
        set_value(own, name, value)
    written = StringIO()
    round_trip.dump(own, written)
    return written.getvalue()


def _take_in(own: Any, merged: Any, keys: list[str]) -> None:
    """Write down the sections that hold a parameter where the file does not.

    A list replaces that of base, so it is taken in whole; so is what the file refers to.
    """
    first, *others = keys
    if not others or first == EACH or not isinstance(own, dict):
        return
    held, known = own.get(first), merged[first]
    if held is None or (isinstance(held, str) and _REFERENCE.fullmatch(held)):
        # A mapping is merged with that of base, which need not be repeated.
        own[first] = {} if held is None and isinstance(known, dict) else deepcopy(known)
    _take_in(own[first], known, others)
