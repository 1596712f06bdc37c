"""Every value of parameters.yml, changed once: something that comes out of the project changes."""

import copy
import json
import math
from collections.abc import Callable, Iterator
from dataclasses import is_dataclass
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import keras
import numpy as np
import pytest
from kedro.config import OmegaConfigLoader
from pyspark.ml import PipelineModel
from pyspark.sql import DataFrame

from bank_spark_dl.csv_validation import CSVStream
from bank_spark_dl.csv_validation.options import CSVOptions
from bank_spark_dl.datasets import StreamSinkDataset
from bank_spark_dl.distributed import ElephasClassificationModel, TrainingHistory
from bank_spark_dl.errors import InputDataError, ParameterError
from bank_spark_dl.ml.features.fit import fit_feature_model
from bank_spark_dl.ml.models.baselines import (
    baseline_estimators,
    gradient_boosting,
    prediction_columns,
)
from bank_spark_dl.ml.models.network import build_network
from bank_spark_dl.ml.models.record import TrainingRecord
from bank_spark_dl.ml.models.training import elephas_classifier
from bank_spark_dl.ml.raw_source import RawSource
from bank_spark_dl.parameters import ElephasOptions, Parameters, check_parameters
from bank_spark_dl.pipelines.cross_validation.folds import add_fold
from bank_spark_dl.pipelines.data_processing.nodes import (
    check_rows,
    clean_rows,
    preview_rows,
    split_rows,
)
from bank_spark_dl.pipelines.feature_engineering.nodes import make_features, profile_train_rows
from bank_spark_dl.pipelines.modeling.nodes import (
    assemble_scoring_model,
    choose_threshold,
    train_baselines,
    train_network,
)
from bank_spark_dl.pipelines.reporting.nodes import (
    compare_segments,
    decide_calls,
    draw_roc_curves,
    explain_columns,
)
from bank_spark_dl.pipelines.scoring.nodes import accept_rows, measure_drift
from bank_spark_dl.pipelines.scoring_stream.nodes import plan_stream
from bank_spark_dl.pipelines.synthetic_data.nodes import generate_rows
from bank_spark_dl.pipelines.worker_sweep.nodes import sweep_workers

HALF = TrainingRecord(
    1, 1, 1, 1, 1, 1, inputs=1, parameters=1, threshold=0.5, baseline_threshold=0.5
)
CONF = Path(__file__).parents[2] / "conf"


