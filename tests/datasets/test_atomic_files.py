"""A file is what it was or what it should be, wherever a save is interrupted."""

import re
from pathlib import Path
from typing import Any

import plotly.graph_objects as go
import pytest
from kedro.io import DatasetError

from bank_spark_dl.datasets import JSONDataset, PlotlyDataset, TextDataset
from bank_spark_dl.messages.diagnostics import user_mistake


@pytest.mark.parametrize(
    ("kind", "old", "new"),
    [
        pytest.param(JSONDataset, {"a": 1}, {"a": 2, "b": object()}, id="json"),
        pytest.param(PlotlyDataset, go.Figure(), object(), id="plot"),
        pytest.param(TextDataset, "old", 5, id="text"),
    ],
)
def test_a_file_that_cannot_be_written_leaves_the_old_one(
    tmp_path: Path, kind: Any, old: Any, new: Any
) -> None:
    dataset = kind(filepath=str(tmp_path / "folder/x"))
    dataset.save(old)
    before = (tmp_path / "folder/x").read_bytes()
    with pytest.raises(DatasetError):
        dataset.save(new)
    assert (tmp_path / "folder/x").read_bytes() == before
    assert dataset.load() == old
    assert [path.name for path in (tmp_path / "folder").iterdir()] == ["x"]


@pytest.mark.parametrize("kind", [JSONDataset, PlotlyDataset])
@pytest.mark.parametrize("content", [b"", b'{"a": ', b"\xff\xfe"])
def test_a_file_that_was_cut_is_named(tmp_path: Path, kind: Any, content: bytes) -> None:
    (tmp_path / "x.json").write_bytes(content)
    with pytest.raises(DatasetError) as refused:
        kind(filepath=str(tmp_path / "x.json")).load()
    said = user_mistake(refused.value)
    assert said is not None
    assert re.search(r"x\.json was cut or changed .+ \(.+\)\. Restore it, or delete it and", said)


def test_a_file_is_never_seen_half_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    dataset = JSONDataset(filepath=str(tmp_path / "x.json"))
    dataset.save({"a": 1})
    seen = []

    def look(_: Any, beside: str, target: str) -> None:
        seen.append(dataset.load())
        Path(beside).replace(target)

    monkeypatch.setattr(type(dataset._fs), "mv", look)
    dataset.save({"a": 2})
    assert (seen, dataset.load()) == ([{"a": 1}], {"a": 2})


@pytest.mark.parametrize("place", ["x.json", "folder/x.json"])
def test_a_relative_path_is_one(
    place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    dataset = JSONDataset(filepath=place)
    dataset.save({"a": 1})
    assert dataset.load() == {"a": 1}
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [tmp_path / place]
