"""Many trainings side by side, against `fit` alone."""

import logging
import os
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pyspark import RDD
from pyspark.ml.classification import LogisticRegression
from pyspark.ml.feature import StringIndexer, VectorAssembler
from pyspark.ml.functions import vector_to_array
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as sf
from tests.conftest import kept_frames

from bank_spark_dl.distributed import ElephasClassifier, HoldOut, Split, Training, train_many
from bank_spark_dl.distributed.data.shard_set import ShardSet
from bank_spark_dl.distributed.data.shards import ShardHandle, ShardStore
from bank_spark_dl.distributed.many.room import Room
from bank_spark_dl.distributed.many.shared_split import SharedSplit
from bank_spark_dl.distributed.many.training import TrainingResult
from bank_spark_dl.distributed.training.prepared_training import PreparedTraining
from bank_spark_dl.errors import ParameterError

Settings = dict[str, Any]


@pytest.fixture(scope="module")
def alone(settings: Settings) -> Settings:
    return settings | {"num_workers": 1}


@pytest.fixture(scope="module")
def folds(frame: DataFrame) -> DataFrame:
    number = sf.regexp_extract("row_id", r"\d+", 0).cast("int")
    return frame.withColumn("fold", number % 3).cache()


@pytest.fixture(scope="module")
def local_dir(spark: SparkSession) -> Path:
    """Where an executor keeps its shards."""

    def named(_: Any) -> Iterator[str]:
        yield os.environ["SPARK_LOCAL_DIRS"].split(",")[0]

    return Path(*spark.sparkContext.parallelize([0], 1).mapPartitions(named).collect())


@pytest.fixture(autouse=True)
def nothing_is_left(folds: DataFrame, local_dir: Path) -> Iterator[None]:
    folds.count()
    before = kept_frames(folds.sparkSession)
    yield
    assert kept_frames(folds.sparkSession) == before
    assert not list(local_dir.glob("shards-*/*"))


def bits(result: TrainingResult) -> tuple[Any, ...]:
    """What a training has learnt and predicts."""
    figures = [(entry.loss, entry.val_loss) for entry in result.model.history.rounds]
    rows = result.predictions.select("row_id", vector_to_array("probability")).orderBy("row_id")
    predictions = [tuple(row) for row in rows.collect()]
    return result.model.history.weights_sha256, figures, predictions


def forget(results: list[TrainingResult]) -> None:
    for result in results:
        result.unpersist()


def test_folds_and_seeds_side_by_side_equal_fits_one_by_one(
    folds: DataFrame, alone: Settings
) -> None:
    trainings = [
        Training(ElephasClassifier(**alone | {"seed": seed}), HoldOut(f"fold = {fold}"))
        for fold in range(3)
        for seed in (1, 2)
    ]
    results = train_many(folds, trainings, parallelism=4)
    found = [bits(result) for result in results]
    for training, (weights, figures, predictions) in zip(trainings, found, strict=True):
        fold = training.splitter.condition[-1]
        model = training.estimator.fit(folds.where(f"fold != {fold}"))
        assert model.history.weights_sha256 == weights
        assert [(entry.loss, entry.val_loss) for entry in model.history.rounds] == figures
        rows = model.transform(folds.where(f"fold = {fold}")).orderBy("row_id")
        expected = rows.select("row_id", vector_to_array("probability")).collect()
        assert [tuple(row) for row in expected] == predictions
    assert len({weights for weights, *_ in found}) == 6
    forget(results)


def test_a_value_of_the_held_out_rows_is_not_seen_by_feature_stages(
    folds: DataFrame, alone: Settings
) -> None:
    """Each fold has a word of its own: had the indexer seen it, it would not be refused."""
    words = folds.withColumn("word", sf.concat(sf.lit("only in "), "fold")).withColumnRenamed(
        "features", "numbers"
    )
    stages = (
        StringIndexer(inputCol="word", outputCol="index", handleInvalid="keep"),
        VectorAssembler(inputCols=["numbers"], outputCol="features"),
    )
    splits: list[Split] = []

    def spy(split: Split) -> ElephasClassifier:
        splits.append(split)
        return ElephasClassifier(**alone)

    results = train_many(words, [Training(spy, HoldOut(f"fold = {f}", stages)) for f in range(3)])
    assert len(splits) == 3
    for result in results:
        found = result.predictions.select("word", "index").distinct().collect()
        assert [row["index"] for row in found] == [2.0]  # as all values that were not seen
    forget(results)


