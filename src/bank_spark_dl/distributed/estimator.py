"""The Spark ML estimator: Elephas's settings in, a saveable model out."""

import json
from difflib import get_close_matches
from typing import Any

from elephas.ml_model import ElephasEstimator
from pyspark.ml.util import DefaultParamsWriter, MLReader, MLWriter
from pyspark.sql import DataFrame

from bank_spark_dl.distributed.config import (
    TrainingSettings,
    early_stopping_from,
    require,
)
from bank_spark_dl.distributed.data.frame_check import check_frame
from bank_spark_dl.distributed.data.partitioning import RowColumns
from bank_spark_dl.distributed.data.plan import Plan
from bank_spark_dl.distributed.data.shard_set import ShardSet
from bank_spark_dl.distributed.data.shuffle import place_rows
from bank_spark_dl.distributed.model import ElephasClassificationModel
from bank_spark_dl.distributed.params import (
    DEFAULTS,
    WITHOUT_EFFECT,
    ScoringParams,
    add_engine_params,
    check_types_of_plain_params,
    refuse_columns_that_meet,
)
from bank_spark_dl.distributed.persistence.estimator_reader import EstimatorReader
from bank_spark_dl.distributed.runtime.worker_pool import prewarm
from bank_spark_dl.distributed.training.checkpoint import CheckpointFolder, open_folder
from bank_spark_dl.distributed.training.compile_check import arguments
from bank_spark_dl.distributed.training.loop import Progress, RoundModel
from bank_spark_dl.distributed.training.network import NetworkSpec, first_network
from bank_spark_dl.distributed.training.progress import check_progress, make_progress
from bank_spark_dl.errors import ParameterError


