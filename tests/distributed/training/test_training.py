import json
import logging
import time
from collections.abc import Iterable
from pathlib import Path
from threading import Event, Thread, current_thread, main_thread
from typing import Any

import numpy as np
import pytest
from pyspark import RDD
from pyspark.ml.functions import array_to_vector, vector_to_array
from pyspark.sql import DataFrame
from pyspark.sql import functions as sf
from tests.distributed.conftest import N_FEATURES

from bank_spark_dl.distributed import ElephasClassificationModel, ElephasClassifier
from bank_spark_dl.distributed.config import NetworkConfig
from bank_spark_dl.distributed.data import shard_set
from bank_spark_dl.distributed.data.shard_set import ShardSet
from bank_spark_dl.distributed.data.shards import ShardStore
from bank_spark_dl.distributed.training.averaging import weights_sha256
from bank_spark_dl.distributed.training.history import Round
from bank_spark_dl.distributed.training.network import initial_network
from bank_spark_dl.distributed.training.train_step import CompiledNetwork
from bank_spark_dl.errors import InputDataError, ParameterError
from bank_spark_dl.ml.models.network import build_network
from bank_spark_dl.parameters import ModelOptions

Settings = dict[str, Any]


@pytest.fixture(scope="module")
def model(frame: DataFrame, settings: Settings) -> ElephasClassificationModel:
    return ElephasClassifier(**settings).fit(frame)


def test_history_tells_rounds_and_workers(model: ElephasClassificationModel) -> None:
    history = model.history.to_dict()
    assert (history["num_workers"], history["epochs"], history["seed"]) == (2, 3, 7)
    assert history["weights_sha256"] == weights_sha256(model.weights)
    assert [entry["round"] for entry in history["rounds"]] == [0, 1, 2]
    for entry in history["rounds"]:
        assert {"loss", "acc", "val_loss", "val_accuracy", "val_auc", "seconds"} <= set(entry)
        assert sum(worker["rows"] for worker in entry["workers"]) == history["training_rows"]
        assert all(
            {"worker", "steps", "loss", "acc", "step_norm", "cosine"} <= set(worker)
            and 0 < worker["seconds"] < entry["seconds"]
            for worker in entry["workers"]
        )
    assert history["training_rows"] + history["validation_rows"] == 300


def test_same_seed_gives_the_same_bits_however_rows_arrive(
    model: ElephasClassificationModel, frame: DataFrame, settings: Settings
) -> None:
    shuffled = frame.orderBy(sf.rand(5)).repartition(5)
    again = ElephasClassifier(**settings).fit(shuffled)
    assert again.history.weights_sha256 == model.history.weights_sha256


def test_shards_read_block_by_block_give_the_same_bits(
    model: ElephasClassificationModel, frame: DataFrame, settings: Settings
) -> None:
    again = ElephasClassifier(**settings | {"max_shard_mb": 1e-6}).fit(frame)
    assert again.history.weights_sha256 == model.history.weights_sha256


def test_rows_that_change_between_two_readings_are_refused(
    frame: DataFrame, settings: Settings
) -> None:
    @sf.udf("double")
    def drawn() -> float:
        return float(np.random.default_rng().random())

    draw = drawn.asNondeterministic()()
    marked = {"validationIndicatorCol": "held"}
    cases = [(frame.where(draw < 0.8), {}), (frame.withColumn("held", draw < 0.5), marked)]
    for changing, change in cases:
        with pytest.raises(InputDataError, match="The rows changed while they were read"):
            ElephasClassifier(**settings | change).fit(changing)


def test_another_seed_gives_other_weights(
    model: ElephasClassificationModel, frame: DataFrame, settings: Settings
) -> None:
    other = ElephasClassifier(**settings | {"seed": 8, "epochs": 1}).fit(frame)
    assert other.history.weights_sha256 != model.history.weights_sha256


