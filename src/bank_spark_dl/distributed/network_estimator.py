"""What the estimators of all kinds of labels share: fit a Keras network on Spark."""

from abc import abstractmethod
from dataclasses import fields, replace
from typing import Any, Self

from elephas.ml_model import ElephasEstimator
from pyspark.ml.util import DefaultParamsWriter, MLReader, MLWriter
from pyspark.sql import DataFrame

from bank_spark_dl.distributed.config import EarlyStopping, NetworkConfig, TrainingConfig
from bank_spark_dl.distributed.converters import checked, to_keras_config
from bank_spark_dl.distributed.data.frame_check import check_frame
from bank_spark_dl.distributed.data.frame_columns import fields_named
from bank_spark_dl.distributed.data.partitioning import TrainingColumns
from bank_spark_dl.distributed.data.plan import TrainingPlan
from bank_spark_dl.distributed.data.shard_set import ShardSet
from bank_spark_dl.distributed.network_model import NetworkModel
from bank_spark_dl.distributed.params import TrainingParams
from bank_spark_dl.distributed.persistence.estimator_reader import EstimatorReader
from bank_spark_dl.distributed.runtime.network_memory import free_networks
from bank_spark_dl.distributed.runtime.worker_pool import prewarm
from bank_spark_dl.distributed.training.checkpoint import CheckpointFolder, open_folder
from bank_spark_dl.distributed.training.local_sgd import LocalSGD
from bank_spark_dl.distributed.training.loop import Trained
from bank_spark_dl.distributed.training.network import initial_network
from bank_spark_dl.distributed.training.prepared_training import PreparedTraining
from bank_spark_dl.distributed.training.progress import Report, check_progress, make_progress
from bank_spark_dl.distributed.training.schedule import complete_schedule
from bank_spark_dl.errors import ParameterError


