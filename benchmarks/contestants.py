"""One measurement for each process: `python -m benchmarks.contestants NAME JSON` prints figures."""

import json
import os
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import inputs
from benchmarks.memory import peak_memory_of_workers

CORES = os.cpu_count() or 1


def elapsed(work: Callable[[], Any]) -> float:
    """Time a piece of work in seconds."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def classifier(**settings: Any) -> Any:
    """Build this project's estimator with the article's settings."""
    from bank_spark_dl.distributed import ElephasClassifier

    article = {
        "keras_model_config": inputs.network().to_json(),
        "epochs": inputs.EPOCHS,
        "batch_size": inputs.BATCH_SIZE,
        "validation_split": inputs.VALIDATION_SPLIT,
        "optimizer_config": inputs.OPTIMIZER,
        "seed": 1234,
    }
    return ElephasClassifier(**article | settings)


def train_stock(data: str, workers: int) -> dict[str, float]:
    """Fit Elephas's own estimator."""
    from elephas.ml_model import ElephasEstimator

    spark = inputs.start_session(CORES, engine=False)
    frame = inputs.real_frame(spark, Path(data))
    estimator = ElephasEstimator(
        labelCol="label",
        featuresCol="features",
        keras_model_config=inputs.network().to_json(),
        categorical=True,
        nb_classes=2,
        num_workers=workers,
        epochs=inputs.EPOCHS,
        batch_size=inputs.BATCH_SIZE,
        validation_split=inputs.VALIDATION_SPLIT,
        loss="binary_crossentropy",
        metrics=["acc"],
        optimizer_config=inputs.OPTIMIZER,
        mode="synchronous",
        verbose=0,
    )
    return {"seconds": elapsed(lambda: estimator.fit(frame))}


def train_ours(data: str, workers: int, prewarmed: bool) -> dict[str, float]:
    """Fit this project's estimator; its workers start with it, or with the session as in a run."""
    spark = inputs.start_session(CORES, engine=True)
    if prewarmed:
        from bank_spark_dl.distributed import prewarm

        prewarm(spark)
    frame = inputs.real_frame(spark, Path(data))
    estimator = classifier(num_workers=workers)
    return {"seconds": elapsed(lambda: estimator.fit(frame))}


def train_two(data: str, at_once: int) -> dict[str, float]:
    """Train with two seeds, in a session that has trained before."""
    from bank_spark_dl.distributed import HoldOut, Training, train_many

    frame = inputs.real_frame(inputs.start_session(CORES, engine=True), Path(data))

    def train(seeds: tuple[int, int], epochs: int) -> None:
        estimators = [classifier(num_workers=1, seed=seed, epochs=epochs) for seed in seeds]
        trainings = [Training(estimator, HoldOut("row_id % 5 = 0")) for estimator in estimators]
        for result in train_many(frame, trainings, parallelism=at_once):
            result.unpersist()

    train((1, 2), 1)
    return {"seconds": elapsed(lambda: train((3, 4), 4 * inputs.EPOCHS))}


def train_keras(data: str) -> dict[str, float]:
    """Fit the network in this process with Keras's defaults."""
    features, label = inputs.real_arrays(Path(data))
    model = inputs.network()
    import keras

    model.compile(keras.optimizers.Adam(0.01), "binary_crossentropy", metrics=["acc"])
    targets = np.eye(2, dtype=np.float32)[label.astype(int)]
    options = {"epochs": inputs.EPOCHS, "batch_size": inputs.BATCH_SIZE}
    options["validation_split"] = inputs.VALIDATION_SPLIT
    return {"seconds": elapsed(lambda: model.fit(features, targets, **options))}


def train_generated(rows: str, workers: int, limit: int | None = None) -> dict[str, float]:
    """Train 3 epochs on generated rows, a core for each worker."""
    spark = inputs.start_session(workers, engine=True)
    frame = spark.read.parquet(rows)
    frame = frame if limit is None else frame.limit(limit)
    with peak_memory_of_workers() as peak:
        model = classifier(num_workers=workers, epochs=3).fit(frame)
    seconds = statistics.median(entry.seconds for entry in model.history.rounds[1:])
    training_rows = model.history.training_rows
    held = (training_rows + model.history.validation_rows) / workers * (inputs.N_FEATURES + 1) * 4
    return {
        "rows_per_second": training_rows / seconds,
        "peak_bytes": float(peak()),
        "held_bytes": held,
    }


def read_rows(rows: str) -> dict[str, float]:
    """Read generated rows and throw them away."""
    frame = inputs.start_session(CORES, engine=True).read.parquet(rows)
    return _rate(frame)


def score_ours(rows: str) -> dict[str, float]:
    """Score generated rows with this project's model."""
    from bank_spark_dl.distributed import ElephasClassificationModel, TrainingHistory

    network = inputs.network()
    model = ElephasClassificationModel(
        network.to_json(),
        network.get_weights(),
        TrainingHistory(1, 1, 0, 1, 0, 0),
        inputs.N_FEATURES,
    )
    frame = inputs.start_session(CORES, engine=True).read.parquet(rows)
    return _rate(model.transform(frame), frame)


def score_stock(rows: str) -> dict[str, float]:
    """Score generated rows with Elephas's own transformer."""
    from elephas.ml_model import ElephasTransformer
    from elephas.utils.model_utils import ModelType

    network = inputs.network()
    model = ElephasTransformer(
        labelCol="label",
        outputCol="outputs",
        featuresCol="features",
        keras_model_config=network.to_json(),
        weights=network.get_weights(),
        model_type=ModelType.CLASSIFICATION,
        inference_batch_size=8192,
    )
    frame = inputs.start_session(CORES, engine=False).read.parquet(rows)
    return _rate(model.transform(frame), frame)


def _rate(result: Any, source: Any = None) -> dict[str, float]:
    seconds = elapsed(lambda: result.write.format("noop").mode("overwrite").save())
    return {"rows_per_second": (source or result).count() / seconds}


if __name__ == "__main__":
    figures = globals()[sys.argv[1]](**json.loads(sys.argv[2]))
    print("figures", json.dumps(figures))