class Observer:
    """Runs the part of the project that a parameter acts on, over a small table."""

    def __init__(self, raw_rows: DataFrame, capsys: Any, caplog: Any, folder: Path) -> None:
        self.folder = folder
        self.raw_rows = raw_rows
        self.capsys = capsys
        self.caplog = caplog
        self.tmp_features: DataFrame | None = None

    def clean(self, p: Parameters) -> DataFrame:
        source = RawSource("sample", "", synthetic=True)
        return clean_rows(check_rows(self.raw_rows, source, p.data), p.data)

    def ids(self, p: Parameters) -> Any:
        return sorted(row[0] for row in self.clean(p).select("row_id").collect())

    def columns(self, p: Parameters) -> Any:
        return self.clean(p).columns

    def leak_guard(self, p: Parameters) -> Any:
        try:
            check_rows(self.raw_rows, RawSource("sample", "", synthetic=True), p.data)
        except ParameterError as error:
            return str(error)
        return "accepted"

    def split(self, p: Parameters) -> Any:
        _, test = split_rows(self.clean(p), p.data, p.seed)
        return sorted(row[0] for row in test.select("row_id").collect())

    def preview(self, p: Parameters) -> Any:
        self.capsys.readouterr()
        preview_rows(self.raw_rows, p.data)
        return self.capsys.readouterr().out

    def scaled(self, p: Parameters) -> Any:
        columns = fit_feature_model(self.clean(p), p.data, p.features).scaled_columns.columns
        return {name: (entry.standardized, entry.value) for name, entry in columns.items()}

    def standardized(self, p: Parameters) -> Any:
        return {name: entry[0] for name, entry in self.scaled(p).items()}

    def _features(self, p: Parameters) -> DataFrame:
        rows = self.clean(p)
        model = fit_feature_model(rows, p.data, p.features).model
        return make_features(rows, rows, model, p.features)[0].orderBy("row_id")

    def vector(self, p: Parameters) -> Any:
        return list(self._features(p).first()["features"].toArray())

    def labels(self, p: Parameters) -> Any:
        return [row["label_index"] for row in self._features(p).collect()]

    def network(self, p: Parameters) -> Any:
        description = build_network(5, p.model)
        keras.utils.set_random_seed(1)
        model = keras.models.model_from_json(json.dumps(description))
        ones = np.ones((4, 5), "float32")
        outputs = model(ones, training=True).numpy().tolist()
        return outputs, float(sum(model.losses)), model.count_params()

    def weights(self, p: Parameters) -> Any:
        return self._history(p).weights_sha256

    def calibration(self, p: Parameters) -> Any:
        network = elephas_classifier(build_network(30, p.model), p.elephas, None, p.seed)
        return network.fit(self._training_rows(p)).calibration

    def figures(self, p: Parameters) -> Any:
        return sorted(self._history(p).to_dict()["rounds"][-1])

    def rounds(self, p: Parameters) -> Any:
        return len(self._history(p).rounds)

    def best_round(self, p: Parameters) -> Any:
        return self._history(p).best_round

    def shards(self, p: Parameters) -> Any:
        self.caplog.clear()
        with self.caplog.at_level("INFO", "bank_spark_dl.distributed.data.shuffle"):
            self._history(p)
        return self.caplog.messages

    def _history(self, p: Parameters) -> TrainingRecord:
        network = build_network(30, p.model)
        rows, root = self._training_rows(p), str(self.folder)
        options = in_folder(p.elephas, root)
        prior, decision = p.data.prior, p.reporting.decision
        model = train_network(rows, network, options, prior, p.seed, root)
        _, history = choose_threshold(model, options.threshold, decision, prior)
        return history

    def _training_rows(self, p: Parameters) -> DataFrame:
        if self.tmp_features is None:
            self.tmp_features = self._features(p).cache()
        return self.tmp_features

    def baseline_probabilities(self, p: Parameters) -> Any:
        features = self._training_rows(p)
        predictions = train_baselines(features, features, HALF, p.baselines, None, p.seed)
        return [tuple(row) for row in predictions.orderBy("model", "row_id").collect()]

    def boosted(self, p: Parameters) -> Any:
        features = self._training_rows(p)
        boosting = gradient_boosting(p.baselines.gradient_boosting, p.seed)
        return [
            tuple(row)
            for row in prediction_columns(boosting.fit(features).transform(features))
            .orderBy("row_id")
            .collect()
        ]

    def folds(self, p: Parameters) -> Any:
        options = p.cross_validation
        dealt = add_fold(self.clean(p), p.data.columns.label, options.folds, options.seed)
        return [row["__fold__"] for row in dealt.orderBy("row_id").collect()]

    def roc(self, p: Parameters) -> Any:
        features = self._training_rows(p)
        predictions = train_baselines(features, features, HALF, p.baselines, None, p.seed).cache()
        first = predictions.where("model = 'logistic_regression'").drop("model")
        return len(draw_roc_curves(first, predictions, p.reporting.curve_points).data[0].x)

    def decision(self, p: Parameters) -> Any:
        features = self._training_rows(p)
        logistic = baseline_estimators(p.baselines, p.seed)["logistic_regression"]
        predictions = prediction_columns(logistic.fit(features).transform(features))
        decision, _ = decide_calls(predictions, p.reporting.decision, p.data.prior, p.seed)
        return decision.profit_per_1000

    def threshold(self, p: Parameters) -> Any:
        return self._history(p).threshold

    def segments(self, p: Parameters) -> Any:
        rows = self.clean(p)
        predictions = rows.selectExpr(
            "row_id", "0D label_index", "0.5D probability", "0D prediction"
        )
        return [(part.column, part.value) for part in compare_segments(predictions, rows, p.data)]

    def importance(self, p: Parameters) -> Any:
        rows = self.clean(p)
        labels = self._features(p).select("row_id", "label_index")
        scoring_model = self._scoring_model(p, rows)
        limits = p.reporting.importance_rows, p.reporting.importance_repeats
        found = explain_columns(rows, labels, scoring_model, p.data, p.features, *limits, p.seed)
        return found.columns

    def _scoring_model(self, p: Parameters, rows: DataFrame) -> PipelineModel:
        """A logistic regression in the place of the network."""
        stages = fit_feature_model(rows, p.data, p.features).model
        logistic = baseline_estimators(p.baselines, p.seed)["logistic_regression"]
        network = PipelineModel([logistic.fit(stages.transform(rows))])
        return assemble_scoring_model(stages, network)

    def _untrained_model(self, p: Parameters, rows: DataFrame) -> PipelineModel:
        stages = fit_feature_model(rows, p.data, p.features).model
        width = stages.transform(rows).first()["features"].size
        network = keras.Sequential([keras.Input((width,)), keras.layers.Dense(2, "sigmoid")])
        history = TrainingHistory(1, 1, 0, 1, 0, 0)
        untrained = ElephasClassificationModel(
            network.to_json(), network.get_weights(), history, width
        )
        return assemble_scoring_model(stages, PipelineModel([untrained]))

    def synthetic(self, p: Parameters) -> Any:
        rows, _ = generate_rows(p.synthetic)
        return [tuple(row) for row in rows.limit(20).collect()], rows.count()

    def checkpoints(self, p: Parameters) -> Any:
        self._history(p)
        return sorted(path.parent.name for path in self.folder.glob("**/round-*.npz"))

    def rounds_run(self, p: Parameters) -> Any:
        """How often workers trained, the second time."""
        self._history(p)
        first = self._history(p).rounds[0].seconds
        return first == self._history(p).rounds[0].seconds

    def sweep(self, p: Parameters) -> Any:
        rows, network = self._training_rows(p), build_network(30, p.model)
        answer = sweep_workers(rows, rows, network, p.elephas, None, None, p.worker_sweep, p.seed)
        return [(run.num_workers, run.seed) for run in answer.runs]

    def raw_path(self, p: Parameters) -> Any:
        return path_of("bank_raw", raw_filepath=p.raw_filepath)

    def result_path(self, p: Parameters) -> Any:
        return path_of("metrics", data_root=p.data_root)

    def drifted(self, p: Parameters) -> Any:
        """What is said of rows like the train rows, but for a share of strange ones."""
        rows = self.clean(p)
        profile = profile_train_rows(rows, p.data)
        older, astronauts = "IF(age > 70, 99, age) age", "IF(age < 24, 'astronaut', job) job"
        strange = rows.drop("age", "job", "balance").join(
            rows.selectExpr("row_id", older, astronauts, "balance + 100 balance"), "row_id"
        )
        _, drift = measure_drift(strange, profile, p.scoring.drift)
        try:
            accept_rows(strange, drift, p.scoring.drift, "strange.csv")
        except InputDataError as error:
            return str(error)
        return drift.drifted

    def stream(self, p: Parameters) -> Any:
        """How many batches are scored, whether it ends, and what lies beside the scores."""
        folder = Path(mkdtemp(dir=self.folder))
        raw = self.raw_rows.drop("deposit")
        raw.repartition(3).write.csv(str(folder / "arriving"), header=True)
        form = CSVOptions.parse({})
        arriving = CSVStream(raw.sparkSession, str(folder / "arriving"), raw.schema, (), form)
        rows = self.clean(p)
        profile = profile_train_rows(rows, p.data)
        options, checkpoint = p.scoring_stream, p.scoring_stream.checkpoint
        if checkpoint is not None:
            options = options.model_copy(update={"checkpoint": str(folder / checkpoint)})
        plan = plan_stream(
            arriving, self._untrained_model(p, rows), profile, p.data.columns.id, options
        )
        sink = StreamSinkDataset(filepath=str(folder / "scores"))
        sink.save(plan)
        query = sink.load()
        query.processAllAvailable()
        ended = query.awaitTermination(5)
        query.stop()
        batches = len([progress for progress in query.recentProgress if progress.numInputRows])
        return batches, ended, sorted(path.name for path in folder.iterdir())

    def scoring_input(self, p: Parameters) -> Any:
        return path_of("scoring_rows", scoring={"input": p.scoring.input})

    def scoring_output(self, p: Parameters) -> Any:
        return path_of("scores", scoring={"output": p.scoring.output})

    def stream_input(self, p: Parameters) -> Any:
        return path_of("stream_rows", scoring_stream={"input": p.scoring_stream.input})

    def stream_output(self, p: Parameters) -> Any:
        return path_of("stream_scores", scoring_stream={"output": p.scoring_stream.output})

    def synthetic_path(self, p: Parameters) -> Any:
        return path_of("synthetic_rows", synthetic={"path": p.synthetic.path})


