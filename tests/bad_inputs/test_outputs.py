"""Nothing is written where a run reads, and Spark is not asked first."""

from pathlib import Path

import pytest

from bad_inputs.project import refusal
from bad_inputs.rows import text, write
from bank_spark_dl.hooks.path_overlap import relation

ADVICE = (
    "the rows it reads would be lost or mixed with results. Give one of them another path: "
    "raw_filepath, scoring.input, scoring.output, scoring_stream.input, scoring_stream.output, "
    "synthetic.path or data_root."
)


@pytest.fixture(autouse=True)
def no_spark(monkeypatch: pytest.MonkeyPatch) -> None:
    def asked() -> None:
        raise AssertionError("Spark was asked for before the paths were checked")

    monkeypatch.setattr("bank_spark_dl.spark.session.active_spark", asked)


@pytest.mark.parametrize(
    ("raw", "touches"),
    [
        ("02_intermediate/bank_clean.parquet", "is the same place"),
        ("02_intermediate", "lies inside it"),
        ("02_intermediate/bank_clean.parquet/part.csv", "holds it"),
        ("02_*", "lies inside it"),
    ],
)
def test_training(raw: str, touches: str, tmp_path: Path):
    assert refusal(
        ["data_processing"], raw_filepath=f"{tmp_path}/{raw}", data_root=str(tmp_path)
    ) == (
        f"This run would read bank_raw from {tmp_path}/{raw} and write bank_clean to "
        f"{tmp_path}/02_intermediate/bank_clean.parquet, which {touches}: {ADVICE}"
    )


@pytest.mark.parametrize("output", ["new.csv", "folder/../new.csv", "link.csv"])
def test_scoring(output: str, tmp_path: Path):
    new = write(tmp_path / "new.csv", text())
    (tmp_path / "link.csv").symlink_to(new)
    (tmp_path / "folder").mkdir()
    to = tmp_path / output
    scoring = {"input": f"file://{new}", "output": str(to)}
    assert refusal(["scoring"], data_root=str(tmp_path / "data"), scoring=scoring) == (
        f"This run would read scoring_rows from {new} and write scores to {to}, which is the same "
        f"place: {ADVICE}"
    )
    assert new.read_text() == text()


def test_scores_may_not_replace_the_model(tmp_path: Path):
    model = f"{tmp_path}/06_models/scoring_model.model"
    said = refusal(["scoring"], data_root=str(tmp_path), scoring={"input": "x", "output": model})
    assert said.startswith(f"This run would read scoring_model from {model} and write scores to")


def test_scores_may_not_replace_other_results(tmp_path: Path):
    folder = f"{tmp_path}/08_reporting"
    said = refusal(["scoring"], data_root=str(tmp_path), scoring={"input": "x", "output": folder})
    assert said.startswith(f"This run would write drift to {folder}/drift.json and scores to")


@pytest.mark.parametrize(
    ("to", "other", "at", "touches"),
    [
        ("03_primary/train_rows.parquet", "train_rows", None, "is the same place"),
        ("03_primary/train_rows.parquet/new", "train_rows", None, "lies inside it"),
        ("08_reporting/metrics.json", "metrics", None, "is the same place"),
        ("raw.csv", "bank_raw", "raw.csv", "is the same place"),
    ],
)
def test_scores_may_not_replace_what_other_pipelines_use(
    to: str, other: str, at: str | None, touches: str, tmp_path: Path
):
    output, place = f"{tmp_path}/{to}", f"{tmp_path}/{at or to.removesuffix('/new')}"
    scoring = {"input": "x", "output": output}
    raw = f"{tmp_path}/raw.csv"
    said = refusal(["scoring"], data_root=str(tmp_path), raw_filepath=raw, scoring=scoring)
    assert said == (
        f"This run would write scores to {output}, and {other} belongs to {place}: the path of "
        f"scores {touches}. Give scores another path."
    )


@pytest.mark.parametrize("address", ["https://example.invalid/a.csv", "http://example.invalid/a"])
def test_a_web_address_is_no_file(address: str, tmp_path: Path):
    said = refusal(["data_processing"], raw_filepath=address, data_root=str(tmp_path))
    assert said == (
        f"{address} is a web address, and Spark reads files: download it first, and give the path "
        "of the local file."
    )


@pytest.mark.parametrize("name", ["runs [1]", "{a,b}", "all*", "what?"])
def test_a_pattern_is_no_place_for_results(name: str, tmp_path: Path):
    said = refusal(["data_processing"], data_root=f"{tmp_path}/{name}")
    assert f"{tmp_path}/{name}/02_intermediate/bank_clean.parquet, and Spark takes" in said


@pytest.mark.parametrize(
    ("read", "written", "expected"),
    [
        ("s3a://rows/new", "s3://rows/new/scores", "lies inside it"),
        ("hdfs://a/new", "hdfs://a/new", "is the same place"),
        ("hdfs://a/new", "hdfs://b/new", None),
        ("s3://rows/new", "/rows/new", None),
        ("/rows/new", "/rows/newer", None),
        ("/rows/*.csv", "/rows/scores.parquet", None),
        ("/rows/a[1].csv", "/rows/a[1].csv", "is the same place"),
    ],
)
def test_relations(read: str, written: str, expected: str | None):
    assert relation(read, written) == expected
