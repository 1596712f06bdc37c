"""Write the files of an environment: globals, catalog, schema and parameters."""

import json
from collections.abc import Collection
from pathlib import Path
from typing import Any, Final

from pyspark.sql.types import StructField

from bank_spark_dl.drafting.credentials import link_credentials
from bank_spark_dl.drafting.draft import Draft
from bank_spark_dl.drafting.parameters import parameters_yml
from bank_spark_dl.drafting.yaml_text import flow, scalar
from bank_spark_dl.errors import ParameterError

MARKER: Final = "# Drafted by `kedro draft` from "
"""How a drafted environment's globals.yml begins; no other environment is ever replaced."""

_SOURCE: Final = {"type": "TableSourceDataset"}


def check_free(folder: Path, force: bool) -> None:
    """Refuse to overwrite an environment.

    Args:
        folder: conf/<environment>.
        force: Whether one that was drafted may be replaced.

    Raises:
        ParameterError: There is one that may not be replaced.
    """
    if not folder.exists():
        return
    mark = folder / "globals.yml"
    if not mark.is_file() or not mark.read_text(encoding="utf-8").startswith(MARKER):
        raise ParameterError(
            f"The environment {folder.name} was not made by kedro draft and is not overwritten. "
            "Choose another name with --env."
        )
    if not force:
        raise ParameterError(
            f"The environment {folder.name} is there already: {folder}. Replace it with --force, "
            "or choose another name with --env."
        )


def write_environment(draft: Draft, folder: Path, known_late: Collection[str]) -> list[Path]:
    """Write the four files of an environment.

    Args:
        draft: What was seen of the table.
        folder: conf/<environment>.
        known_late: Columns that conf/base calls known only after the outcome.

    Returns:
        The paths of the files.
    """
    texts = {
        "parameters.yml": parameters_yml(draft, known_late),
        "schema.json": _schema(draft),
        "catalog.yml": _catalog(draft, folder.name),
        "globals.yml": _globals(draft, folder.name),  # the last one: it marks the others
    }
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    if draft.source.dataset is not None:
        link_credentials(folder)
    return [folder / name for name in texts]


def _globals(draft: Draft, env: str) -> str:
    root = f"data/{env}"
    file = "the rows to train on, and to score by default"
    table = "what the table is called; catalog.yml says how it is loaded, and which rows are scored"
    raw = file if draft.source.dataset is None else table
    return f"""{MARKER}{draft.source.path}: where data lies.
raw_filepath: {scalar(draft.source.path)} # {raw}
data_root: {root} # results of this environment
scores: {root}/07_model_output/scores.parquet
stream_input: data/01_raw/{env}_arriving # folder of the files that scoring_stream scores
stream_scores: {root}/07_model_output/stream_scores.parquet
"""


def _catalog(draft: Draft, env: str) -> str:
    schema = {"schema": {"filepath": f"conf/{env}/schema.json"}}
    if draft.source.dataset is not None:
        return _tables(draft, dict(draft.source.dataset), schema)
    load_args: dict[str, Any] = draft.source.load_args | schema
    without_label = load_args | {"ignored": [draft.label.name]}
    numbered = load_args | ({"order": True} if draft.by_order else {})
    csv = draft.source.file_format == "csv"
    checked = "CheckedCSVDataset" if csv else "CheckedFrameDataset"
    form = {} if csv else {"file_format": draft.source.file_format}
    raw = {"type": checked, "filepath": _path("raw_filepath", "raw_filepath")} | form
    new = raw | {"filepath": _path("scoring.input", "raw_filepath")}
    entries = [
        "# How the table is read. Its columns are declared in schema.json.",
        *_entry("bank_raw: # the rows to train on", raw, numbered),
        *_entry("scoring_rows: # the rows to score; they need no label", new, without_label),
    ]
    if csv:
        stream = _path("scoring_stream.input", "stream_input")
        arriving = {"type": "StreamingCSVDataset", "filepath": stream}
        entries += _entry(
            "stream_rows: # the rows to score as they arrive", arriving, without_label
        )
    return "\n".join(entries)


def _tables(draft: Draft, dataset: dict[str, Any], schema: dict[str, Any]) -> str:
    """Write the entries of a table that a dataset loads."""
    wrapped = {"name": scalar(draft.source.path), "dataset": flow(dataset)}
    raw = {"type": "CheckedTableDataset"} | wrapped
    without_label = schema | {"ignored": [draft.label.name]}
    return "\n".join(
        [
            "# How the table is read. Its columns are declared in schema.json.",
            *_entry("bank_raw: # the rows to train on", raw, schema),
            *_entry("raw_source: # its name, and a hash of its rows", _SOURCE | wrapped, {}),
            "# To score other rows, name another dataset here.",
            *_entry("scoring_rows: # the rows to score; they need no label", raw, without_label),
        ]
    )


def _path(parameter: str, default: str) -> str:
    return f"${{runtime_params:{parameter}, ${{globals:{default}}}}}"


def _entry(first: str, arguments: dict[str, str], load_args: dict[str, Any]) -> list[str]:
    kind = f"  type: bank_spark_dl.datasets.{arguments['type']}"
    others = [f"  {key}: {value}" for key, value in arguments.items() if key != "type"]
    options = [f"    {key}: {flow(value)}" for key, value in load_args.items()]
    return [first, kind, *others, *(["  load_args:", *options] if options else []), ""]


def _schema(draft: Draft) -> str:
    fields = [
        StructField(column.name, column.kind, column.use not in ("label", "id"))
        for column in draft.columns
    ]
    lines = [json.dumps(field.jsonValue(), ensure_ascii=False) for field in fields]
    return '{"type": "struct", "fields": [\n  ' + ",\n  ".join(lines) + "\n]}\n"