def in_folder(options: ElephasOptions, folder: str) -> ElephasOptions:
    """Keep a named folder for checkpoints inside the test's own."""
    if options.checkpoint_dir is None:
        return options
    return options.model_copy(update={"checkpoint_dir": f"{folder}/{options.checkpoint_dir}"})


def path_of(dataset: str, **runtime_params: Any) -> str:
    """Where the catalog reads or writes a dataset."""
    loader = OmegaConfigLoader(
        conf_source=str(CONF),
        base_env="base",
        default_run_env="local",
        runtime_params=runtime_params,
    )
    return loader["catalog"][dataset]["filepath"]


# A rate that makes the second round worse than the first.
STOPPING = {"elephas.optimizer.learning_rate": 0.5, "elephas.epochs": 4}

WITHOUT_DURATION = {
    "data.columns.drop": ["day", "month", "duration"],
    "data.columns.numeric": ["age"],
}

# parameter: (what is observed, another value, other values needed to see it)
EFFECTS: dict[str, tuple[Callable[[Observer, Parameters], Any], Any, dict[str, Any]]] = {
    "raw_filepath": (Observer.raw_path, "other.csv", {}),
    "data_root": (Observer.result_path, "other", {}),
    "seed": (Observer.split, 99, {}),
    "data.columns.id": (Observer.ids, None, {}),
    "data.columns.label": (Observer.labels, "housing", {"data.columns.categorical": ["job"]}),
    "data.columns.positive": (Observer.labels, "no", {}),
    "data.columns.drop": (Observer.columns, ["day"], {}),
    "data.columns.categorical": (Observer.vector, ["job"], {}),
    "data.columns.numeric": (Observer.vector, ["age", "balance"], {}),
    "data.purpose": (
        Observer.leak_guard,
        "call_list",
        WITHOUT_DURATION | {"data.availability": {}},
    ),
    "data.availability": (
        Observer.leak_guard,
        {"age": "before_call"},
        WITHOUT_DURATION | {"data.purpose": "call_list"},
    ),
    "data.prior": (Observer.decision, 0.1, {}),
    "data.segments.column": (Observer.segments, "balance", {}),
    "data.segments.edges": (Observer.segments, [40], {}),
    "data.test_fraction": (Observer.split, 0.4, {}),
    "data.preview_rows": (Observer.preview, 2, {}),
    "features.derived": (Observer.vector, {"older": "age + 1"}, {"data.columns.numeric": "auto"}),
    "features.counts": (Observer.vector, {"alike": ["job"]}, {"data.columns.numeric": "auto"}),
    "features.piecewise_linear": (Observer.vector, {"bins": 3}, {}),
    "features.skew.statistic": (Observer.scaled, "skewness", {}),
    "features.skew.lower": (Observer.standardized, 1.99, {"features.skew.upper": 1e9}),
    "features.skew.upper": (Observer.standardized, 1e9, {}),
    "features.unseen_categories": (Observer.vector, "keep", {}),
    "features.standardize.with_mean": (Observer.vector, True, {}),
    "features.standardize.with_std": (Observer.vector, False, {}),
    "model.members": (Observer.network, 3, {}),
    "model.layers.units": (Observer.network, 9, {}),
    "model.layers.activation": (Observer.network, "tanh", {}),
    "model.layers.dropout": (Observer.network, 0.9, {}),
    "model.layers.activity_l2": (Observer.network, 0.5, {}),
    "model.layers.kernel_l2": (Observer.network, 0.5, {}),
    "model.layers.batch_normalization": (Observer.network, True, {}),
    "model.output_activation": (Observer.network, "softmax", {}),
    "elephas.num_workers": (Observer.weights, 2, {}),
    "elephas.epochs": (Observer.weights, 1, {}),
    "elephas.batch_size": (Observer.weights, 32, {}),
    "elephas.batch_shared": (Observer.weights, True, {"elephas.num_workers": 2}),
    "elephas.validation_split": (Observer.weights, 0.3, {}),
    "elephas.loss": (Observer.weights, "mean_squared_error", {}),
    "elephas.metrics": (Observer.figures, ["mse"], {}),
    "elephas.optimizer.name": (Observer.weights, "sgd", {}),
    "elephas.optimizer.learning_rate": (Observer.weights, 0.001, {}),
    "elephas.merge": (Observer.weights, "keep", {}),
    "elephas.steps_per_round": (Observer.weights, 2, {"elephas.num_workers": 2}),
    "elephas.max_shard_mb": (Observer.shards, 0.001, {}),
    "elephas.learning_rate_schedule": (Observer.weights, {"name": "CosineDecay"}, {}),
    "elephas.class_weights.negative": (Observer.weights, 2.0, {}),
    "elephas.class_weights.positive": (Observer.weights, 2.0, {}),
    "elephas.early_stopping.monitor": (Observer.best_round, "loss", STOPPING),
    "elephas.early_stopping.patience": (Observer.rounds, 0, STOPPING),
    "elephas.early_stopping.min_delta": (Observer.best_round, 100.0, {"elephas.epochs": 4}),
    "elephas.calibration": (Observer.calibration, "none", {}),
    "elephas.threshold": (Observer.threshold, "optimal", {}),
    "elephas.checkpoint_dir": (Observer.checkpoints, "elsewhere", {}),
    "elephas.resume": (Observer.rounds_run, True, {}),
    "baselines.decision_tree.max_depth": (Observer.baseline_probabilities, 1, {}),
    "baselines.decision_tree.max_bins": (Observer.baseline_probabilities, 3, {}),
    "baselines.decision_tree.min_instances_per_node": (Observer.baseline_probabilities, 100, {}),
    "baselines.logistic_regression.max_iter": (Observer.baseline_probabilities, 1, {}),
    "baselines.logistic_regression.reg_param": (Observer.baseline_probabilities, 0.5, {}),
    "baselines.logistic_regression.elastic_net_param": (
        Observer.baseline_probabilities,
        1.0,
        {"baselines.logistic_regression.reg_param": 0.1},
    ),
    "baselines.gradient_boosting.max_iter": (Observer.boosted, 2, {}),
    "baselines.gradient_boosting.max_depth": (Observer.boosted, 1, {}),
    "baselines.gradient_boosting.step_size": (Observer.boosted, 0.5, {}),
    "cross_validation.folds": (Observer.folds, 3, {}),
    "cross_validation.seed": (Observer.folds, 1, {}),
    "reporting.curve_points": (Observer.roc, 10, {}),
    "reporting.importance_rows": (Observer.importance, 300, {}),
    "reporting.importance_repeats": (Observer.importance, 1, {}),
    "reporting.decision.budget": (Observer.decision, 1.0, {}),
    "reporting.decision.call_cost": (Observer.decision, 20.0, {}),
    "reporting.decision.deposit_value": (Observer.decision, 20.0, {}),
    "reporting.decision.bootstrap": (Observer.decision, 100, {}),
    "scoring.input": (Observer.scoring_input, "other.csv", {}),
    "scoring.output": (Observer.scoring_output, "other.parquet", {}),
    "scoring.drift.psi": (Observer.drifted, 0.01, {}),
    "scoring.drift.unseen": (Observer.drifted, 0.9, {}),
    "scoring.drift.out_of_range": (Observer.drifted, 0.9, {}),
    "scoring.drift.action": (Observer.drifted, "stop", {}),
    "scoring_stream.input": (Observer.stream_input, "other", {}),
    "scoring_stream.output": (Observer.stream_output, "other.parquet", {}),
    "scoring_stream.checkpoint": (Observer.stream, "elsewhere", {}),
    "scoring_stream.every": (Observer.stream, 1, {}),
    "scoring_stream.files_per_batch": (Observer.stream, 1, {}),
    "worker_sweep.num_workers": (Observer.sweep, [1, 2], {}),
    "worker_sweep.seeds": (Observer.sweep, 3, {}),
    "synthetic.rows": (Observer.synthetic, 500, {}),
    "synthetic.seed": (Observer.synthetic, 2, {}),
    "synthetic.path": (Observer.synthetic_path, "other.csv", {}),
}
# It has one value: all others are refused, see test_params.py.
WITHOUT_CHOICE = {"elephas.mode"}


