"""The same files given to `scoring`, and what only scoring meets."""

import json
import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from pyspark.ml import PipelineModel
from pyspark.sql import SparkSession

from bad_inputs.project import Rows, csv_dataset, options, refusal, run, said, train
from bad_inputs.read import READ, Content
from bad_inputs.refused import NOT_NEEDED, REFUSED, without
from bad_inputs.rows import DROPPED, NAMES, ROWS, put, text, write
from bank_spark_dl.datasets import ResultDataset, SparkModelDataset
from bank_spark_dl.ml.features.columns import FeatureColumns
from bank_spark_dl.ml.monitoring.histograms import TrainingProfile
from bank_spark_dl.pipelines.scoring.nodes import accept_rows, measure_drift, score_rows

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
READ_AS_IN_TRAINING = ("reordered", "gzip", "folder_of_many_forms", "blanks_around_categories")
READ_HERE |= {name: (READ[name].name, READ[name].content) for name in READ_AS_IN_TRAINING}


# Kedro and the hooks have a part in these: they let columns be absent, and write nothing.
READ_BY_A_RUN = ("dropped_columns_in_one_file_of_a_folder", "empty_label", "gzip")
REFUSED_BY_A_RUN = ("missing_column", "text_in_a_number")


@dataclass(frozen=True)
class Scorer:
    """The steps of scoring, with a model that is loaded once."""

    model: PipelineModel
    profile: TrainingProfile
    inputs: FeatureColumns

    def __call__(self, path: Path) -> Rows:
        drift, features, source = options().scoring.drift, options().features, str(path)
        row_id = options().data.columns.id
        dataset = rows_to_score(path)
        try:
            rows, found = measure_drift(dataset.load(), self.profile, drift)
            accepted = accept_rows(
                rows, found, self.model, self.inputs, features, row_id, drift, source
            )
            scores = score_rows(accepted, self.model, row_id, source)
            return sorted(map(tuple, scores.collect()))
        finally:
            dataset.release()


def rows_to_score(path: Path) -> Any:
    """Make the dataset that scoring reads, told what may be absent as its hook tells it."""
    dataset, columns = csv_dataset("scoring_rows", path), options().data.columns
    dataset.may_lack([columns.label, *columns.drop])
    return dataset


