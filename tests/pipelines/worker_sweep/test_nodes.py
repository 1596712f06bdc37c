import pytest
from pyspark.ml.linalg import Vectors
from pyspark.sql import DataFrame, SparkSession
from tests.conftest import kept_frames

from bank_spark_dl.ml.evaluation.intervals import Interval
from bank_spark_dl.ml.models.network import build_network
from bank_spark_dl.ml.target import Target
from bank_spark_dl.parameters import (
    LayerOptions,
    ModelOptions,
    Parameters,
    WorkerSweepOptions,
)
from bank_spark_dl.pipelines.worker_sweep.nodes import sweep_workers
from bank_spark_dl.pipelines.worker_sweep.plot import draw_sweep
from bank_spark_dl.pipelines.worker_sweep.summary import SweepRun, summarize_runs


def run(num_workers: int, seed: int, accuracy: float) -> SweepRun:
    return SweepRun(
        num_workers=num_workers,
        seed=seed,
        accuracy=accuracy,
        auc=accuracy + 0.1,
        seconds=float(seed),
        rows_per_second=100.0 * seed,
        weights_sha256="ab",
    )


RUNS = [run(1, 1, 0.7), run(2, 1, 0.75), run(1, 2, 0.8), run(2, 2, 0.83), run(1, 3, 0.6)]
RUNS += [run(2, 3, 0.61)]


def test_differences_are_paired_by_seed() -> None:
    alone, two = summarize_runs(RUNS).workers
    assert (alone.num_workers, two.num_workers) == (1, 2)
    assert alone.accuracy.mean == pytest.approx(0.7)
    assert alone.accuracy_difference == Interval(0.0, 0.0, 0.0)
    paired, unpaired = two.accuracy_difference, two.accuracy
    assert paired.mean == pytest.approx(0.03)
    assert paired.high - paired.low < unpaired.high - unpaired.low
    assert (two.seconds, two.rows_per_second) == (2.0, 200.0)


def test_the_plot_shows_means_with_intervals_and_speeds() -> None:
    figure = draw_sweep(summarize_runs(RUNS))
    accuracy, auc, speed, seconds = figure.data
    assert list(accuracy.x) == ["1", "2"]
    assert accuracy.error_y.array[0] > 0
    assert auc.error_y.array[0] > 0
    assert list(speed.y) == [200.0, 200.0]
    assert list(seconds.y) == [2.0, 2.0]


def test_numbers_have_figures_of_their_own() -> None:
    parts = {"seconds": 1.0, "rows_per_second": 1.0, "weights_sha256": "ab", "r2": 0.5}
    runs = [
        SweepRun(num_workers=workers, seed=seed, rmse=workers + seed / 10, **parts)
        for seed in (1, 2)
        for workers in (1, 2)
    ]
    sweep = summarize_runs(runs)
    two = sweep.workers[1]
    assert (two.rmse.mean, two.rmse_difference.mean) == pytest.approx((2.15, 1.0))
    assert (two.accuracy, two.auc_difference) == (None, None)
    titles = [note.text for note in draw_sweep(sweep).layout.annotations]
    assert titles[:2] == ["RMSE, test rows", "R2, test rows"]


@pytest.fixture(scope="module")
def rows(spark: SparkSession) -> DataFrame:
    """400 vectors whose second value is the row's number modulo 7."""
    vectors = [(n, Vectors.dense([n % 2, n % 7])) for n in range(400)]
    return spark.createDataFrame(vectors, ["row_id", "features"])


TASKS = {
    "binary": (Target("y", "binary", ("0", "1")), "sigmoid", "binary_crossentropy", "platt"),
    "multiclass": (
        Target("y", "multiclass", ("a", "b", "c")),
        "softmax",
        "categorical_crossentropy",
        "temperature",
    ),
    "regression": (Target("y", "regression"), "linear", "mean_squared_error", "none"),
}
LABELS = {"binary": 2, "multiclass": 3, "regression": 7}


@pytest.mark.parametrize("task", TASKS)
def test_each_number_of_workers_is_trained_with_each_seed(
    spark: SparkSession, rows: DataFrame, parameters: Parameters, task: str
) -> None:
    before = kept_frames(spark)
    target, activation, loss, calibration = TASKS[task]
    features = rows.selectExpr("*", f"double(row_id % {LABELS[task]}) AS label_index")
    model = ModelOptions(
        layers=[LayerOptions(units=4, activation="relu")], output_activation=activation
    )
    network = build_network(2, model, outputs=target.outputs)
    changes = {"epochs": 2, "batch_size": 16, "metrics": []}
    elephas = parameters.elephas.model_copy(
        update=changes | {"loss": loss, "calibration": calibration}
    )
    sweep = WorkerSweepOptions(num_workers=[1, 2], seeds=2)
    answer = sweep_workers(features, features, network, target, elephas, None, None, sweep, seed=5)
    trained = [(run.num_workers, run.seed) for run in answer.runs]
    assert trained == [(1, 5), (2, 5), (1, 6), (2, 6)]
    assert len({run.weights_sha256 for run in answer.runs}) == 4
    measured = ["rmse", "r2"] if task == "regression" else ["accuracy", "auc"]
    for run in answer.runs:
        assert [name for name, _ in run.measured()] == measured
        assert task == "regression" or 0 <= run.accuracy <= 1
        assert run.rows_per_second > 0
    assert [entry.num_workers for entry in answer.workers] == [1, 2]
    assert kept_frames(spark) == before
