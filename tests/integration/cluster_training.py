"""A driver program for the cluster tests: trains as told, one line of JSON for each event."""

import json
import sys
import time
from typing import Any

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as sf

from bank_spark_dl.distributed import ElephasClassifier, prewarm, spark_conf
from tests.distributed.conftest import N_FEATURES, make_network
from tests.spark_cluster import SETTINGS


def uniform(number: int) -> Column:
    return sf.pmod(sf.xxhash64("row_id", sf.lit(number)), sf.lit(1000)) / 1000


def make_frame(spark: SparkSession, rows: int) -> DataFrame:
    ids = spark.range(rows, numPartitions=3).withColumnRenamed("id", "row_id")
    features = sf.array(*(uniform(number) for number in range(N_FEATURES)))
    label = (uniform(0) + uniform(9) > 1).cast("double")
    return ids.select("row_id", label.alias("label"), features.alias("features"))


def make_classifier(**settings: Any) -> ElephasClassifier:
    return ElephasClassifier(
        keras_model_config=make_network(),
        num_workers=2,
        epochs=5,
        batch_size=8,
        seed=11,
        merge="keep",
        **settings,
    )


def say(**event: Any) -> None:
    print(json.dumps(event), flush=True)


def main(master: str, trainings: int, checkpoint_dir: str | None) -> None:
    builder = SparkSession.builder.master(master).config(map=spark_conf())
    for name, value in SETTINGS.items():
        builder = builder.config(name, value)
    spark = builder.getOrCreate()
    tracker = spark.sparkContext._jsc.sc().statusTracker()
    while len(tracker.getExecutorInfos()) < 3:  # two, and the driver
        time.sleep(0.1)
    prewarm(spark).join()
    say(prewarmed=True)
    frame = make_frame(spark, 8_000)
    for number in range(trainings):
        classifier = make_classifier(
            progress=lambda entry, rounds, number=number: say(training=number, round=entry.round),
            checkpoint_dir=checkpoint_dir,
            resume=checkpoint_dir is not None,
        )
        say(training=number, sha256=classifier.fit(frame).history.weights_sha256)
    spark.stop()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), *(sys.argv[3:] or [None]))