@pytest.fixture(scope="module")
def trained(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return train(tmp_path_factory.mktemp("trained"))


@pytest.fixture(scope="module")
def score(trained: Path) -> Scorer:
    model = SparkModelDataset(filepath=f"{trained}/06_models/scoring_model.model").load()
    results = {
        "training_profile": "bank_spark_dl.ml.monitoring.histograms.TrainingProfile",
        "input_columns": "bank_spark_dl.ml.features.columns.FeatureColumns",
    }
    profile, inputs = (
        ResultDataset(filepath=str(trained / f"04_feature/{name}.json"), result=kind).load()
        for name, kind in results.items()
    )
    return Scorer(model, profile, inputs)


@pytest.fixture(scope="module")
def expected(score: Scorer, tmp_path_factory: pytest.TempPathFactory) -> Rows:
    """Return the scores of the good rows."""
    return score(write(tmp_path_factory.mktemp("good") / "good.csv", text()))


def scored_by_a_run(spark: SparkSession, trained: Path, new: Path, to: Path) -> Rows:
    run(["scoring"], data_root=str(trained), scoring={"input": str(new), "output": str(to)})
    return sorted(map(tuple, spark.read.parquet(str(to)).collect()))


@pytest.mark.parametrize("case", READ_HERE)
def test_read(case: str, score: Scorer, expected: Rows, tmp_path: Path):
    name, content = READ_HERE[case]
    assert score(write(tmp_path / name, content)) == expected


@pytest.mark.parametrize("case", READ_BY_A_RUN)
def test_read_by_a_run(
    case: str, trained: Path, expected: Rows, spark: SparkSession, tmp_path: Path
):
    name, content = READ_HERE[case]
    new = write(tmp_path / name, content)
    assert scored_by_a_run(spark, trained, new, tmp_path / "scores") == expected


def test_a_doubled_id_is_scored_twice(score: Scorer, expected: Rows, tmp_path: Path):
    # The last digits of a product depend on where in its block of rows a row lies.
    wanted = [(row_id, pytest.approx(share, rel=1e-6), label) for row_id, share, label in expected]
    new = write(tmp_path / "new.csv", text([*ROWS, ROWS[0]]))
    assert score(new) == [wanted[0], *wanted]


def test_one_row_is_scored(score: Scorer, expected: Rows, tmp_path: Path):
    assert score(write(tmp_path / "new.csv", text(ROWS[:1]))) == expected[:1]


def refused_by_a_run(trained: Path, new: Path, tmp_path: Path) -> str:
    """Return the refusal, and see that nothing was written."""
    to = tmp_path / "scores"
    message = refusal(
        ["scoring"], data_root=str(trained), scoring={"input": str(new), "output": str(to)}
    )
    assert [path for path in tmp_path.glob("[!.]*") if path != new] == []
    return message


def words(case: str, new: Path) -> str:
    given = REFUSED[case]
    return given.says.format(f=new) + (NOT_NEEDED if given.needless else "")


# Values are refused as in training; which columns must be there is another matter.
@pytest.mark.parametrize("case", [name for name, given in REFUSED.items() if given.about_columns])
def test_refused(case: str, spark: SparkSession, tmp_path: Path):
    new = write(tmp_path / REFUSED[case].name, REFUSED[case].content)
    assert said(rows_to_score(new).load) == words(case, new)


@pytest.mark.parametrize("case", REFUSED_BY_A_RUN)
def test_refused_by_a_run(case: str, trained: Path, tmp_path: Path):
    new = write(tmp_path / REFUSED[case].name, REFUSED[case].content)
    assert refused_by_a_run(trained, new, tmp_path) == words(case, new)


def test_unseen_categories_of_all_columns_are_named(trained: Path, tmp_path: Path):
    first, second, *others = put("job", "astro'naut %s")
    rows = [first | {"loan": "maybe"}, second, *others]
    new = write(tmp_path / "50% new's.csv", text(rows))
    assert refused_by_a_run(trained, new, tmp_path) == (
        f'The rows of {new} hold categories that the train rows do not (job: "astro\'naut %s"; '
        "loan: 'maybe'). Train on rows that hold them, or set features.unseen_categories to keep."
    )


OLDER = text(row | {"age": str(int(row["age"]) + 40)} for row in ROWS)
HAVE_DRIFTED = "the rows have drifted from the train rows in age (PSI "


def test_drifted_rows_are_scored_with_a_warning(
    trained: Path, tmp_path: Path, spark: SparkSession, caplog: pytest.LogCaptureFixture
):
    new = write(tmp_path / "new.csv", OLDER)
    with caplog.at_level(logging.WARNING, "bank_spark_dl"):
        assert len(scored_by_a_run(spark, trained, new, tmp_path / "scores")) == 300
    assert [line for line in caplog.messages if line.startswith(f"{new}: {HAVE_DRIFTED}")]
    drift = json.loads((trained / "08_reporting/drift.json").read_text())
    assert (drift["rows"], list(drift["drifted"])) == (300, ["age"])


def test_drifted_rows_are_refused_and_reported_where_drift_stops(trained: Path, tmp_path: Path):
    new, to = write(tmp_path / "new.csv", OLDER), tmp_path / "scores"
    report = trained / "08_reporting/drift.json"
    report.unlink(missing_ok=True)
    scoring = {"input": str(new), "output": str(to), "drift": {"action": "stop"}}
    message = refusal(["scoring"], data_root=str(trained), scoring=scoring)
    assert message.startswith(f"{new}: {HAVE_DRIFTED}")
    assert message.endswith("set scoring.drift.action to warn to score these.")
    assert list(json.loads(report.read_text())["drifted"]) == ["age"]
    assert not to.exists()
