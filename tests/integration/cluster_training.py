"""A driver program for the cluster tests: trains all kinds of label, a line of JSON an event."""

import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

from pyspark.ml.functions import vector_to_array
from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as sf

from bank_spark_dl.distributed import (
    ElephasClassifier,
    HoldOut,
    Training,
    TrainingResult,
    prewarm,
    spark_conf,
    train_many,
)
from bank_spark_dl.distributed.training.history import Round
from tests.distributed.conftest import N_FEATURES, make_network
from tests.distributed.kinds import MANY, NUMBER, TWO
from tests.spark_cluster import SETTINGS

TRAININGS = {
    "two classes": (TWO, None),
    "three classes": (MANY, None),
    "three classes, weighted": (MANY, "weight"),
    "numbers, weighted": (NUMBER, "weight"),
}
"""Kind of label and column of weights; no more than networks that a worker keeps compiled."""
ONE_WORKER = {"num_workers": 1, "epochs": 60}
"""Settings of a training that is long enough to be hurt, in one Spark task."""
TOGETHER = {"all": "in round 2"}
"""What the driver says when round 1 of every training is complete."""


def uniform(number: int) -> Column:
    return sf.pmod(sf.xxhash64("row_id", sf.lit(number)), sf.lit(1000)) / 1000


def make_frame(spark: SparkSession) -> DataFrame:
    ids = spark.range(4_000, numPartitions=3).withColumnRenamed("id", "row_id")
    features = sf.array(*(uniform(number) for number in range(N_FEATURES)))
    return ids.select(
        "row_id",
        features.alias("features"),
        (uniform(0) + uniform(9) > 1).cast("double").alias(TWO.label),
        sf.floor(1.5 * (uniform(0) + uniform(9))).cast("double").alias(MANY.label),
        (1000 + 50 * uniform(0) + 10 * uniform(9)).alias(NUMBER.label),
        (4 * uniform(8)).alias("weight"),
    )


def train(name: str, frame: DataFrame, **settings: Any) -> str:
    """Return the hash of the weights; dropout and all optimizers' states matter for it."""
    kind, weight = TRAININGS[name]
    defaults = {
        "labelCol": kind.label,
        "weightCol": weight,
        "keras_model_config": make_network(kind.outputs, kind.activation),
        "loss": kind.loss,
        "num_workers": 2,
        "epochs": 5,
        "batch_size": 8,
        "seed": 11,
        "merge": "keep",
    }
    estimator = kind.estimator(**defaults | settings)
    return str(estimator.fit(frame).history.weights_sha256)


def train_with_one_worker(frame: DataFrame, checkpoint_dir: str) -> None:
    """Train two classes, and say each round as it ends."""
    sha256 = train(
        "two classes",
        frame,
        checkpoint_dir=checkpoint_dir,
        resume=True,
        progress=lambda entry, _: say(round=entry.round),
        **ONE_WORKER,
    )
    say(sha256=sha256)


def say(**event: Any) -> None:
    print(f"{json.dumps(event)}\n", end="", flush=True)  # in one piece: threads talk at once


def train_all(frame: DataFrame, checkpoint_dir: str | None) -> None:
    """Train all kinds side by side; those that begin anew wait for each other after round 1."""
    together = Barrier(len(TRAININGS), action=lambda: say(**TOGETHER), timeout=300)

    def train_one(name: str) -> None:
        rounds = []

        def report(entry: Any, _: int) -> None:
            say(training=name, round=entry.round)
            rounds.append(entry.round)
            if rounds == [0, 1]:
                together.wait()

        kept = {"checkpoint_dir": f"{checkpoint_dir}/{name}", "resume": True}
        sha256 = train(name, frame, progress=report, **kept if checkpoint_dir else {})
        say(training=name, sha256=sha256)

    with ThreadPoolExecutor(len(TRAININGS)) as pool:
        list(pool.map(train_one, TRAININGS))


def train_folds(frame: DataFrame, checkpoint_dir: str) -> None:
    """Train four folds side by side, and say each round as it ends and the results' bits."""
    folds = frame.withColumn("fold", sf.pmod("row_id", sf.lit(4)))
    for result in train_many(folds, fold_trainings(checkpoint_dir), progress=_say_round):
        say(**fold_bits(result))


def fold_trainings(checkpoint_dir: str | None) -> list[Training]:
    """Return a training for each of four folds, long enough to be hurt."""
    estimator = ElephasClassifier(
        labelCol=TWO.label,
        keras_model_config=make_network(TWO.outputs, TWO.activation),
        loss=TWO.loss,
        batch_size=8,
        seed=11,
        checkpoint_dir=checkpoint_dir,
        **ONE_WORKER,
    )
    return [Training(estimator, HoldOut(f"fold = {fold}")) for fold in range(4)]


def fold_bits(result: TrainingResult) -> dict[str, Any]:
    """Return the hash of the weights, and a sum of the predictions that knows each of them."""
    probability = vector_to_array("probability")[1].cast("string")
    summed = sf.sum(sf.xxhash64("row_id", probability).cast("decimal(38)"))
    found = result.predictions.agg(sf.count("*"), summed).first()
    assert found is not None
    sha256 = result.model.history.weights_sha256
    return {"sha256": sha256, "rows": found[0], "predictions": str(found[1])}


def _say_round(entry: Round, rounds: int) -> None:
    say(round=entry.round)


def main(master: str, what: str, checkpoint_dir: str | None = None) -> None:
    """Train with one worker if `what` is "one", folds if "folds", else all kinds so many times."""
    builder = SparkSession.builder.master(master).config(map=spark_conf())
    for name, value in SETTINGS.items():
        builder = builder.config(name, value)
    spark = builder.getOrCreate()
    tracker = spark.sparkContext._jsc.sc().statusTracker()
    while len(tracker.getExecutorInfos()) < 3:  # two, and the driver
        time.sleep(0.1)
    prewarm(spark).join()
    say(prewarmed=True)
    if what == "one":
        train_with_one_worker(make_frame(spark), str(checkpoint_dir))
    elif what == "folds":
        train_folds(make_frame(spark), str(checkpoint_dir))
    else:
        for _ in range(int(what)):
            train_all(make_frame(spark), checkpoint_dir)
    spark.stop()


if __name__ == "__main__":
    main(*sys.argv[1:])
