"""The same files given to `scoring`, and what only scoring meets."""

import json
import logging
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from bad_inputs.project import refusal, run
from bad_inputs.read import READ, Content
from bad_inputs.refused import NOT_NEEDED, REFUSED, without
from bad_inputs.rows import DROPPED, NAMES, ROWS, put, text, write

WITHOUT_LABEL = NAMES[:-1]
KEPT = without(*DROPPED)
# What only scoring reads as it is: the label is not looked at, and ids are only passed on.
READ_HERE: dict[str, tuple[str, Content]] = {
    "no_label": ("new.csv", text(names=WITHOUT_LABEL)),
    "empty_label": ("new.csv", text(row | {"deposit": ""} for row in ROWS)),
    "label_in_one_file_of_a_folder": (
        "new",
        {"part-0.csv": text(ROWS[:9]), "part-1.csv": text(ROWS[9:], WITHOUT_LABEL)},
    ),
}
READ_HERE |= {  # no model reads them
    "no_dropped_columns": ("new.csv", text(names=KEPT)),
    "one_dropped_column": ("new.csv", text(names=without("month"))),
    "dropped_columns_in_one_file_of_a_folder": (
        "new",
        {"part-0.csv": text(ROWS[:9]), "part-1.csv": text(ROWS[9:], KEPT)},
    ),
}
READ_AS_IN_TRAINING = (
    "byte_order_mark_and_crlf",
    "reordered",
    "gzip",
    "folder_of_many_forms",
    "name_with_brackets_and_blanks",
    "blanks_around_categories",
    "quoted_blanks_around_categories",
    "blanks_around_numbers",
)
READ_HERE |= {name: (READ[name].name, READ[name].content) for name in READ_AS_IN_TRAINING}


@pytest.fixture(scope="module")
def data(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return results of a training on the good rows."""
    folder = tmp_path_factory.mktemp("trained")
    run(
        ["data_processing", "feature_engineering", "modeling"],
        to_outputs=["scoring_model", "training_profile"],
        raw_filepath=str(write(folder / "bank.csv", text())),
        data_root=str(folder / "data"),
        elephas={"batch_size": 32, "epochs": 1},
    )
    return folder / "data"


@pytest.fixture(scope="module")
def expected(data: Path, spark: SparkSession) -> list[tuple[object, ...]]:
    """Return the scores of the good rows."""
    return scores(spark, data, write(data.parent / "good.csv", text()), data.parent / "good")


def scores(spark: SparkSession, data: Path, new: Path, to: Path) -> list[tuple[object, ...]]:
    run(["scoring"], data_root=str(data), scoring={"input": str(new), "output": str(to)})
    return sorted(map(tuple, spark.read.parquet(str(to)).collect()))


@pytest.mark.parametrize("case", READ_HERE)
def test_read(case: str, data: Path, expected: list, spark: SparkSession, tmp_path: Path):
    name, content = READ_HERE[case]
    assert scores(spark, data, write(tmp_path / name, content), tmp_path / "scores") == expected


def test_a_doubled_id_is_scored_twice(
    data: Path, expected: list, spark: SparkSession, tmp_path: Path
):
    new = write(tmp_path / "new.csv", text([*ROWS, ROWS[0]]))
    # The last digits of a product depend on where in its block of rows a row lies.
    wanted = [(row_id, pytest.approx(share, rel=1e-6), label) for row_id, share, label in expected]
    assert scores(spark, data, new, tmp_path / "scores") == [wanted[0], *wanted]


def test_one_row_is_scored(data: Path, expected: list, spark: SparkSession, tmp_path: Path):
    new = write(tmp_path / "new.csv", text(ROWS[:1]))
    assert scores(spark, data, new, tmp_path / "scores") == expected[:1]


def said(data: Path, new: Path, tmp_path: Path) -> str:
    """Return the refusal, and see that nothing was written."""
    to = tmp_path / "scores"
    message = refusal(
        ["scoring"], data_root=str(data), scoring={"input": str(new), "output": str(to)}
    )
    assert [path for path in tmp_path.glob("[!.]*") if path != new] == []
    return message


@pytest.mark.parametrize("case", [name for name, given in REFUSED.items() if given.scoring])
def test_refused(case: str, data: Path, tmp_path: Path):
    given = REFUSED[case]
    new = write(tmp_path / given.name, given.content)
    needless = NOT_NEEDED if given.needless else ""
    assert said(data, new, tmp_path) == given.says.format(f=new) + needless


def test_an_unseen_category(data: Path, tmp_path: Path):
    new = write(tmp_path / "50% new's.csv", text(put("job", "astro'naut %s")))
    assert said(data, new, tmp_path) == (
        f"{new}: in the row with row_id 2 the column 'job' holds 'astro'naut %s', a value that no "
        "train row has. Correct it, or train with features.unseen_categories: keep."
    )


OLDER = text(row | {"age": str(int(row["age"]) + 40)} for row in ROWS)
HAVE_DRIFTED = "the rows have drifted from the train rows in age (PSI "


def test_drifted_rows_are_scored_with_a_warning(
    data: Path, tmp_path: Path, spark: SparkSession, caplog: pytest.LogCaptureFixture
):
    new = write(tmp_path / "new.csv", OLDER)
    with caplog.at_level(logging.WARNING, "bank_spark_dl"):
        assert len(scores(spark, data, new, tmp_path / "scores")) == 300
    assert [line for line in caplog.messages if line.startswith(f"{new}: {HAVE_DRIFTED}")]
    drift = json.loads((data / "08_reporting/drift.json").read_text())
    assert (drift["rows"], list(drift["drifted"])) == (300, ["age"])


def test_drifted_rows_are_refused_and_reported_where_drift_stops(data: Path, tmp_path: Path):
    new, to = write(tmp_path / "new.csv", OLDER), tmp_path / "scores"
    report = data / "08_reporting/drift.json"
    report.unlink(missing_ok=True)
    scoring = {"input": str(new), "output": str(to), "drift": {"action": "stop"}}
    message = refusal(["scoring"], data_root=str(data), scoring=scoring)
    assert message.startswith(f"{new}: {HAVE_DRIFTED}")
    assert message.endswith("set scoring.drift.action to warn to score these.")
    assert list(json.loads(report.read_text())["drifted"]) == ["age"]
    assert not to.exists()