class ElephasClassifier(ElephasEstimator, ScoringParams):  # type: ignore[misc]
    """Trains a Keras network with two classes on a Spark DataFrame.

    Parameters keep Elephas's names. `keras_model_config` is the JSON of an uncompiled Keras model
    with two outputs (sigmoids or a softmax) or one sigmoid output. `progress` is a function called
    with each round's history entry and the number of rounds, or "rich" for a progress bar.
    """

    def __init__(self, *, progress: Progress | str | None = None, **kwargs: Any) -> None:
        """Set parameters; `params.DEFAULTS` holds for the others.

        Raises:
            ParameterError: A parameter is unknown or not what it must be.
        """
        super().__init__()
        check_types_of_plain_params(self)
        add_engine_params(self)
        self._setDefault(**DEFAULTS)
        check_progress(progress)
        self.progress = progress
        self._set(**kwargs)

    def _set(self, **kwargs: Any) -> "ElephasClassifier":
        for name, value in kwargs.items():
            if not self.hasParam(name):
                known = [param.name for param in self.params]
                close = get_close_matches(name, known, n=1)
                meant = f": did you mean {close[0]!r}?" if close else "."
                raise ParameterError(f"ElephasClassifier has no such parameter {name!r}{meant}")
            try:
                self.getParam(name).typeConverter(value)
            except (TypeError, ValueError) as error:
                raise ParameterError(f"{name} {error}.") from error
        return super()._set(**kwargs)

    def save(self, path: str) -> None:
        """Save the parameters the Spark ML way; Elephas's own `save` forgets the optimizer."""
        self.write().save(path)

    def write(self) -> MLWriter:
        """Return Spark ML's writer of parameters."""
        return DefaultParamsWriter(self)

    @classmethod
    def read(cls) -> MLReader["ElephasClassifier"]:
        """Return a reader of what `save` writes; `load(path)` is its short form."""
        return EstimatorReader(cls)

    def _fit(self, frame: DataFrame) -> ElephasClassificationModel:
        self._refuse_what_is_not_offered()
        settings, spec, max_shard_mb = self.settings(), self.network_spec(), self._max_shard_mb()
        network = first_network(spec, settings.seed)
        spec.over_steps(1)  # a schedule that cannot be made is refused now
        inputs = network.input_shape[-1]
        check_frame(frame, self._columns(), inputs)
        prewarm(frame.sparkSession)
        shards, plan = place_rows(frame, self._columns(), settings, max_shard_mb, inputs)
        try:
            spec = spec.over_steps(plan.steps)
            checkpoints = self._checkpoints(spec, settings, plan, shards)
            rounds = RoundModel(network, spec, settings, plan, shards, checkpoints)
            with make_progress(self.progress) as progress:
                rounds.fit(shards.cached, progress=progress, resume=self.getOrDefault("resume"))
        finally:
            shards.remove()
        model = ElephasClassificationModel(
            spec.keras_model_config,
            rounds.weights,
            rounds.history,
            shards.num_features,
            rounds.calibration,
            rounds.validation_bins,
            rounds.prior_shift,
        )
        return self._copyValues(model._set(**self.scoring_params()))

    def _columns(self) -> RowColumns:
        return RowColumns(self.getFeaturesCol(), self.getLabelCol(), self.getOrDefault("rowIdCol"))

    def _max_shard_mb(self) -> float:
        size = float(self.getOrDefault("max_shard_mb"))
        require(size > 0, "max_shard_mb", size, "above 0")
        return size

    def settings(self) -> TrainingSettings:
        """Read and check the parameters that decide a training.

        Raises:
            ParameterError: A value is out of range.
        """
        return TrainingSettings(
            num_workers=self.get_num_workers(),
            epochs=self.get_epochs(),
            batch_size=self.get_batch_size(),
            validation_split=self.get_validation_split(),
            seed=self.getOrDefault("seed"),
            merge=self.getOrDefault("merge"),
            steps_per_round=self.getOrDefault("steps_per_round"),
            early_stopping=early_stopping_from(self.getOrDefault("early_stopping")),
            threshold=self.getOrDefault("threshold"),
            calibration=self.getOrDefault("calibration"),
            prior=self.getOrDefault("prior"),
        )

    def network_spec(self) -> NetworkSpec:
        """Collect what is needed to compile the network.

        A schedule inside the optimizer's configuration is taken out, so that it follows the steps
        of the whole training even when the optimizer starts anew in each round.
        """
        optimizer = json.loads(json.dumps(self.get_optimizer_config()))
        optimizer["config"] = arguments("optimizer_config", optimizer)
        schedule = self.getOrDefault("learning_rate_schedule")
        rate = optimizer["config"].get("learning_rate")
        if isinstance(rate, dict):
            schedule = schedule or rate
            del optimizer["config"]["learning_rate"]
        weights = self.getOrDefault("class_weights")
        return NetworkSpec(
            keras_model_config=self._network_description(),
            loss=self.get_loss(),
            metrics=tuple(self.get_metrics()),
            optimizer_config=json.dumps(optimizer, sort_keys=True),
            learning_rate_schedule=schedule and json.dumps(schedule, sort_keys=True),
            class_weights=weights and (weights["0"], weights["1"]),
            batch_size=self.get_batch_size(),
        )

    def _network_description(self) -> str:
        if not self.isDefined("keras_model_config"):
            raise ParameterError("keras_model_config is missing: give it model.to_json().")
        return str(self.get_keras_model_config())

    def _refuse_what_is_not_offered(self) -> None:
        check_progress(self.progress)
        # Elephas's own setters and a saved estimator's parameters have met no converter.
        self._set(**{param.name: value for param, value in self._paramMap.items()})
        for name, reason in WITHOUT_EFFECT.items():
            if self.isSet(name):
                raise ParameterError(f"{name} is not offered: {reason}")
        columns = {"labelCol": self.getLabelCol()} | self.scoring_params()
        refuse_columns_that_meet({k: v for k, v in columns.items() if k.endswith("Col")})
        self._refuse_checkpoints_that_cannot_be()
        mode = self.get_mode()
        if mode != "synchronous":
            raise ParameterError(
                f"mode={mode} is not offered: its result depends on the order in which workers "
                "reach Elephas's parameter server, an unauthenticated web server; use synchronous."
            )

    def _refuse_checkpoints_that_cannot_be(self) -> None:
        folder = self.getOrDefault("checkpoint_dir")
        if folder is not None:
            open_folder(folder)
        elif self.getOrDefault("resume"):
            raise ParameterError(
                "resume=True goes on from the last checkpoint, but checkpoint_dir names no folder: "
                "name the one that the training before had."
            )

    def _checkpoints(
        self, spec: NetworkSpec, settings: TrainingSettings, plan: Plan, shards: ShardSet
    ) -> CheckpointFolder | None:
        """Say where checkpoints go, if there are to be some."""
        folder = self.getOrDefault("checkpoint_dir")
        if folder is None:
            return None
        data = {"data": [handle.digest for handle in shards.handles]}
        training = spec.fingerprint() | settings.fingerprint() | plan.fingerprint()
        return CheckpointFolder(folder, data | training)
