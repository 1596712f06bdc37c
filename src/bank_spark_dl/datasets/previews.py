"""Preview tables and models for Kedro-Viz, without Spark."""

import json
import math
from itertools import islice
from typing import Any

import fsspec  # type: ignore[import-untyped]
from kedro_datasets._typing import TablePreview

SHOWN_VALUES = 8  # of a vector
SAFE_INTEGER = 2**53  # browsers round what lies beyond


def parquet_preview(uri: str, nrows: int) -> TablePreview:
    """Return the first rows of a folder of parquet files.

    Args:
        uri: The folder, as Spark writes it; local or on a file system that fsspec knows.
        nrows: Rows to show, at least 1.

    Raises:
        FileNotFoundError: Nothing was written there yet.
    """
    import pyarrow.parquet as pq

    names: list[str] = []
    rows: list[list[Any]] = []
    system, folder = fsspec.core.url_to_fs(uri)
    for part in sorted(system.glob(f"{folder}/[!._]*.parquet")):
        with system.open(part) as content:
            file = pq.ParquetFile(content)
            names = file.schema_arrow.names
            for batch in file.iter_batches(batch_size=nrows):
                rows += [list(row.values()) for row in batch.to_pylist()]
                if len(rows) >= nrows:
                    return table_preview(rows[:nrows], names)
    if not names:
        raise FileNotFoundError(f"{uri} holds no rows yet: run the pipeline first.")
    return table_preview(rows, names)


def first_rows_preview(uri: str, file_format: str, nrows: int) -> TablePreview:
    """Return the first rows of a file.

    Args:
        uri: The file, local or on a file system that fsspec knows.
        file_format: parquet, orc or json (an object a line, compressed if its name says so).
        nrows: Rows to show, at least 1.
    """
    rows = _READERS[file_format](uri, nrows)
    columns = list(dict.fromkeys(name for row in rows for name in row))
    return table_preview([[row.get(name) for name in columns] for row in rows], columns)


def _parquet_rows(uri: str, nrows: int) -> list[dict[str, Any]]:
    import pyarrow.parquet as pq

    with fsspec.open(uri, "rb") as content:
        batch = next(pq.ParquetFile(content).iter_batches(batch_size=nrows), None)
        return [] if batch is None else list(batch.to_pylist())


def _orc_rows(uri: str, nrows: int) -> list[dict[str, Any]]:
    from pyarrow import orc

    with fsspec.open(uri, "rb") as content:
        file = orc.ORCFile(content)
        return list(file.read_stripe(0).slice(0, nrows).to_pylist()) if file.nstripes else []


def _json_rows(uri: str, nrows: int) -> list[dict[str, Any]]:
    with fsspec.open(uri, "rt", encoding="utf-8-sig", compression="infer") as lines:
        filled = (line for line in lines if line.strip())
        return [json.loads(line) for line in islice(filled, nrows)]


_READERS = {"parquet": _parquet_rows, "orc": _orc_rows, "json": _json_rows}


def stages_preview(uri: str) -> TablePreview:
    """Return the stages of a saved Spark ML PipelineModel, with the columns in and out.

    Args:
        uri: The model's folder.

    Raises:
        FileNotFoundError: Nothing was written there yet.
    """
    system, folder = fsspec.core.url_to_fs(uri)
    files = system.glob(f"{folder}/stages/*/metadata/part-*")
    if not files:
        raise FileNotFoundError(f"{uri} holds no model yet: run the pipeline first.")
    rows = []
    for file in sorted(files, key=lambda path: int(path.split("/")[-3].partition("_")[0])):
        stage = json.loads(system.cat_file(file))
        columns = {**stage["defaultParamMap"], **stage["paramMap"]}
        reads = _columns(columns, ("inputCols", "inputCol", "featuresCol"))
        writes = _columns(columns, ("outputCols", "outputCol", "probabilityCol", "predictionCol"))
        rows.append([stage["class"].rpartition(".")[2], reads, writes])
    return table_preview(rows, ["stage", "reads", "writes"])


def table_preview(rows: list[list[Any]], columns: list[str]) -> TablePreview:
    """Return rows in the layout that Kedro-Viz draws.

    Args:
        rows: Values by row, in the order of the columns.
        columns: Names.
    """
    cells = [[_cell(value) for value in row] for row in rows]
    return TablePreview({"index": list(range(len(cells))), "columns": columns, "data": cells})


def _columns(params: dict[str, Any], keys: tuple[str, ...]) -> str:
    # A stage over several columns keeps an unused default for the single one.
    several = params.get(keys[0])
    named = several or [params[key] for key in keys[1:] if key in params]
    return ", ".join(named)


def _cell(value: Any) -> Any:
    if isinstance(value, dict) and "values" in value:  # a Spark ML vector in parquet
        return _vector(value)
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, int) and abs(value) > SAFE_INTEGER:
        return str(value)
    return value if isinstance(value, str | int | float | None) else str(value)


def _vector(value: dict[str, Any]) -> str:
    numbers = [f"{number:.4g}" for number in islice(value["values"], SHOWN_VALUES)]
    more = ", ..." if len(value["values"]) > SHOWN_VALUES else ""
    if value.get("indices") is None:
        return f"[{', '.join(numbers)}{more}]"
    pairs = (f"{index}: {number}" for index, number in zip(value["indices"], numbers, strict=False))
    return f"{value['size']} inputs {{{', '.join(pairs)}{more}}}"
