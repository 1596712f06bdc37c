"""Outputs of different runs are not mixed up."""

import re
from pathlib import Path

import pytest

from bank_spark_dl.datasets.lineage import Origin, check_together, fingerprint, given, made
from bank_spark_dl.errors import InputDataError


def run_of(data: str, seed: int = 1) -> dict[str, Origin]:
    """A small flow: data to rows to model to predictions, and to a profile beside them."""
    source = given(data)
    profile = made("profile_rows", "profile", {}, {"source": source}, data)
    rows = made("split_rows", "rows", {"seed": seed}, {"source": source}, f"{data}{seed}")
    model = made("train", "model", {}, {"rows": rows}, f"{data}{seed}")
    predictions = made("predict", "predictions", {}, {"model": model, "rows": rows}, data)
    return {"profile": profile, "model": model, "predictions": predictions}


def contents(origins: dict[str, Origin]) -> dict[str, str | None]:
    return {name: origin.content for name, origin in origins.items()}


def test_what_one_run_made_belongs_together() -> None:
    check_together(run_of("a"), contents(run_of("a")))


def test_the_same_made_again_belongs_together() -> None:
    mixed = run_of("a") | {"model": run_of("a")["model"]}
    check_together(mixed, contents(mixed))


@pytest.mark.parametrize(
    ("name", "other", "message"),
    [
        pytest.param(
            "profile",
            run_of("b"),
            "profile and model do not belong together: they come from runs with different "
            "source. Run the pipelines that make them again, or all with kedro run.",
            id="another-file",
        ),
        pytest.param(
            "model",
            run_of("a", seed=2),
            "model and predictions do not belong together: they come from runs with different "
            "model, rows, step split_rows, step train. Run",
            id="another-model",
        ),
    ],
)
def test_what_different_runs_made_is_refused(
    name: str, other: dict[str, Origin], message: str
) -> None:
    mixed = run_of("a") | {name: other[name]}
    with pytest.raises(InputDataError, match=re.escape(message)):
        check_together(mixed, contents(mixed))


def test_what_was_put_there_is_refused() -> None:
    with pytest.raises(InputDataError, match="model is not what the step train wrote"):
        check_together(run_of("a"), contents(run_of("a")) | {"model": "another"})


def test_outputs_of_one_step_belong_together_only_from_one_run_of_it() -> None:
    first, second = (made("split", "train", {"seed": seed}, {}, "x") for seed in (1, 2))
    test = made("split", "test", {"seed": 1}, {}, "y")
    check_together({"train": first, "test": test}, {"train": "x", "test": "y"})
    with pytest.raises(InputDataError, match="different step split"):
        check_together({"train": second, "test": test}, {"train": "x", "test": "y"})


def test_what_no_run_recorded_is_not_judged() -> None:
    known = run_of("a")
    del known["model"]
    check_together(known, contents(run_of("a")))


def test_one_alone_is_refused_too_when_it_was_changed() -> None:
    with pytest.raises(InputDataError, match="model is not what the step train wrote"):
        check_together({"model": run_of("a")["model"]}, {"model": "another"})


def test_datasets_of_unknown_origin_may_come_from_anywhere() -> None:
    check_together({}, {"model": "another", "predictions": "others"})


def test_a_fingerprint_tells_contents_apart(tmp_path: Path) -> None:
    assert fingerprint(str(tmp_path / "x")) is None
    (tmp_path / ".y.old").mkdir()
    assert fingerprint(str(tmp_path / "y")) == "interrupted"
    prints = set()
    for content in ("1", "2"):
        (tmp_path / "x.json").write_text(content)
        prints.add(fingerprint(str(tmp_path / "x.json")))
    folder = tmp_path / "model"
    for name in ("metadata", ".crc", "weights"):
        (folder / name).mkdir(parents=True)
        (folder / name / "part-0").write_text(name)
        prints.add(fingerprint(str(folder)))
    assert len(prints) == 5 and None not in prints  # noqa: PT018


def test_a_fingerprint_does_not_read_rows(tmp_path: Path) -> None:
    (tmp_path / "part-0-a.parquet").write_text("1")
    before = fingerprint(str(tmp_path))
    (tmp_path / "part-0-a.parquet").rename(tmp_path / "part-0-b.parquet")
    assert fingerprint(str(tmp_path)) != before
