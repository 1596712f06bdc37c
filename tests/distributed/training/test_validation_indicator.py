"""A boolean column marks the validation rows."""

from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import DataFrame
from pyspark.sql import functions as sf
from tests.distributed.refusals import refusal, unreadable

from bank_spark_dl.distributed import ElephasClassificationModel, ElephasClassifier
from bank_spark_dl.distributed.data.counts import count_rows
from bank_spark_dl.distributed.data.partitioning import (
    TrainingColumns,
    cut_buckets,
    hashed_rows,
    part_of,
    row_hash,
    strata_of,
)
from bank_spark_dl.errors import ParameterError
from bank_spark_dl.spark.sql import quoted

Settings = dict[str, Any]
NAME = "late.`rows`"
COLUMNS = TrainingColumns("features", "label", "row_id")


@pytest.fixture(scope="module")
def marked(frame: DataFrame) -> DataFrame:
    """Every fifth row is a validation row."""
    number = sf.regexp_extract("row_id", r"\d+", 0).cast("int")
    return frame.withColumn(NAME, number % 5 == 0).cache()


@pytest.fixture(scope="module")
def late(settings: Settings) -> Settings:
    stopping = {"monitor": "val_auc", "patience": 9}
    return settings | {
        "validationIndicatorCol": NAME,
        "calibration": "platt",
        "early_stopping": stopping,
    }


@pytest.fixture(scope="module")
def model(marked: DataFrame, late: Settings) -> ElephasClassificationModel:
    return ElephasClassifier(**late).fit(marked)


def test_marked_rows_validate_and_the_others_train(model: ElephasClassificationModel) -> None:
    history = model.history
    assert (history.training_rows, history.validation_rows) == (240, 60)
    for entry in history.rounds:
        assert sorted(worker.rows for worker in entry.workers) == [119, 121]
    assert all(entry.val_auc is not None for entry in history.rounds)
    assert history.best_round is not None
    assert not model.calibration.is_identity
    assert model.validation_bins.sum() == 60


def test_marks_give_the_same_bits_however_rows_arrive(
    model: ElephasClassificationModel, marked: DataFrame, late: Settings
) -> None:
    """And validation_split does not matter."""
    shuffled = marked.orderBy(sf.rand(5)).repartition(5)
    again = ElephasClassifier(**late, validation_split=0.0).fit(shuffled)
    assert again.history.weights_sha256 == model.history.weights_sha256
    assert again.calibration == model.calibration


def test_marks_of_the_rows_that_a_fraction_takes_give_its_bits(
    frame: DataFrame, settings: Settings
) -> None:
    hashed = hashed_rows(frame, COLUMNS, settings["seed"])
    strata = strata_of(2, marked=False)
    counts = count_rows(hashed, strata, 2).rows
    cuts = {label: cut_buckets(held, 2, 0.1) for label, held in counts.items()}
    held_out = hashed.where(part_of(hashed, cuts, strata) < 2).select("row_hash").collect()
    mark = row_hash("row_id", settings["seed"]).isin([row[0] for row in held_out])
    same = ElephasClassifier(**settings, validationIndicatorCol="v").fit(
        frame.withColumn("v", mark)
    )
    plain = ElephasClassifier(**settings).fit(frame)
    assert same.history.weights_sha256 == plain.history.weights_sha256
    assert [r.val_loss for r in same.history.rounds] == [r.val_loss for r in plain.history.rounds]


def test_a_model_scores_rows_without_marks(
    model: ElephasClassificationModel, frame: DataFrame
) -> None:
    assert model.transform(frame.limit(3)).select("prediction").count() == 3


def test_it_is_a_parameter_as_others_are(late: Settings, tmp_path: Path) -> None:
    classifier = ElephasClassifier(**late)
    classifier.save(str(tmp_path / "estimator"))
    for same in (classifier.copy(), ElephasClassifier.load(str(tmp_path / "estimator"))):
        assert same.getValidationIndicatorCol() == NAME
        assert same.config() == classifier.config()
    assert (
        "validationIndicatorCol: boolean column, true for the validation rows; None: "
        f"validation_split says how many (default: None, current: {NAME})"
    ) in classifier.explainParams().splitlines()


def test_a_checkpoint_belongs_to_its_marks(
    marked: DataFrame, late: Settings, tmp_path: Path
) -> None:
    """Also where the workers' rows and their order are the same."""
    kept = late | {"checkpoint_dir": str(tmp_path), "epochs": 1, "num_workers": 1}
    ElephasClassifier(**kept).fit(marked)
    trained = marked.where(~sf.col(quoted(NAME)))
    last = trained.orderBy(row_hash("row_id", late["seed"]).desc()).first()["row_id"]
    one_more = changed(marked, f"row_id = '{last}'", True)
    ElephasClassifier(**kept, resume=True).fit(marked.repartition(3))
    with pytest.raises(ParameterError, match=r"a training with other (data, )?validation_rows"):
        ElephasClassifier(**kept, resume=True).fit(one_more)
    with pytest.raises(ParameterError, match=r"a training with other .*validation_split"):
        ElephasClassifier(**kept | {"validationIndicatorCol": None}, resume=True).fit(marked)


def changed(marked: DataFrame, where: str, mark: bool | None) -> DataFrame:
    marks = sf.when(sf.expr(where), sf.lit(mark)).otherwise(sf.col(quoted(NAME)))
    return marked.withColumn(NAME, marks)


@pytest.mark.parametrize(
    ("where", "mark", "message"),
    [
        pytest.param(
            "row_id = 'id-7'",
            None,
            f"validationIndicatorCol is {NAME!r}, a column that is null in the row 'id-7': say "
            "true or false for each row.",
            id="null",
        ),
        pytest.param(
            "true",
            False,
            "validationIndicatorCol marks none of 300 rows to validate on: mark some as true, or "
            "leave the parameter out.",
            id="none",
        ),
        pytest.param(
            "label = 1",
            True,
            f"The column {NAME!r} (validationIndicatorCol) marks all rows with the label 1 as "
            "validation rows: leave some of them to train on.",
            id="a whole class",
        ),
    ],
)
def test_marks_that_cannot_work(
    marked: DataFrame, late: Settings, where: str, mark: bool | None, message: str
) -> None:
    assert refusal(changed(marked, where, mark), late) == message


def test_marks_of_one_class_only(marked: DataFrame, late: Settings) -> None:
    message = refusal(changed(marked, "label = 1", False), late)
    assert message.endswith(
        "none of them is a validation row: mark some rows of label 1, or do without."
    )


def test_columns_that_are_no_marks(marked: DataFrame, late: Settings) -> None:
    rows = unreadable(marked)
    assert refusal(rows, late, validationIndicatorCol="nowhere").startswith(
        "validationIndicatorCol is 'nowhere', but the rows have no such column"
    )
    assert refusal(rows, late, validationIndicatorCol="row_id") == (
        "rowIdCol and validationIndicatorCol are both 'row_id': name a column once."
    )
    assert refusal(rows.withColumn("n", sf.lit(1)), late, validationIndicatorCol="n") == (
        "validationIndicatorCol is 'n', a column of int, and marks are true or false: make it "
        "boolean first."
    )
    assert refusal(rows, late, validationIndicatorCol="prediction").endswith("rename one.")