FREE_NAMES = {"data.availability"}


def leaves(section: Any, path: str = "") -> Iterator[str]:
    """Names of all parameters; the layers of the network count as one, and so do free names."""
    if isinstance(section, list) and section and isinstance(section[0], dict):
        section = section[0]
    if isinstance(section, dict) and section and path not in FREE_NAMES:
        for key, part in section.items():
            yield from leaves(part, f"{path}.{key}" if path else key)
    else:
        yield path


def with_values(raw: dict[str, Any], values: dict[str, Any]) -> Parameters:
    changed = copy.deepcopy(raw)
    for path, value in values.items():
        *sections, key = path.split(".")
        section: Any = changed
        for name in sections:
            section = section[name]
            section = section[0] if isinstance(section, list) else section
        section[key] = value
    return check_parameters(changed)


@pytest.fixture(scope="module")
def small_parameters(raw_parameters: dict[str, Any]) -> dict[str, Any]:
    """The base parameters with a network and a training that take no time."""
    raw = copy.deepcopy(raw_parameters)
    raw["model"]["layers"] = [raw["model"]["layers"][0] | {"units": 8, "dropout": 0.0}]
    raw["baselines"]["gradient_boosting"]["max_iter"] = 3
    raw["elephas"] |= {"epochs": 2, "batch_size": 64}
    raw["worker_sweep"] = {"num_workers": [1], "seeds": 2}
    return raw