class NetworkEstimator(TrainingParams, ElephasEstimator):  # type: ignore[misc]
    """Trains a Keras network on a Spark DataFrame.

    Parameters keep Elephas's names; `explainParams()` documents them. `progress` is a function
    called with each `Round` of the history and the number of rounds, or "rich" for a progress bar.
    """

    def __init__(self, *, progress: Report | str | None = None, **kwargs: Any) -> None:
        """Set parameters; the others have their defaults.

        Raises:
            ParameterError: A parameter is unknown or not what it must be.
        """
        super().__init__()
        self.set_typed_defaults()
        check_progress(progress)
        self.progress = progress
        self._set(**kwargs)

    def save(self, path: str) -> None:
        """Save the parameters as Spark ML does; Elephas's own `save` leaves out the optimizer."""
        self.write().save(path)

    def write(self) -> MLWriter:
        """Return Spark ML's writer of parameters."""
        return DefaultParamsWriter(self)

    @classmethod
    def read(cls) -> MLReader[Self]:
        """Return a reader of what `save` writes; `load(path)` is its short form."""
        return EstimatorReader(cls)

    def _fit(self, frame: DataFrame) -> NetworkModel:
        training = self.prepare(frame)
        prewarm(frame.sparkSession)
        shards, plan = training.lay_out(frame)
        try:
            return self.train(training, shards, plan)
        finally:
            shards.remove()

    def for_training(self, number: int, progress: Report) -> Self:
        """Copy the estimator for one of many trainings.

        Args:
            number: Of the training: its checkpoints lie in a folder of that name.
            progress: Reports its rounds.
        """
        mine: Self = self.copy()
        mine.progress = progress
        folder = self.getOrDefault("checkpoint_dir")
        return mine if folder is None else mine._set(checkpoint_dir=f"{folder}/{number}")

    def prepare(self, frame: DataFrame) -> PreparedTraining:
        """Check parameters, network and columns; no row is read.

        Raises:
            ParameterError: A parameter, the network or a column does not fit.
        """
        self._check_params()
        config = self.config()
        columns = self._columns(frame)
        network = initial_network(config.network, config.seed)
        config = self.for_network(config, network)
        complete_schedule(config.network, 1)  # to refuse it before rows are read
        inputs = network.input_shape[-1]
        check_frame(frame, columns, inputs)
        return PreparedTraining(config, columns, inputs, network)

    def train(
        self, training: PreparedTraining, shards: ShardSet, plan: TrainingPlan
    ) -> NetworkModel:
        """Train on shards that are written.

        Args:
            training: The answer of `prepare`; it can be trained once.
            shards: One for each worker.
            plan: The training's rounds.

        Raises:
            ParameterError: See `TrainingLoop.train`; or the checkpoint is of another training.
        """
        network = complete_schedule(training.config.network, plan.steps)
        config = replace(training.config, network=network)
        checkpoints = self._checkpoints(config, plan, shards)
        rounds = LocalSGD(training.network, config, plan, shards, checkpoints)
        training.network = None  # its weights are those of the rounds now
        free_networks()
        with make_progress(self.progress) as progress:
            resume = self.getOrDefault("resume")
            trained = rounds.fit(shards.cached, progress=progress, resume=resume)
        model = self.trained_model(trained, config, plan, training.inputs)
        fitted: NetworkModel = self._copyValues(model._set(**self.scoring_params()))
        return fitted

    @abstractmethod
    def for_network(self, config: TrainingConfig, network: Any) -> TrainingConfig:
        """Complete a configuration by what the network's outputs say.

        Raises:
            ParameterError: A parameter does not fit them.
        """

    @abstractmethod
    def trained_model(
        self, trained: Trained, config: TrainingConfig, plan: TrainingPlan, inputs: int
    ) -> Any:
        """Return the model of a training that has ended."""

    def _columns(self, frame: DataFrame) -> TrainingColumns:
        """Return the columns to read; without one of ids, features identify their rows.

        Spark's OneVsRest passes on nothing but features, labels and weights.
        """
        row_id = self.getOrDefault("rowIdCol")
        if not self.isSet("rowIdCol") and not fields_named(frame, row_id):
            row_id = self.getFeaturesCol()
        return TrainingColumns(
            self.getFeaturesCol(),
            self.getLabelCol(),
            row_id,
            self.getValidationIndicatorCol(),
            self.getOrDefault("weightCol"),
        )

    def config(self) -> TrainingConfig:
        """Return the training's configuration: the parameters of the same names.

        Raises:
            ParameterError: Values do not fit together.
        """
        made = {"network", "early_stopping", "thresholds", "standardize_label"}
        names = {field.name for field in fields(TrainingConfig)} - made
        values = {name: self.getOrDefault(name) for name in names if self.hasParam(name)}
        if self.getValidationIndicatorCol() is not None:
            values["validation_split"] = None
        stopping = self.getOrDefault("early_stopping")
        return TrainingConfig(
            network=self._network_config(),
            early_stopping=None if stopping is None else EarlyStopping(**stopping),
            **values,
        )

    def _network_config(self) -> NetworkConfig:
        """Take a schedule out of the optimizer.

        So it follows the steps of the whole training where each round has a new optimizer.
        """
        if self.getOrDefault("keras_model_config") is None:
            raise ParameterError("keras_model_config is missing: give it model.to_json().")
        optimizer, schedule = map(self.getOrDefault, ("optimizer_config", "learning_rate_schedule"))
        arguments = dict(optimizer["config"])
        if isinstance(arguments.get("learning_rate"), dict):
            rate = arguments.pop("learning_rate")
            schedule = schedule or checked("learning_rate_schedule", to_keras_config, rate)
        return NetworkConfig(
            keras_model_config=self.getOrDefault("keras_model_config"),
            loss=self.getOrDefault("loss"),
            metrics=tuple(self.getOrDefault("metrics")),
            optimizer_config=optimizer | {"config": arguments},
            learning_rate_schedule=schedule,
            classes=None,
            weighted=self.getOrDefault("weightCol") is not None,
        )

    def _check_params(self) -> None:
        check_progress(self.progress)
        # Elephas's own setters and a saved estimator's parameters bypass the converters.
        self._set(**{param.name: value for param, value in self._paramMap.items()})
        self.refuse_params_not_offered()
        self.refuse_shared_columns()
        folder = self.getOrDefault("checkpoint_dir")
        if folder is not None:
            open_folder(folder)
        elif self.getOrDefault("resume"):
            raise ParameterError(
                "resume=True continues from the last checkpoint, but checkpoint_dir names no "
                "folder: name the one of the training before."
            )

    def _checkpoints(
        self, config: TrainingConfig, plan: TrainingPlan, shards: ShardSet
    ) -> CheckpointFolder | None:
        """Return where checkpoints go, if there are to be some."""
        folder = self.getOrDefault("checkpoint_dir")
        if folder is None:
            return None
        data: dict[str, Any] = {"data": [handle.digest for handle in shards.handles]}
        if config.validation_split is None:
            data["validation_rows"] = list(plan.validation_rows)
        return CheckpointFolder(folder, data | config.fingerprint() | plan.fingerprint())
