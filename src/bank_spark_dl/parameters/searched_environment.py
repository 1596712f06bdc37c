"""Write an environment that is a copy of another one with other values of some parameters."""

import os
import shutil
from collections.abc import Callable, Mapping
from copy import deepcopy
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import yaml
from ruamel.yaml import YAML
from ruamel.yaml.scalarstring import DoubleQuotedScalarString

from bank_spark_dl.errors import ParameterError
from bank_spark_dl.parameters.dotted_names import set_value

MARKER: Final = "# Written by the pipeline tuning"
"""How parameters.yml of a searched environment begins; no other environment is ever replaced."""
SUFFIX: Final = "_searched"
SETTINGS: Final = ("data", "features", "model", "elephas", "seed")
"""Sections that decide what is trained."""

_OUTPUTS: Final = ("scores", "stream_scores")
"""Entries of globals.yml that may lie below data_root."""


def refuse_other(folder: Path, *, force: bool) -> None:
    """Refuse to overwrite an environment.

    Args:
        folder: conf/<environment>_searched.
        force: Whether one that a search wrote may be replaced.

    Raises:
        ParameterError: There is one that may not be replaced.
    """
    if not os.path.lexists(folder):
        return
    parameters = folder / "parameters.yml"
    marked = parameters.is_file() and parameters.read_bytes().startswith(MARKER.encode())
    if not marked:
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
    source: Path,
    folder: Path,
    merged: Mapping[str, Any],
    values: Mapping[str, Any],
    note: str,
    load: Callable[[str], Mapping[str, Any]],
    *,
    keep: bool = True,
) -> None:
    """Copy an environment and change parameters in the copy, which has a data_root of its own.

    Args:
        source: conf/<environment>; it is not changed.
        folder: conf/<environment>_searched; replaced when the new one is complete.
        merged: All parameters of the environment, those of base and of the run included.
        values: New values by dotted name.
        note: Comment at the top of parameters.yml.
        load: Loads all parameters of an environment by its name.
        keep: False: only find out whether it can be written.

    Raises:
        ParameterError: The copy would not have these values.
        OSError: The folder cannot be written.
    """
    expected = deepcopy(dict(merged))
    for name, value in values.items():
        set_value(expected, name, value)
    # Not a hidden folder: Kedro would read nothing in it.
    with TemporaryDirectory(dir=folder.parent, prefix="searching-") as unfinished:
        made = Path(unfinished) / folder.name
        _copy(source, made)
        _set_data_root(made / "globals.yml", folder.name, merged)
        for name in values:
            _write_value(made, _up_to_list(name, expected), expected)
        first = made / "parameters.yml"
        text = first.read_text(encoding="utf-8") if first.is_file() else ""
        comment = "".join(f"# {line}\n" for line in note.splitlines())
        first.write_text(f"{MARKER}\n{comment}{text}", encoding="utf-8")
        _require_same(load(f"{Path(unfinished).name}/{folder.name}"), expected, folder.name)
        if keep:
            if folder.exists():
                shutil.rmtree(folder)
            made.replace(folder)


def _copy(source: Path, made: Path) -> None:
    """Copy an environment; credentials become links, and files name the copy instead."""
    ignore = shutil.ignore_patterns(".*", "credentials*")
    shutil.copytree(source, made, ignore=ignore)
    for file in made.rglob("*.yml"):
        text = file.read_text(encoding="utf-8")
        for own in source.iterdir():
            text = text.replace(f"conf/{source.name}/{own.name}", f"conf/{made.name}/{own.name}")
        file.write_text(text, encoding="utf-8")
    for credentials in source.glob("credentials*"):
        (made / credentials.name).symlink_to(f"../{source.name}/{credentials.name}")


def _set_data_root(file: Path, name: str, merged: Mapping[str, Any]) -> None:
    """Give the copy a data_root of its own, and with it the outputs that lie below the old one."""
    before = str(merged["data_root"])
    own = _load(file)
    now = f"{own['data_root']}{SUFFIX}" if "data_root" in own else f"{before}/{name}"
    changed = {"data_root": now, "raw_filepath": str(merged["raw_filepath"])}
    for output in _OUTPUTS:
        if str(own.get(output, "")).startswith(f"{before}/"):
            changed[output] = now + str(own[output]).removeprefix(before)
    for key, value in changed.items():
        own[key] = _written(value)
    _dump(own, file)


def _write_value(made: Path, keys: list[str], expected: Mapping[str, Any]) -> None:
    """Write a parameter into the file that holds its section, or else into parameters.yml."""
    files = sorted([*made.glob("parameters*.yml"), *made.glob("parameters*.yaml")])
    holding = (file for file in files if keys[0] in _load(file))
    file = next(holding, made / "parameters.yml")
    own = _load(file)
    part, known = own, expected
    for key in keys[:-1]:
        known = known[key]
        if not isinstance(part.get(key), dict):
            # What is not there is merged with base; what refers to another file is replaced.
            part[key] = {} if part.get(key) is None else _written(known)
        part = part[key]
    part[keys[-1]] = _written(known[keys[-1]])
    _dump(own, file)


def _up_to_list(name: str, parameters: Any) -> list[str]:
    """Return the keys of a parameter, or of the list that holds it: lists are written whole."""
    keys: list[str] = []
    for key in name.split("."):
        if isinstance(parameters, list):
            break
        keys.append(key)
        parameters = parameters.get(key)
    return keys


def _require_same(found: Mapping[str, Any], expected: Mapping[str, Any], name: str) -> None:
    """Refuse a copy that would train something else than was searched."""
    for section in SETTINGS:
        if found[section] != expected[section]:
            raise ParameterError(
                f"The environment {name} cannot be written: {section} would be {found[section]} "
                f"instead of {expected[section]}. Write the section in plain YAML, without anchors "
                "or references, into the parameters.yml of the environment that is searched."
            )


def _round_trip() -> YAML:
    """Return a reader and writer that keeps comments, and makes no objects."""
    made = YAML(typ="rt")
    made.preserve_quotes = True
    made.width = 4096
    return made


def _load(file: Path) -> Any:
    loaded = _round_trip().load(file.read_text(encoding="utf-8")) if file.is_file() else None
    return {} if loaded is None else loaded


def _dump(content: Any, file: Path) -> None:
    """Write a file; comments of one that holds nothing else stay."""
    before = file.read_text(encoding="utf-8") if file.is_file() else ""
    comments = before if yaml.safe_load(before) is None else ""
    written = StringIO()
    _round_trip().dump(content, written)
    file.write_text(comments + written.getvalue(), encoding="utf-8")


def _written(value: Any) -> Any:
    """Return a copy of a value whose texts are read as texts by YAML 1.1 and by OmegaConf."""
    if isinstance(value, dict):
        return {_written(key): _written(part) for key, part in value.items()}
    if isinstance(value, list):
        return [_written(part) for part in value]
    if isinstance(value, str) and ("${" in value or yaml.safe_load(value) != value):
        return DoubleQuotedScalarString(value.replace("${", "\\${"))
    return value