@pytest.fixture(scope="module")
def trained_features(
    raw_rows: DataFrame, small_parameters: dict[str, Any], tmp_path_factory: pytest.TempPathFactory
) -> DataFrame:
    return Observer(raw_rows, None, None, tmp_path_factory.mktemp("results"))._training_rows(
        check_parameters(small_parameters)
    )


@pytest.fixture
def observer(
    raw_rows: DataFrame, trained_features: DataFrame, capsys: Any, caplog: Any, tmp_path: Path
) -> Observer:
    observer = Observer(raw_rows, capsys, caplog, tmp_path)
    observer.tmp_features = trained_features
    return observer


def test_no_parameter_is_left_out(raw_parameters: dict[str, Any]) -> None:
    assert set(leaves(raw_parameters)) == set(EFFECTS) | WITHOUT_CHOICE


@pytest.fixture(scope="module")
def seen() -> dict[str, Any]:
    """What was observed with unchanged parameters, by observation."""
    return {}


def alike(one: Any, other: Any) -> bool:
    """Tell whether two observations differ in the last digits of sums at most.

    Spark adds up in the order in which tasks end: these digits differ without any cause.
    """
    if is_dataclass(one) and is_dataclass(other):
        return alike(vars(one), vars(other))
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(alike(one[key], other[key]) for key in one)
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(map(alike, one, other))
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-12)
    return bool(one == other)


