"""What is promised for two classes holds for many classes and for numbers, with weights too."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from pyspark.ml import Pipeline, PipelineModel
from pyspark.ml.classification import OneVsRest
from pyspark.ml.evaluation import MulticlassClassificationEvaluator, RegressionEvaluator
from pyspark.ml.feature import VectorAssembler
from pyspark.ml.functions import vector_to_array
from pyspark.ml.tuning import CrossValidator, ParamGridBuilder, TrainValidationSplit
from pyspark.sql import DataFrame
from pyspark.sql import functions as sf

from bank_spark_dl.distributed import ElephasClassifier
from bank_spark_dl.distributed.data.shard_set import ShardSet
from bank_spark_dl.distributed.training.network import build_network
from bank_spark_dl.distributed.training.train_step import CompiledNetwork
from bank_spark_dl.errors import ParameterError
from tests.distributed.conftest import N_FEATURES
from tests.distributed.kinds import KINDS, MANY, NUMBER, TWO, Kind
from tests.distributed.training.test_training import folder_of

every_kind = pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
weighing = pytest.mark.parametrize("weight", [None, "weight"], ids=["plain", "weighted"])
KERAS_LOSSES = {
    TWO: keras.losses.BinaryCrossentropy,
    MANY: keras.losses.CategoricalCrossentropy,
    NUMBER: keras.losses.MeanSquaredError,
}


def block_of(rows: int, kind: Kind, *, weighted: bool) -> np.ndarray:
    """Rows as shards hold them."""
    draw = np.random.default_rng(3)
    features = draw.normal(size=(rows, N_FEATURES))
    label = (
        draw.normal(size=rows) if kind.classes is None else draw.integers(kind.classes, size=rows)
    )
    weight = [draw.uniform(0, 3, rows)] if weighted else []
    return np.column_stack([features, *weight, label]).astype(np.float32)


@every_kind
@weighing
def test_rounds_are_epochs_of_keras(kind: Kind, weight: str | None) -> None:
    """Weights count as Keras's reduction `mean_with_sample_weight` has them count."""
    weighted = weight is not None
    config = kind.config(weighted=weighted)
    rows = block_of(70, kind, weighted=weighted)
    reference = keras.models.model_from_json(config.keras_model_config)
    loss = KERAS_LOSSES[kind](reduction="mean_with_sample_weight")
    reference.compile(keras.optimizers.SGD(0.1), loss)
    compiled = CompiledNetwork(config)
    weights, state = reference.get_weights(), None
    for number in range(3):
        weights, state, _ = compiled.train(weights, state, iter([rows]), 16, [0, number], 0)
        reference.fit(
            rows[:, :N_FEATURES],
            kind.targets(rows[:, -1]),
            batch_size=16,
            shuffle=False,
            verbose=0,
            sample_weight=rows[:, -2] if weighted else None,
        )
    for ours, theirs in zip(weights, reference.get_weights(), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=2e-4, atol=2e-6)


@every_kind
def test_metrics_of_training_are_weighted_metrics_of_keras(kind: Kind) -> None:
    """All batches have the same weights, so that no batch counts more than another in Keras."""
    metrics = ("mae",) if kind.classes is None else ("acc", "AUC")
    rows = block_of(64, kind, weighted=True)
    rows[:, -2] = np.tile(rows[:16, -2], 4)
    reference = keras.models.model_from_json(kind.network())
    loss = KERAS_LOSSES[kind](reduction="mean_with_sample_weight")
    reference.compile(keras.optimizers.SGD(0.1), loss, weighted_metrics=list(metrics))
    compiled = CompiledNetwork(kind.config(weighted=True, metrics=metrics))
    figures = compiled.train(reference.get_weights(), None, iter([rows]), 16, [0], 0)[2]
    expected = reference.fit(
        rows[:, :N_FEATURES],
        kind.targets(rows[:, -1]),
        batch_size=16,
        shuffle=False,
        verbose=0,
        sample_weight=rows[:, -2],
    ).history
    for metric in metrics:
        assert figures[metric] == pytest.approx(expected[metric][0], rel=1e-5)


