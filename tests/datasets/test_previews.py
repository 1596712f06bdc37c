import json
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from bank_spark_dl.datasets import SparkFrameDataset, SparkModelDataset
from bank_spark_dl.datasets.previews import parquet_preview, stages_preview, table_preview

VECTOR = pa.struct(
    [
        ("type", pa.int8()),
        ("size", pa.int32()),
        ("indices", pa.list_(pa.int32())),
        ("values", pa.list_(pa.float64())),
    ]
)


def write_part(folder: Path, number: int, ids: list[int]) -> None:
    folder.mkdir(exist_ok=True)
    table = pa.table({"row_id": pa.array(ids, pa.int64()), "job": ["x"] * len(ids)})
    pq.write_table(table, folder / f"part-{number:05d}.snappy.parquet")


@pytest.fixture
def frame_folder(tmp_path: Path) -> Path:
    """Three parts, the first one empty, and what Spark leaves beside them."""
    folder = tmp_path / "frame.parquet"
    for number, ids in enumerate(([], [1, 2], [3, 4, 5])):
        write_part(folder, number, ids)
    (folder / "_SUCCESS").touch()
    (folder / ".part-00000.snappy.parquet.crc").write_bytes(b"crc")
    return folder


@pytest.mark.parametrize("nrows", [1, 2, 4, 9])
def test_shows_the_first_rows_of_all_parts(frame_folder: Path, nrows: int):
    preview = parquet_preview(frame_folder.as_uri(), nrows)

    ids = [1, 2, 3, 4, 5][:nrows]
    assert preview == {
        "index": list(range(len(ids))),
        "columns": ["row_id", "job"],
        "data": [[number, "x"] for number in ids],
    }


def test_shows_the_columns_of_a_table_without_rows(tmp_path: Path):
    write_part(tmp_path / "empty.parquet", 0, [])

    preview = parquet_preview((tmp_path / "empty.parquet").as_uri(), 5)

    assert preview == {"index": [], "columns": ["row_id", "job"], "data": []}


def test_says_when_nothing_was_written_yet(tmp_path: Path):
    with pytest.raises(FileNotFoundError, match="holds no rows yet: run the pipeline first"):
        parquet_preview((tmp_path / "none.parquet").as_uri(), 5)
    with pytest.raises(FileNotFoundError, match="holds no model yet: run the pipeline first"):
        stages_preview((tmp_path / "none.model").as_uri())


@pytest.mark.parametrize(
    ("vector", "shown"),
    [
        pytest.param(
            {"type": 1, "size": None, "indices": None, "values": [0.25, 12345.678]},
            "[0.25, 1.235e+04]",
            id="dense",
        ),
        pytest.param(
            {"type": 0, "size": 30, "indices": [3, 29], "values": [1.0, 0.5]},
            "30 inputs {3: 1, 29: 0.5}",
            id="sparse",
        ),
        pytest.param(
            {"type": 0, "size": 30, "indices": list(range(9)), "values": [1.0] * 9},
            "30 inputs {0: 1, 1: 1, 2: 1, 3: 1, 4: 1, 5: 1, 6: 1, 7: 1, ...}",
            id="long",
        ),
        pytest.param(
            {"type": 0, "size": 30, "indices": [], "values": []}, "30 inputs {}", id="zeros"
        ),
    ],
)
def test_shows_vectors_with_their_positions(tmp_path: Path, vector: dict, shown: str):
    folder = tmp_path / "features.parquet"
    folder.mkdir()
    pq.write_table(pa.table({"features": pa.array([vector], VECTOR)}), folder / "part-0.parquet")

    assert parquet_preview(folder.as_uri(), 5)["data"] == [[shown]]


def test_cells_survive_json_and_the_browser():
    values = [None, True, 1, 0.5, "x", 2**53 + 1, -(2**63), float("nan"), float("inf"), b"x"]

    shown = table_preview([values], ["c"] * len(values))["data"][0]

    text = [str(2**53 + 1), str(-(2**63)), "nan", "inf", "b'x'"]
    assert shown == [None, True, 1, 0.5, "x", *text]
    json.dumps(shown, allow_nan=False)


def test_shows_the_stages_of_a_model_in_order(tmp_path: Path):
    scaler = {"inputCol": "skewed", "outputCol": "scaled"}
    network = {"featuresCol": "features", "probabilityCol": "probability"}
    index = {"inputCols": ["job", "loan"], "outputCols": ["job_index", "loan_index"]}
    write_stage(tmp_path, "10_Scaler_c", "feature.StandardScalerModel", scaler)
    write_stage(tmp_path, "2_Net_b", "model.Net", network)
    write_stage(tmp_path, "0_Index_a", "feature.StringIndexerModel", index, {"outputCol": "unused"})

    preview = SparkModelDataset(filepath=str(tmp_path)).preview()

    assert preview["columns"] == ["stage", "reads", "writes"]
    assert preview["data"] == [
        ["StringIndexerModel", "job, loan", "job_index, loan_index"],
        ["Net", "features", "probability"],
        ["StandardScalerModel", "skewed", "scaled"],
    ]


def write_stage(
    model: Path, name: str, kind: str, params: dict, defaults: dict | None = None
) -> None:
    folder = model / "stages" / name / "metadata"
    folder.mkdir(parents=True)
    content = {
        "class": f"org.apache.{kind}",
        "paramMap": params,
        "defaultParamMap": defaults or {},
    }
    (folder / "part-00000").write_text(json.dumps(content))


def test_shows_what_spark_wrote(spark, tmp_path: Path):
    from pyspark.ml import PipelineModel
    from pyspark.ml.feature import VectorAssembler

    rows = spark.createDataFrame(
        [(7, 0.0, 0.0, 2.0)], "row_id bigint, a double, b double, c double"
    )
    model = PipelineModel([VectorAssembler(inputCols=[*"aabbc"], outputCol="features")])
    features = model.transform(rows).select("row_id", "features")
    SparkFrameDataset(filepath=str(tmp_path / "f.parquet")).save(features)
    SparkModelDataset(filepath=str(tmp_path / "m.model")).save(model)

    frame = SparkFrameDataset(filepath=str(tmp_path / "f.parquet")).preview(nrows=5)
    stages = SparkModelDataset(filepath=str(tmp_path / "m.model")).preview()

    assert frame["data"] == [[7, "5 inputs {4: 2}"]]
    assert stages["data"] == [["VectorAssembler", "a, a, b, b, c", "features"]]


def test_starts_neither_spark_nor_tensorflow(frame_folder: Path):
    script = f"""
import sys
from bank_spark_dl.datasets import SparkFrameDataset
print(SparkFrameDataset(filepath={str(frame_folder)!r}).preview(nrows=1)["data"])
from pyspark import SparkContext
assert SparkContext._gateway is None
assert "tensorflow" not in sys.modules
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)

    assert done.stdout.strip() == "[[1, 'x']]", done.stderr
    assert done.returncode == 0, done.stderr