def _key(observe: Callable[[Observer, Parameters], Any], others: dict[str, Any]) -> str:
    return f"{observe.__name__} {others}"


@pytest.mark.parametrize("name", EFFECTS)
def test_it_changes_something(
    name: str, observer: Observer, small_parameters: dict[str, Any], seen: dict[str, Any]
) -> None:
    observe, value, others = EFFECTS[name]
    key = _key(observe, others)
    if key not in seen:
        seen[key] = observe(observer, with_values(small_parameters, others))
    after = observe(observer, with_values(small_parameters, others | {name: value}))
    assert not alike(seen[key], after)


# One parameter for each observation.
OBSERVATIONS = {_key(observe, others): name for name, (observe, _, others) in EFFECTS.items()}


@pytest.mark.parametrize("name", OBSERVATIONS.values())
def test_the_same_parameters_change_nothing(
    name: str, observer: Observer, small_parameters: dict[str, Any], seen: dict[str, Any]
) -> None:
    observe, _, others = EFFECTS[name]
    parameters = with_values(small_parameters, others)
    key = _key(observe, others)
    if key not in seen:
        seen[key] = observe(observer, parameters)
    assert alike(seen[key], observe(observer, parameters))


def test_the_last_digits_of_sums_are_no_effect() -> None:
    assert alike({"a": [0.1 + 0.2, (1, "x")]}, {"a": [0.3, (1, "x")]})
    assert not alike([0.3], [0.3001])
    assert not alike([0.3], [0.3, 0.3])
    assert not alike({"a": 1}, {"b": 1})
