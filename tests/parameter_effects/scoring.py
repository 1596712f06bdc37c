"""Parameters of scoring: what is said of rows that have drifted, and how a stream is followed."""

from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import keras
from pyspark.ml import PipelineModel

from bank_spark_dl.csv_validation import CSVStream
from bank_spark_dl.csv_validation.options import CSVOptions
from bank_spark_dl.datasets import StreamSinkDataset
from bank_spark_dl.distributed import ElephasClassificationModel, TrainingHistory
from bank_spark_dl.errors import InputDataError
from bank_spark_dl.ml.monitoring.drift import act_on_drift
from bank_spark_dl.parameters import Parameters
from bank_spark_dl.pipelines.feature_engineering.nodes import profile_train_rows
from bank_spark_dl.pipelines.modeling.nodes import assemble_scoring_model
from bank_spark_dl.pipelines.scoring.nodes import measure_drift
from bank_spark_dl.pipelines.scoring_stream.nodes import plan_stream
from tests.parameter_effects.effect import Effect
from tests.parameter_effects.table import TARGET, Table


def drifted(table: Table, p: Parameters) -> Any:
    """What is said of rows like the train rows, but for a share of strange ones."""
    rows = table.clean(p)
    older, astronauts = "IF(age > 70, 99, age) age", "IF(age < 24, 'astronaut', job) job"
    strange = rows.drop("age", "job", "balance").join(
        rows.selectExpr("row_id", older, astronauts, "balance + 100 balance"), "row_id"
    )
    _, drift = measure_drift(strange, profile(table, p), p.scoring.drift)
    try:
        act_on_drift(drift.drifted, p.scoring.drift, "strange.csv")
    except InputDataError as error:
        return str(error)
    return drift.drifted


def profile(table: Table, p: Parameters) -> Any:
    if "profile" not in table.kept:
        table.kept["profile"] = profile_train_rows(table.clean(p), p.data)
    return table.kept["profile"]


def stream(table: Table, p: Parameters) -> Any:
    """How many batches are scored, whether it ends, and what lies beside the scores."""
    folder, options = Path(mkdtemp(dir=table.folder)), p.scoring_stream
    if options.checkpoint is not None:
        options = options.model_copy(update={"checkpoint": str(folder / options.checkpoint)})
    model, id_column = untrained_model(table, p), p.data.columns.id
    sink = StreamSinkDataset(filepath=str(folder / "scores"))
    sink.save(plan_stream(arriving(table, folder), model, profile(table, p), id_column, options))
    query = sink.load()
    query.processAllAvailable()
    ended = query.awaitTermination(1)
    query.stop()
    batches = len([progress for progress in query.recentProgress if progress.numInputRows])
    return batches, ended, sorted(path.name for path in folder.iterdir())


def arriving(table: Table, folder: Path) -> CSVStream:
    """Three files without a label."""
    raw = table.raw_rows.drop("deposit")
    raw.repartition(3).write.csv(str(folder / "arriving"), header=True)
    form = CSVOptions.parse({})
    return CSVStream(raw.sparkSession, str(folder / "arriving"), raw.schema, (), form)


def untrained_model(table: Table, p: Parameters) -> PipelineModel:
    if "untrained" not in table.kept:
        stages = table.stages(p)
        width = table.training_rows(p).first()["features"].size
        network = keras.Sequential([keras.Input((width,)), keras.layers.Dense(2, "sigmoid")])
        weights, history = network.get_weights(), TrainingHistory(1, 1, 0, 1, 0, 0)
        untrained = ElephasClassificationModel(network.to_json(), weights, history, width)
        table.kept["untrained"] = assemble_scoring_model(stages, PipelineModel([untrained]), TARGET)
    return table.kept["untrained"]


EFFECTS = {
    "scoring.drift.psi": Effect(drifted, 0.01),
    "scoring.drift.unseen": Effect(drifted, 0.9),
    "scoring.drift.out_of_range": Effect(drifted, 0.9),
    "scoring.drift.action": Effect(drifted, "stop"),
    "scoring_stream.checkpoint": Effect(stream, "elsewhere"),
    "scoring_stream.every": Effect(stream, 1),
    "scoring_stream.files_per_batch": Effect(stream, 1),
}
