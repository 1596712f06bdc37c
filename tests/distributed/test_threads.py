"""Fits side by side: the bits of fits one after the other, and nobody else sees a change."""

import random
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import keras
import numpy as np
import pytest
from pyspark.ml.evaluation import BinaryClassificationEvaluator
from pyspark.ml.tuning import CrossValidator, CrossValidatorModel, ParamGridBuilder
from pyspark.sql import DataFrame

from bank_spark_dl.distributed import ElephasClassifier

FITS = 6
SMALL = {"num_workers": 1, "epochs": 2}


def sha256(settings: dict[str, Any], frame: DataFrame, seed: int) -> str:
    return str(
        ElephasClassifier(**settings | SMALL | {"seed": seed}).fit(frame).history.weights_sha256
    )


@pytest.fixture(scope="module")
def expected(frame: DataFrame, settings: dict[str, Any]) -> list[str]:
    """Two fits, one after the other."""
    return [sha256(settings, frame, seed) for seed in (7, 8)]


@contextmanager
def disturbance() -> Iterator[None]:
    """Another thread that draws, seeds and builds networks for itself."""
    over = threading.Event()

    def disturb() -> None:
        while not over.wait(0.02):
            random.random()
            np.random.seed(1)
            keras.utils.set_random_seed(3)
            keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])

    thread = threading.Thread(target=disturb)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


@contextmanager
def watched_environment(frame: DataFrame) -> Iterator[list[dict[str, Any]]]:
    """Every other state of the session's environment that another thread sees."""
    environment = frame.sparkSession.sparkContext.environment
    before, seen, over = dict(environment), [], threading.Event()

    def watch() -> None:
        while not over.wait(0.001):
            now = dict(environment)
            if now != before:
                seen.append(now)

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield seen
    finally:
        over.set()
        thread.join()
        assert environment == before


@pytest.mark.parametrize("threads", [1, 4])
def test_fits_in_threads_give_the_bits_of_fits_one_after_the_other(
    frame: DataFrame, settings: dict[str, Any], expected: list[str], threads: int
) -> None:
    with watched_environment(frame) as seen, disturbance(), ThreadPoolExecutor(threads) as pool:
        seeds = [7 + number % 2 for number in range(FITS)]
        found = list(pool.map(lambda seed: sha256(settings, frame, seed), seeds))
    assert found == expected * (FITS // 2)
    assert seen == []


def test_a_fit_leaves_other_peoples_random_numbers_alone(
    frame: DataFrame, settings: dict[str, Any]
) -> None:
    random.seed(5)
    np.random.seed(5)
    drawn = random.random(), np.random.rand()
    random.seed(5)
    np.random.seed(5)
    sha256(settings, frame, 7)
    assert (random.random(), np.random.rand()) == drawn


def test_cross_validation_in_threads_gives_the_same_figures(
    frame: DataFrame, settings: dict[str, Any]
) -> None:
    classifier = ElephasClassifier(**settings | SMALL)
    validator = CrossValidator(
        estimator=classifier,
        estimatorParamMaps=ParamGridBuilder().addGrid(classifier.batch_size, [16, 32]).build(),
        evaluator=BinaryClassificationEvaluator(labelCol="label"),
        numFolds=2,
        seed=1,
        collectSubModels=True,
    )
    with watched_environment(frame) as seen:
        one, four = (
            validator.copy({validator.parallelism: threads}).fit(frame) for threads in (1, 4)
        )
    assert hashes(four) == hashes(one)
    # Spark's evaluator adds up the parts of a curve as they come.
    assert four.avgMetrics == pytest.approx(one.avgMetrics, rel=1e-12)
    assert seen == []


def hashes(validated: CrossValidatorModel) -> list[list[str]]:
    """Hash of each fold's and each setting's weights."""
    return [[model.history.weights_sha256 for model in fold] for fold in validated.subModels]


def test_fits_in_threads_show_their_progress(
    frame: DataFrame, settings: dict[str, Any], expected: list[str]
) -> None:
    def fit(_: int) -> str:
        classifier = ElephasClassifier(progress="rich", **settings | SMALL)
        return str(classifier.fit(frame).history.weights_sha256)

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(fit, range(2))) == [expected[0]] * 2


def test_fits_in_threads_share_a_folder_for_checkpoints(
    frame: DataFrame, settings: dict[str, Any], expected: list[str], tmp_path: Any
) -> None:
    kept = settings | {"checkpoint_dir": str(tmp_path)}
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda seed: sha256(kept, frame, seed), [7, 8, 7, 8]))
    assert found == expected * 2
    assert [path.suffix for path in tmp_path.iterdir()] == [".npz"]