def test_equal_splits_and_layouts_are_made_once(
    folds: DataFrame, alone: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[str] = []

    class Counted(HoldOut):
        def __call__(self, frame: DataFrame) -> Split:
            made.append("split")
            return super().__call__(frame)

    write = ShardSet.__init__

    def counted(self: ShardSet, written: RDD[ShardHandle], store: ShardStore) -> None:
        made.append("layout")
        write(self, written, store)

    monkeypatch.setattr(ShardSet, "__init__", counted)
    changes: list[Settings] = [
        {},
        {"epochs": 2},
        {"batch_size": 8},
        {"optimizer_config": {"class_name": "sgd", "config": {"learning_rate": 0.1}}},
    ]
    trainings = [
        Training(ElephasClassifier(**alone | change), Counted("fold = 0")) for change in changes
    ]
    results = train_many(folds, trainings, parallelism=3)
    assert sorted(made) == ["layout", "split"]
    train = folds.where("fold != 0")
    for change, result in zip(changes, results, strict=True):
        model = ElephasClassifier(**alone | change).fit(train)
        assert model.history.weights_sha256 == result.model.history.weights_sha256
    forget(results)


def test_other_estimators_train_beside_networks(folds: DataFrame, alone: Settings) -> None:
    logistic = LogisticRegression(labelCol="label")
    results = train_many(
        folds,
        [
            Training(ElephasClassifier(**alone), HoldOut("fold = 0")),
            Training(
                logistic,
                HoldOut("fold = 0"),
                lambda model, rows: model.transform(rows).select("row_id"),
            ),
        ],
    )
    model = logistic.fit(folds.where("fold != 0"))
    assert np.allclose(results[1].model.coefficients.toArray(), model.coefficients.toArray())
    assert results[1].predictions.columns == ["row_id"]
    assert results[1].predictions.count() == folds.where("fold = 0").count()
    assert all(result.seconds > 0 for result in results)
    forget(results)


def test_several_workers_train_one_after_the_other(
    folds: DataFrame,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO, "bank_spark_dl.distributed")
    running, most, lock = [0], [0], threading.Lock()
    train = ElephasClassifier.train

    def counted(self: ElephasClassifier, *arguments: Any) -> Any:
        with lock:
            running[0] += 1
            most[0] = max(most[0], running[0])
        try:
            return train(self, *arguments)
        finally:
            with lock:
                running[0] -= 1

    monkeypatch.setattr(ElephasClassifier, "train", counted)
    trainings = [
        Training(ElephasClassifier(**settings | {"seed": seed}), HoldOut("fold = 0"))
        for seed in range(3)
    ]
    results = train_many(folds, trainings, parallelism=3)
    assert most == [1]
    assert any("one after the other" in line for line in caplog.messages)
    model = ElephasClassifier(**settings | {"seed": 2}).fit(folds.where("fold != 0"))
    assert results[2].model.history.weights_sha256 == model.history.weights_sha256
    forget(results)


@pytest.mark.parametrize(("room_for", "most"), [(0, 1), (1, 2), (99, 3)])
def test_a_small_disk_holds_fewer_splits_at_a_time(
    folds: DataFrame,
    alone: Settings,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    room_for: int,
    most: int,
) -> None:
    """There is room for so many layouts beside the first."""
    caplog.set_level(logging.INFO, "bank_spark_dl.distributed")
    monkeypatch.setattr(
        ShardSet,
        "free_bytes",
        lambda self: room_for * max(handle.bytes for handle in self.handles),
    )
    held = [0]
    enter = Room.enter

    def noted(self: Room) -> None:
        enter(self)
        held[0] = max(held[0], self._held)

    monkeypatch.setattr(Room, "enter", noted)
    trainings = [
        Training(ElephasClassifier(**alone | {"epochs": 200}), HoldOut(f"fold = {fold}"))
        for fold in range(3)
    ]
    results = train_many(folds, trainings, parallelism=3)
    assert held == [most]
    assert len({result.model.history.weights_sha256 for result in results}) == 3
    told = [line for line in caplog.messages if "trainings of different rows go" in line]
    assert len(told) == (most < 3)
    forget(results)


@pytest.mark.parametrize("parallelism", [0, -1, 1.5, "two", True])
def test_a_wrong_parallelism_is_refused(folds: DataFrame, parallelism: Any) -> None:
    with pytest.raises(ParameterError, match="parallelism must be a whole number of 1 or more"):
        train_many(folds, [], parallelism=parallelism)


def test_layouts_that_nobody_needs_do_not_pile_up(
    folds: DataFrame, alone: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    written, most = set(), [0]
    lay_out, remove = PreparedTraining.lay_out, ShardSet.remove

    def wrote(self: PreparedTraining, frame: DataFrame) -> Any:
        shards, plan = lay_out(self, frame)
        written.add(shards)
        most[0] = max(most[0], len(written))
        return shards, plan

    def removed(self: ShardSet) -> None:
        remove(self)
        written.discard(self)

    monkeypatch.setattr(PreparedTraining, "lay_out", wrote)
    monkeypatch.setattr(ShardSet, "remove", removed)
    trainings = [
        Training(ElephasClassifier(**alone | {"epochs": 1, "seed": seed}), HoldOut("fold = 0"))
        for seed in range(8)
    ]
    results = train_many(folds, trainings, parallelism=2)
    assert not written
    assert most[0] <= 4  # two in use, and two that might have been needed again
    forget(results)


def test_the_first_error_ends_all_trainings(folds: DataFrame, alone: Settings) -> None:
    longest = ElephasClassifier(**alone | {"epochs": 100_000})
    wrong = ElephasClassifier(**alone | {"batch_size": 10_000})
    trainings = [
        Training(longest, HoldOut("fold = 0")),
        Training(wrong, HoldOut("fold = 1")),
        *(Training(longest, HoldOut(f"fold = {fold}")) for fold in (2, 1)),
    ]
    with pytest.raises(ParameterError, match="fewer than one batch of 10000"):
        train_many(folds, trainings, parallelism=2)
    assert not [t for t in threading.enumerate() if t.name.startswith("side-by-side")]


def test_an_interrupted_call_is_resumed(
    folds: DataFrame, alone: Settings, tmp_path: Path, local_dir: Path
) -> None:
    kept = alone | {"checkpoint_dir": str(tmp_path), "epochs": 200}
    trainings = [
        Training(ElephasClassifier(**kept | {"resume": resume}), HoldOut(f"fold = {fold}"))
        for resume in (False, True)
        for fold in range(2)
    ]
    whole = train_many(folds, trainings[:2])
    expected = [bits(result) for result in whole]
    forget(whole)
    shutil.rmtree(tmp_path)
    seen: list[int] = []

    def stop(last: Any, rounds: int) -> None:
        seen.append(last.round)
        if len(list(local_dir.glob("shards-*/*.float32"))) == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train_many(folds, trainings[:2], progress=stop)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["0", "1"]
    seen.clear()
    again = train_many(folds, trainings[2:], progress=lambda last, rounds: seen.append(last.round))
    assert len(seen) < 400
    assert [bits(result) for result in again] == expected
    forget(again)


def test_threads_whose_jobs_are_cancelled_leave_the_removal_to_the_caller(
    folds: DataFrame, local_dir: Path, alone: Settings
) -> None:
    room = Room(2)
    shared = SharedSplit(folds, HoldOut("fold = 0"), 1, room)
    prepared = ElephasClassifier(**alone).prepare(shared.split().train)
    with shared.shards(prepared):
        room.close()
    shared.leave()
    assert list(local_dir.glob("shards-*/*.float32"))
    with pytest.raises(InterruptedError):
        SharedSplit(folds, HoldOut("fold = 1"), 1, room).split()
    shared.remove()


def test_the_bar_counts_trainings_and_names_the_best(
    folds: DataFrame, alone: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    trainings = [
        Training(ElephasClassifier(**alone), HoldOut(f"fold = {fold}")) for fold in range(2)
    ]
    results = train_many(folds, trainings, progress="rich")
    best = min(e.val_loss for result in results for e in result.model.history.rounds)
    shown = capsys.readouterr().out
    assert "2 of 2 ended" in shown
    assert f"best val_loss {best:.4f}" in shown
    forget(results)


def test_rows_of_a_condition_that_is_null_are_trained_on(folds: DataFrame) -> None:
    split = HoldOut("nullif(fold, 1) = 0")(folds)
    assert {row["fold"] for row in split.held_out.collect()} == {0}
    assert {row["fold"] for row in split.train.collect()} == {1, 2}


def test_shards_of_other_rows_or_seeds_are_not_shared(alone: Settings, folds: DataFrame) -> None:
    def key(**changes: Any) -> Any:
        return ElephasClassifier(**alone | changes).prepare(folds).layout_key()

    assert key() == key(epochs=9, batch_size=8, threshold=0.3)
    for change in (
        {"seed": 99},
        {"num_workers": 2},
        {"validation_split": 0.25},
        {"max_shard_mb": 1},
        {"rowIdCol": "fold"},
        {"weightCol": "fold"},
    ):
        assert key(**change) != key()


def test_who_is_told_of_each_training_goes_on_after_a_failure(
    folds: DataFrame, alone: Settings
) -> None:
    too_large = alone | {"batch_size": 1000}
    trainings = [
        Training(ElephasClassifier(**settings), HoldOut(f"fold = {fold}"))
        for fold in range(2)
        for settings in (too_large, alone)
    ]
    told: dict[int, Any] = {}
    results = train_many(folds, trainings, on_end=told.__setitem__)
    assert [told[number] for number in (1, 3)] == results
    for number in (0, 2):
        assert isinstance(told[number], ParameterError)
        assert "fewer than one batch of 1000" in str(told[number])
    forget(results)


def test_a_failure_of_who_is_told_ends_all(folds: DataFrame, alone: Settings) -> None:
    def refuse(number: int, result: Any) -> None:
        raise OSError("the disk is full")

    trainings = [Training(ElephasClassifier(**alone), HoldOut(f"fold = {f}")) for f in range(3)]
    with pytest.raises(OSError, match="the disk is full"):
        train_many(folds, trainings, on_end=refuse)