def test_two_workers_are_the_weighted_mean(
    frame: DataFrame, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One round of two workers equals a mean in NumPy of two networks trained here."""
    shards: dict[int, np.ndarray] = {}
    starts: list[Any] = []
    real = ShardSet.run

    def spy(self: ShardSet, task: Any) -> list[Any]:
        starts.append((task.args[0].parameters.value.weights, self.handles))
        width = self.handles[0].width
        folder = folder_of(self)
        for handle in self.handles:
            content = np.fromfile(folder / f"{handle.worker}.float32", "<f4")
            shards[handle.worker] = content.reshape(-1, width)
        return real(self, task)

    monkeypatch.setattr(ShardSet, "run", spy)
    classifier = ElephasClassifier(**settings | {"epochs": 1})
    trained = classifier.fit(frame)
    weights, handles = starts[0]
    compiled = CompiledNetwork(classifier.config().network)
    results, rows = [], []
    for handle in handles:
        generator = np.random.Generator(
            np.random.Philox(np.random.SeedSequence([7, 0, handle.worker]))
        )
        order = generator.permutation(handle.training_rows)
        block = shards[handle.worker][order]
        trained_alone = compiled.train(
            weights, None, iter([block]), 16, (7, 0, handle.worker), first_step=0
        )
        results.append(trained_alone[0])
        rows.append(handle.training_rows)
    assert len(rows) == 2
    for position, merged in enumerate(trained.weights):
        mean = np.average([r[position].astype(float) for r in results], axis=0, weights=rows)
        np.testing.assert_allclose(merged, mean, rtol=1e-6, atol=1e-7)


def test_no_round_trains_on_a_few_rows_that_are_left(frame: DataFrame, settings: Settings) -> None:
    """About 135 rows are eight steps of 16 and seven rows: no round of seven rows."""
    rounds = ElephasClassifier(**settings | {"steps_per_round": 8}).fit(frame).history.rounds
    rows = [[worker.rows for worker in entry.workers] for entry in rounds]
    assert min(min(held) for held in rows) >= 8 * 16 / 2
    assert sum(sum(held) for held in rows) == settings["epochs"] * 270


@pytest.mark.parametrize("merge", ["reset", "average", "keep"])
def test_resumed_training_gives_the_same_bits(
    frame: DataFrame, settings: Settings, tmp_path: Path, merge: str
) -> None:
    changes = {"merge": merge, "steps_per_round": 5, "epochs": 2}
    uninterrupted = ElephasClassifier(**settings | changes).fit(frame)
    seen: list[int] = []

    def die_in_round_1(last: Round, rounds: int) -> None:
        if last.round == 1:
            raise KeyboardInterrupt

    kept = settings | changes | {"checkpoint_dir": str(tmp_path)}
    with pytest.raises(KeyboardInterrupt):
        ElephasClassifier(progress=die_in_round_1, **kept).fit(frame)
    resumed = ElephasClassifier(
        progress=lambda last, rounds: seen.append(last.round), resume=True, **kept
    ).fit(frame)
    assert seen == [1, 2, 3]
    assert resumed.history.weights_sha256 == uninterrupted.history.weights_sha256
    assert len(list(tmp_path.iterdir())) == 1
    with pytest.raises(ParameterError, match="belongs to a training with other batch_size"):
        ElephasClassifier(**kept | {"resume": True, "batch_size": 32}).fit(frame)


def test_early_stopping_restores_the_best_weights(frame: DataFrame, settings: Settings) -> None:
    """With this rate the second round is worse than the first, and so is the third."""
    fast = {"optimizer_config": {"class_name": "adam", "config": {"learning_rate": 0.2}}}
    stopping = {"epochs": 9, "early_stopping": {"patience": 1, "monitor": "val_loss"}}
    stopped = ElephasClassifier(**settings | fast | stopping).fit(frame)
    first = ElephasClassifier(**settings | fast | {"epochs": 1}).fit(frame)
    losses = [entry.val_loss for entry in stopped.history.rounds]
    assert len(losses) == 3
    assert min(losses) == losses[0] == first.history.rounds[0].val_loss
    assert stopped.history.best_round == 0
    assert stopped.history.weights_sha256 == first.history.weights_sha256


def test_a_lost_shard_is_written_again(
    model: ElephasClassificationModel,
    frame: DataFrame,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    real = ShardSet.run
    calls: list[int] = []

    def losing(self: ShardSet, task: Any) -> list[Any]:
        calls.append(1)
        if len(calls) == 2:
            (folder_of(self) / "1.float32").unlink()
        return real(self, task)

    monkeypatch.setattr(ShardSet, "run", losing)
    again = ElephasClassifier(**settings).fit(frame)
    assert again.history.weights_sha256 == model.history.weights_sha256


def test_shards_are_deleted_afterwards(
    frame: DataFrame, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    folders: list[Path] = []
    real = ShardSet.run

    def spy(self: ShardSet, task: Any) -> list[Any]:
        folders.append(folder_of(self))
        assert folders[-1].is_dir()
        return real(self, task)

    monkeypatch.setattr(ShardSet, "run", spy)
    ElephasClassifier(**settings | {"epochs": 1}).fit(frame)
    assert folders
    assert not any(folder.exists() for folder in folders)


def test_shards_of_rows_that_are_refused_are_deleted(
    frame: DataFrame, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    folders: list[Path] = []
    real = ShardSet.remove

    def spy(self: ShardSet) -> None:
        folders.append(folder_of(self))
        assert folders[-1].is_dir()
        real(self)

    monkeypatch.setattr(ShardSet, "remove", spy)
    odd = frame.withColumn("features", sf.expr("if(row_id = 'id-7', null, features)"))
    with pytest.raises(InputDataError, match="row_id id-7 "):
        ElephasClassifier(**settings).fit(odd)
    assert folders
    assert not folders[0].exists()


def test_shards_of_a_fit_that_is_interrupted_are_deleted(
    frame: DataFrame, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl-C while the shards are written, as a notebook's user presses it."""
    stores: list[ShardStore] = []
    real_init, real_collect = ShardStore.__init__, RDD.collect

    def note(self: ShardStore, *arguments: Any) -> None:
        real_init(self, *arguments)
        stores.append(self)

    def interrupted(self: RDD) -> list[Any]:
        rows = real_collect(self)
        if current_thread() is main_thread():
            raise KeyboardInterrupt
        return rows

    with monkeypatch.context() as patched:
        patched.setattr(ShardStore, "__init__", note)
        patched.setattr(RDD, "collect", interrupted)
        with pytest.raises(KeyboardInterrupt):
            ElephasClassifier(**settings).fit(frame)
    (store,) = stores
    where = frame.sparkSession.sparkContext.parallelize([0], 1)
    folder = where.map(lambda _: str(store.path(0).parent)).collect()[0]
    assert not Path(folder).is_dir()


def forbid_slowly(store: ShardStore, rows: Iterable[Any]) -> None:
    """Longer than Spark waits for the Python process of a task that is cancelled."""
    list(rows)
    time.sleep(4)
    store.forbid()


def test_removing_shards_is_not_cancelled_with_the_jobs_of_its_thread(
    frame: DataFrame, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when one of many trainings has failed, and the jobs of the others are cancelled."""
    stores: list[ShardStore] = []
    context, over = frame.sparkSession.sparkContext, Event()
    real_init, real_collect = ShardStore.__init__, RDD.collect

    def note(self: ShardStore, *arguments: Any) -> None:
        real_init(self, *arguments)
        stores.append(self)

    def cancel() -> None:
        while not over.is_set():
            context.cancelJobsWithTag("mine")

    cancelling = Thread(target=cancel)

    def fail_once(self: RDD) -> list[Any]:
        rows = real_collect(self)
        if current_thread() is main_thread() and cancelling.ident is None:
            cancelling.start()
            raise OSError("The job is cancelled.")
        return rows

    context.addJobTag("mine")
    try:
        with monkeypatch.context() as patched:
            patched.setattr(ShardStore, "__init__", note)
            patched.setattr(RDD, "collect", fail_once)
            patched.setattr(shard_set, "_forbid", forbid_slowly)
            with pytest.raises(OSError, match="cancelled"):
                ElephasClassifier(**settings).fit(frame)
        assert set(context.getJobTags()) == {"mine"}
    finally:
        over.set()
        cancelling.join()
        context.removeJobTag("mine")
    (store,) = stores
    where = context.parallelize([0], 1)
    folder = where.map(lambda _: str(store.path(0).parent)).collect()[0]
    assert not Path(folder).is_dir()


def folder_of(shards: ShardSet) -> Path:
    """Where the shards of a training lie; executors of a local master see this disk."""
    store = shards.store
    rows = shards.cached.context.parallelize([0], 1)
    return Path(rows.map(lambda _: str(store.path(0).parent)).first())


def test_one_line_says_what_happens_and_workers_without_core_are_a_warning(
    frame: DataFrame, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "bank_spark_dl.distributed")
    with pytest.warns(UserWarning, match="3 workers share 2 cores"):
        ElephasClassifier(**settings | {"num_workers": 3, "epochs": 1}).fit(frame)
    assert [line for line in caplog.messages if line.startswith("Training on 270 rows")]


def test_a_schedule_lasts_the_whole_training_and_starts_at_the_optimizers_rate(
    frame: DataFrame, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    networks: list[NetworkConfig] = []
    real = ShardSet.run

    def spy(self: ShardSet, task: Any) -> list[Any]:
        networks.append(task.args[0].config.network)
        return real(self, task)

    monkeypatch.setattr(ShardSet, "run", spy)
    cosine = {"class_name": "CosineDecay", "config": {"warmup_steps": 4, "alpha": 0.5}}
    ElephasClassifier(**settings | {"learning_rate_schedule": cosine}).fit(frame)
    # 270 rows on 2 workers are 9 steps of 16 rows, for 3 epochs.
    assert networks[0].learning_rate_schedule["config"] == {
        "alpha": 0.5,
        "decay_steps": 27 - 4,
        "initial_learning_rate": 0.01,
        "warmup_steps": 4,
    }


def test_a_training_may_end_before_its_schedule(frame: DataFrame, settings: dict[str, Any]) -> None:
    decay = {"learning_rate_schedule": {"class_name": "CosineDecay", "config": {"alpha": 0.01}}}
    whole = ElephasClassifier(**settings | decay).fit(frame)
    two = ElephasClassifier(**settings | decay | {"stop_epoch": 2}).fit(frame)
    assert [entry.loss for entry in two.history.rounds] == [
        entry.loss for entry in whole.history.rounds[:2]
    ]
    shorter = ElephasClassifier(**settings | decay | {"epochs": 2}).fit(frame)
    assert shorter.history.weights_sha256 != two.history.weights_sha256
    later = ElephasClassifier(**settings | decay | {"stop_epoch": 9}).fit(frame)
    assert later.history.weights_sha256 == whole.history.weights_sha256


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"mode": "hogwild"}, "mode=hogwild is not offered"),
        ({"custom_objects": {"Mine": object}}, "custom_objects is not offered: a saved model"),
        ({"frequency": "batch"}, "frequency is not offered: workers are averaged after"),
        ({"optimizer_config": {"class_name": "adamm", "config": {}}}, "optimizer 'adamm': Could"),
        ({"learning_rate_schedule": {"class_name": "Cos", "config": {}}}, "it has CosineDecay, "),
        (
            {
                "learning_rate_schedule": {
                    "class_name": "PiecewiseConstantDecay",
                    "config": {"boundaries": [5], "values": [0.1]},
                }
            },
            "learning_rate_schedule 'PiecewiseConstantDecay': The length of boundaries",
        ),
        ({"num_workers": 40}, "use num_workers="),
        ({"epochs": 1.5}, "epochs"),
        ({"max_shard_mb": 0}, "max_shard_mb must be a number above 0, but is 0."),
        ({"epoch": 1}, "no such parameter"),
        ({"class_weights": {"0": 1}}, "class_weights"),
        ({"optimizer_config": {"class_name": "sgd", "config": {"learning_rate": 1e30}}}, "finite"),
    ],
)
def test_mistakes_are_named(
    frame: DataFrame, settings: Settings, changes: Settings, message: str
) -> None:
    with pytest.raises(ParameterError, match=message):
        ElephasClassifier(**settings | changes).fit(frame)


def test_a_network_with_embeddings_trains_to_the_same_bits(
    frame: DataFrame, settings: Settings
) -> None:
    """Each table moves where it was read, and the workers' tables are averaged."""
    options = ModelOptions(layers=[], output_activation="sigmoid")
    description = build_network(N_FEATURES + 1, options, [9])
    values = vector_to_array("features")
    index = sf.pmod(sf.hash("row_id"), sf.lit(7)).cast("double")
    rows = frame.withColumn("features", array_to_vector(sf.concat(sf.array(index), values)))
    classifier = ElephasClassifier(
        **settings | {"keras_model_config": json.dumps(description), "epochs": 2}
    )
    model = classifier.fit(rows)
    again = classifier.fit(rows.repartition(3))
    assert again.history.weights_sha256 == model.history.weights_sha256
    table, first = model.weights[0], initial_network(classifier.config().network, 7).get_weights()
    assert (table[:7] != first[0][:7]).all()
    assert (table[7:] == first[0][7:]).all()