@every_kind
def test_a_row_twice_is_a_row_of_weight_two(kind: Kind) -> None:
    """In one full batch: the same loss, and the same step of plain SGD."""
    rows = block_of(40, kind, weighted=True)
    rows[:, -2] = np.where(np.arange(40) < 15, 2, 1)
    twice = np.concatenate([rows, rows[:15]])
    twice[:, -2] = 1
    compiled = CompiledNetwork(kind.config(weighted=True))
    start = build_network(kind.config()).get_weights()
    one, _, figures = compiled.train(start, None, iter([rows]), 64, [0], 0)
    other, _, same = compiled.train(start, None, iter([twice]), 64, [0], 0)
    assert figures["loss"] == pytest.approx(same["loss"], rel=1e-6)
    for ours, theirs in zip(one, other, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-7)
    ignored, _, _ = compiled.train(
        start,
        None,
        iter([np.where(np.arange(rows.shape[1]) == rows.shape[1] - 2, 1, rows).astype("f4")]),
        64,
        [0],
        0,
    )
    assert not np.allclose(one[0], ignored[0], rtol=1e-5, atol=1e-7)


def test_class_weights_do_not_enter_the_divisor() -> None:
    """The loss is the sum of weight times class weight times loss over the sum of weights."""
    rows = block_of(40, MANY, weighted=True)
    plain, weighed = (
        CompiledNetwork(MANY.config(weighted=True, class_weights=factors))
        for factors in (None, (3.0, 3.0, 3.0))
    )
    start = build_network(MANY.config()).get_weights()
    losses = [
        one.train(start, None, iter([rows]), 64, [0], 0)[2]["loss"] for one in (plain, weighed)
    ]
    assert losses[1] == pytest.approx(3 * losses[0], rel=1e-5)


@every_kind
@weighing
def test_two_workers_are_the_weighted_mean(
    kind: Kind, weight: str | None, labelled: DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two rounds of two workers equal means in NumPy of networks trained here."""
    found: dict[str, Any] = {}
    real = ShardSet.run

    def spy(self: ShardSet, task: Any) -> list[Any]:
        found.setdefault("start", task.args[0].parameters.value.weights)
        found["handles"] = self.handles
        for handle in self.handles:
            content = np.fromfile(folder_of(self) / f"{handle.worker}.float32", "<f4")
            found[handle.worker] = content.reshape(-1, handle.width)
        return real(self, task)

    monkeypatch.setattr(ShardSet, "run", spy)
    estimator = kind.estimator(**kind.settings(weightCol=weight))
    trained = estimator.fit(labelled)
    compiled = CompiledNetwork(kind.config(weighted=weight is not None))
    weights = found["start"]
    for epoch in range(2):
        results, shares = [], []
        for handle in found["handles"]:
            draw = np.random.Philox(np.random.SeedSequence([7, epoch, handle.worker]))
            order = np.random.Generator(draw).permutation(handle.training_rows)
            block = found[handle.worker][order]
            key = (7, epoch, handle.worker)
            results.append(compiled.train(weights, None, iter([block]), 16, key, first_step=0)[0])
            shares.append(block[:, -2].sum() if weight else len(block))
        weights = [
            np.average(np.array(parts, "f8"), axis=0, weights=shares).astype("f4")
            for parts in zip(*results, strict=True)
        ]
    for merged, mean in zip(trained.weights, weights, strict=True):
        np.testing.assert_allclose(merged, mean, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("kind", [MANY, NUMBER], ids=["many", "number"])
def test_same_bits_however_rows_arrive_and_after_a_resume(
    kind: Kind, labelled: DataFrame, tmp_path: Path
) -> None:
    settings = kind.settings(weightCol="weight", checkpoint_dir=str(tmp_path))
    whole = kind.estimator(**settings).fit(labelled)

    def die(last: Any, rounds: int) -> None:
        raise KeyboardInterrupt

    for path in tmp_path.iterdir():
        path.unlink()
    with pytest.raises(KeyboardInterrupt):
        kind.estimator(progress=die, **settings).fit(labelled)
    shuffled = labelled.orderBy(sf.rand(5)).repartition(5)
    again = kind.estimator(**settings, resume=True).fit(shuffled)
    assert again.history.weights_sha256 == whole.history.weights_sha256
    assert again.history.rounds[-1].val_loss == whole.history.rounds[-1].val_loss
    assert again.saved_values() == whole.saved_values()


@pytest.mark.parametrize("kind", [MANY, NUMBER], ids=["many", "number"])
def test_a_loaded_pipeline_predicts_the_same_without_tensorflow(
    kind: Kind, labelled: DataFrame, tmp_path: Path
) -> None:
    columns = [f"x{n}" for n in range(N_FEATURES)]
    values = vector_to_array("features")
    raw = labelled.select(
        "row_id", kind.label, *(values[n].alias(c) for n, c in enumerate(columns))
    )
    assembler = VectorAssembler(inputCols=columns, outputCol="features")
    model = Pipeline(stages=[assembler, kind.estimator(**kind.settings(epochs=1))]).fit(raw)
    model.write().save(str(tmp_path / "model"))
    raw.write.parquet(str(tmp_path / "rows"))
    program = f"""
import sys
from pyspark.ml import PipelineModel
from bank_spark_dl.spark.session import start_spark
spark = start_spark({{"spark.master": "local[1]", "spark.ui.enabled": "false"}})
model = PipelineModel.load({str(tmp_path / "model")!r})
rows = spark.read.parquet({str(tmp_path / "rows")!r})
model.transform(rows).select("row_id", "prediction").write.parquet({str(tmp_path / "scored")!r})
assert "tensorflow" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", program], check=True, capture_output=True)
    scored = raw.sparkSession.read.parquet(str(tmp_path / "scored")).orderBy("row_id").collect()
    here = model.transform(raw).select("row_id", "prediction").orderBy("row_id").collect()
    assert scored == here
    assert len({row["prediction"] for row in here}) > 1
    loaded = PipelineModel.load(str(tmp_path / "model")).stages[-1]
    assert loaded.saved_values() == model.stages[-1].saved_values()


@pytest.mark.parametrize("kind", [MANY, NUMBER], ids=["many", "number"])
def test_spark_evaluates_and_tunes(kind: Kind, labelled: DataFrame) -> None:
    estimator = kind.estimator(**kind.settings(num_workers=1))
    evaluator = (
        RegressionEvaluator(labelCol=kind.label, metricName="rmse")
        if kind.classes is None
        else MulticlassClassificationEvaluator(labelCol=kind.label, metricName="logLoss")
    )
    grid = ParamGridBuilder().addGrid(estimator.epochs, [1, 8]).build()
    known = {"estimator": estimator, "estimatorParamMaps": grid, "evaluator": evaluator}
    tuned = CrossValidator(**known, numFolds=2, seed=1, parallelism=2).fit(labelled)
    assert tuned.avgMetrics[1] < tuned.avgMetrics[0]
    assert len(tuned.bestModel.history.rounds) == 8
    split = TrainValidationSplit(**known, seed=1, parallelism=2).fit(labelled)
    assert split.validationMetrics[1] < split.validationMetrics[0]


def test_one_against_the_rest(labelled: DataFrame) -> None:
    """Spark ML makes a classifier of many classes of the one of two."""
    two = ElephasClassifier(**TWO.settings(num_workers=1, epochs=6))
    each = OneVsRest(classifier=two, labelCol="kind", parallelism=2).fit(labelled)
    accuracy = MulticlassClassificationEvaluator(labelCol="kind", metricName="accuracy")
    assert len(each.models) == 3
    assert accuracy.evaluate(each.transform(labelled)) > 0.8


def test_parameters_are_copied_and_saved(tmp_path: Path) -> None:
    for kind in (MANY, NUMBER):
        estimator = kind.estimator(**kind.settings(weightCol="weight"))
        estimator.save(str(tmp_path / kind.label))
        loaded = kind.estimator.load(str(tmp_path / kind.label))
        for same in (estimator.copy(), loaded):
            assert same.getWeightCol() == "weight"
            assert same.config() == estimator.config()
        assert "weightCol: column of the rows' weights" in estimator.explainParams()
    assert not any(
        estimator.hasParam(name) for name in ("threshold", "class_weights", "probabilityCol")
    )


def test_thresholds_count_in_validation_too(labelled: DataFrame) -> None:
    """And Spark's setters set them."""
    for kind, thresholds in ((TWO, [0.9, 0.1]), (MANY, [0.9, 0.05, 0.05])):
        marked = labelled.withColumn("late", sf.col("weight") == 1)
        estimator = kind.estimator(**kind.settings()).setThresholds(thresholds)
        model = estimator.setValidationIndicatorCol("late").fit(marked)
        held_out = model.score(marked.where("late"), kind.label)
        right = held_out.agg(sf.avg((sf.col(kind.label) == sf.col("prediction")).cast("int")))
        assert model.history.rounds[-1].val_accuracy == pytest.approx(right.first()[0])
        assert model.getThresholds() == thresholds


def test_the_unit_of_weights_changes_no_probability(labelled: DataFrame) -> None:
    """Labels are smoothed by rows, so a calibration does not depend on it."""
    fitted = [
        ElephasClassifier(**TWO.settings(weightCol="weight", calibration="platt")).fit(rows)
        for rows in (labelled, labelled.withColumn("weight", sf.col("weight") / 1024))
    ]
    assert fitted[0].calibration.slope == pytest.approx(fitted[1].calibration.slope, rel=1e-6)


def test_a_row_of_weight_0_does_not_count_in_the_labels_scale(labelled: DataFrame) -> None:
    far = sf.when(sf.col("row_id") == "id-8", 1e12).otherwise(sf.col("amount"))  # weighs 0
    models = [
        NUMBER.estimator(**NUMBER.settings(weightCol="weight", epochs=1)).fit(rows)
        for rows in (labelled, labelled.withColumn("amount", far))
    ]
    assert models[0].label_scale == models[1].label_scale


def test_rows_that_differ_by_weight_alone_have_an_order(labelled: DataFrame) -> None:
    """Without ids too: the same bits however they arrive."""
    rows = labelled.select("features", "label").withColumn("weight", sf.lit(1.0))
    rows = rows.union(rows.withColumn("weight", sf.lit(3.0)))
    found = [
        ElephasClassifier(**TWO.settings(weightCol="weight", epochs=1)).fit(each)
        for each in (rows, rows.orderBy(sf.rand(2)).repartition(5))
    ]
    assert found[0].history.weights_sha256 == found[1].history.weights_sha256


REFUSED: dict[str, tuple[Kind, dict[str, Any], str]] = {
    "threshold": (MANY, {"threshold": 0.3}, "threshold is for two classes, and there are 3"),
    "thresholds": (MANY, {"thresholds": [0.5, 0.5]}, "thresholds has 2 numbers, and there are 3"),
    "both": (
        TWO,
        {"threshold": 0.3, "thresholds": [0.5, 0.5]},
        "threshold and thresholds are both set",
    ),
    "platt": (MANY, {"calibration": "platt"}, "calibration=platt is for two classes"),
    "prior": (MANY, {"prior": 0.3}, "prior is for two classes"),
    "class weights": (
        MANY,
        {"class_weights": {0: 1, 1: 1}},
        "class_weights has 2 weights, and the",
    ),
    "monitor": (
        MANY,
        {"early_stopping": {"monitor": "val_rmse"}},
        "early_stopping.monitor is val_r",
    ),
    "monitor of numbers": (
        NUMBER,
        {"early_stopping": {"monitor": "val_auc"}},
        "which labels that are numbers do not have: use one of loss, val_loss, val_rmse",
    ),
    "poisson": (NUMBER, {"loss": "poisson"}, "loss 'poisson' takes no negative labels"),
    "loss of classes": (NUMBER, {"loss": "categorical_crossentropy"}, "Use mean_squared_error."),
    "metric": (
        MANY,
        {"metrics": ["top_k_categorical_accuracy"]},
        "Use acc",
    ),
    "outputs": (NUMBER, {"keras_model_config": MANY.network()}, "predicts one number: end it with"),
    "label": (MANY, {"labelCol": "amount"}, "must hold 0 to 2 only, one number for each output"),
    "text": (NUMBER, {"labelCol": "name"}, "a column of string, and labels are numbers"),
    "weight": (
        MANY,
        {"weightCol": "amount_less"},
        "holds -1 in the row 'id-7': a weight is a number",
    ),
    "weight nowhere": (
        MANY,
        {"weightCol": "nowhere"},
        "weightCol is 'nowhere', but the rows have no",
    ),
    "weight of text": (MANY, {"weightCol": "row_id"}, "name a column once"),
    "weight zero": (
        MANY,
        {"weightCol": "zero"},
        "a column of zeros: give some rows a weight above",
    ),
    "infinite": (NUMBER, {"labelCol": "infinite"}, "but holds inf, in the row 'id-7'"),
    "validation of no weight": (
        MANY,
        {"weightCol": "weight", "validationIndicatorCol": "weightless"},
        "All validation rows have the weight 0",
    ),
    "training of no weight": (
        MANY,
        {"weightCol": "weight", "validationIndicatorCol": "weighty"},
        "All training rows have the weight 0",
    ),
    "negative counts": (
        NUMBER,
        {"loss": "poisson", "standardizeLabel": False, "labelCol": "below"},
        "loss 'poisson' takes labels of 0 or more, but the column 'below' holds -1",
    ),
    "constant": (NUMBER, {"labelCol": "zero"}, "All rows have the label 0 in the column 'zero'"),
}


@pytest.fixture(scope="module")
def odd(labelled: DataFrame) -> DataFrame:
    seventh = sf.col("row_id") == "id-7"
    return labelled.select(
        "*",
        sf.when(seventh, -1.0).otherwise(1.0).alias("amount_less"),
        sf.lit(0.0).alias("zero"),
        sf.lit("a").alias("name"),
        (sf.col("weight") == 0).alias("weightless"),
        (sf.col("weight") > 0).alias("weighty"),
        (sf.col("weight") - 1).alias("below"),
        sf.when(seventh, float("inf")).otherwise(sf.col("amount")).alias("infinite"),
    ).cache()


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_is_one_sentence(case: str, odd: DataFrame) -> None:
    kind, changes, message = REFUSED[case]
    with pytest.raises(ParameterError) as caught:
        kind.estimator(**kind.settings(**changes)).fit(odd)
    assert message in str(caught.value)


@pytest.mark.parametrize("wrong", [float("nan"), float("inf"), None, -1.0, 1e30], ids=str)
def test_weights_that_are_none_name_a_row(wrong: float | None, labelled: DataFrame) -> None:
    seventh = sf.col("row_id") == "id-7"
    rows = labelled.withColumn("weight", sf.when(seventh, sf.lit(wrong)).otherwise(1.0))
    with pytest.raises(ParameterError, match="in the row 'id-7': a weight is a number from 0"):
        ElephasClassifier(**TWO.settings(weightCol="weight")).fit(rows)


def test_classes_with_too_few_rows_are_named(labelled: DataFrame) -> None:
    four = MANY.network().replace('"units": 3', '"units": 4')
    lonely = sf.when(sf.col("row_id") == "id-7", 2.0).otherwise(sf.col("label"))
    rows = labelled.withColumn("kind", lonely)
    settings = MANY.settings(keras_model_config=four, epochs=1)
    with (
        pytest.warns(UserWarning, match="No row has the label 3"),
        pytest.warns(UserWarning, match="The label 2 has too few rows for"),
    ):
        ElephasClassifier(**settings).fit(rows)


def test_invalid_rows_are_named_in_training_and_scoring(labelled: DataFrame) -> None:
    for kind in (MANY, NUMBER):
        model = kind.estimator(**kind.settings(epochs=1)).fit(labelled)
        row = labelled.limit(1).withColumn("features", sf.array(sf.lit(1.0), sf.lit(2.0)))
        with pytest.raises(Exception, match="is of width 2, and the network takes 5 numbers"):
            model.transform(row).collect()
        huge = labelled.limit(1).withColumn("features", sf.array(*[sf.lit(float("nan"))] * 5))
        with pytest.raises(Exception, match="holds null or NaN in place 1"):
            model.score(huge, "row_id").collect()


@pytest.mark.parametrize(
    ("loss", "changes"),
    [
        ("mean_squared_error", {}),
        ("mean_absolute_error", {}),
        ("huber", {}),
        ("log_cosh", {}),
        ("poisson", {"standardizeLabel": False, "labelCol": "count"}),
    ],
)
def test_losses_of_numbers(loss: str, changes: dict[str, Any], labelled: DataFrame) -> None:
    """Each teaches; a network for counts is above 0."""
    counted = sf.floor((sf.col("amount") - 900) / 20)
    rows = labelled.withColumn("count", sf.greatest(sf.lit(0), counted))
    network = NUMBER.network()
    if loss == "poisson":
        network = network.replace('"activation": "linear"', '"activation": "softplus"')
    settings = NUMBER.settings(loss=loss, keras_model_config=network, epochs=8, **changes)
    model = NUMBER.estimator(**settings).fit(rows)
    first, *_, last = model.history.rounds
    assert last.val_rmse < first.val_rmse
    assert last.val_r2 > 0.5
    evaluator = RegressionEvaluator(labelCol=settings["labelCol"], metricName="r2")
    assert evaluator.evaluate(model.transform(rows)) > 0.5


@pytest.mark.parametrize("kind", [MANY, NUMBER], ids=["many", "number"])
def test_members_of_a_network_are_averaged(kind: Kind, labelled: DataFrame) -> None:
    layers = keras.layers
    parts = [
        layers.RepeatVector(2),
        layers.Dense(4, "tanh"),
        layers.Dense(kind.outputs, kind.activation),
    ]
    network = str(keras.Sequential([keras.Input((N_FEATURES,)), *parts]).to_json())
    model = kind.estimator(**kind.settings(keras_model_config=network, weightCol="weight")).fit(
        labelled
    )
    rows = labelled.limit(20).collect()
    keras_model = keras.models.model_from_json(network)
    keras_model.set_weights(model.weights)
    outputs = np.asarray(keras_model(np.array([row["features"] for row in rows], "f4")))
    names = ["prediction"] if kind.classes is None else ["probability"]
    found = model.score(labelled, "row_id").toPandas().set_index("row_id")[names[0]]
    ours = np.array([np.ravel(found[row["row_id"]]) for row in rows])
    means = outputs.mean(axis=1)
    if kind.classes is None:
        means = means * model.label_scale + model.label_mean
    np.testing.assert_allclose(ours, means, rtol=1e-5, atol=1e-6)


def test_sparse_labels_and_integer_labels_are_taken(labelled: DataFrame) -> None:
    sparse = MANY.settings(loss="sparse_categorical_crossentropy", epochs=1)
    plain = MANY.settings(epochs=1)
    rows = labelled.withColumn("kind", sf.col("kind").cast("int"))
    one, other = (ElephasClassifier(**each).fit(rows) for each in (sparse, plain))
    assert one.history.rounds[0].val_loss == pytest.approx(
        other.history.rounds[0].val_loss, rel=1e-5
    )
    assert json.loads(json.dumps(one.history.to_dict()))["rounds"][0]["val_top_k"] == 1.0
