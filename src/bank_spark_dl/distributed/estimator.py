"""The Spark ML estimator: Elephas's settings in, a saveable model out."""

import json
from typing import Any

from elephas.ml_model import ElephasEstimator
from pyspark.ml.util import DefaultParamsWriter, MLWriter
from pyspark.sql import DataFrame

from bank_spark_dl.distributed.checkpoint import CheckpointFolder
from bank_spark_dl.distributed.layout import RowColumns
from bank_spark_dl.distributed.model import ElephasClassificationModel
from bank_spark_dl.distributed.network import NetworkSpec, first_network
from bank_spark_dl.distributed.params import (
    DEFAULTS,
    WITHOUT_EFFECT,
    ScoringParams,
    add_engine_params,
    check_types_of_elephas_params,
)
from bank_spark_dl.distributed.placement import place_rows
from bank_spark_dl.distributed.pool import prewarm
from bank_spark_dl.distributed.progress import make_progress
from bank_spark_dl.distributed.rounds import Progress, RoundModel
from bank_spark_dl.distributed.settings import (
    TrainingSettings,
    early_stopping_from,
    require,
)
from bank_spark_dl.distributed.shard_set import ShardSet
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
            ParameterError: A parameter is unknown or of the wrong type.
        """
        super().__init__()
        check_types_of_elephas_params(self)
        add_engine_params(self)
        self._setDefault(**DEFAULTS)
        self.progress = progress
        self._set(**kwargs)

    def _set(self, **kwargs: Any) -> "ElephasClassifier":
        try:
            return super()._set(**kwargs)
        except TypeError as error:
            raise ParameterError(str(error)) from error
        except AttributeError as error:
            raise ParameterError(f"ElephasClassifier has no such parameter: {error}") from error

    def save(self, path: str) -> None:
        """Save the parameters the Spark ML way; Elephas's own `save` forgets the optimizer."""
        self.write().save(path)

    def write(self) -> MLWriter:
        """Return Spark ML's writer of parameters."""
        return DefaultParamsWriter(self)

    def _fit(self, frame: DataFrame) -> ElephasClassificationModel:
        self._refuse_what_is_not_offered()
        settings, spec = self.settings(), self.network_spec()
        network = first_network(spec, settings.seed)
        prewarm(frame.sparkSession)
        shards, plan = place_rows(frame, self._columns(), settings, self._max_shard_mb())
        try:
            spec = spec.over_steps(plan.steps)
            rounds = RoundModel(
                network,
                spec,
                settings,
                plan,
                shards,
                self._checkpoints(spec, settings, shards),
            )
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
        schedule = self.getOrDefault("learning_rate_schedule")
        rate = optimizer.get("config", {}).get("learning_rate")
        if isinstance(rate, dict):
            schedule = schedule or rate
            del optimizer["config"]["learning_rate"]
        weights = self.getOrDefault("class_weights")
        return NetworkSpec(
            keras_model_config=self.get_keras_model_config(),
            loss=self.get_loss(),
            metrics=tuple(self.get_metrics()),
            optimizer_config=json.dumps(optimizer, sort_keys=True),
            learning_rate_schedule=schedule and json.dumps(schedule, sort_keys=True),
            class_weights=weights and (weights["0"], weights["1"]),
            batch_size=self.get_batch_size(),
        )

    def _refuse_what_is_not_offered(self) -> None:
        for name, reason in WITHOUT_EFFECT.items():
            if self.isSet(name):
                raise ParameterError(f"{name} is not offered: {reason}")
        mode = self.get_mode()
        if mode != "synchronous":
            raise ParameterError(
                f"mode={mode} is not offered: its result depends on the order in which workers "
                "reach Elephas's parameter server, an unauthenticated web server; use synchronous."
            )

    def _checkpoints(
        self, spec: NetworkSpec, settings: TrainingSettings, shards: ShardSet
    ) -> CheckpointFolder | None:
        """Open the folder for checkpoints, if there is to be one."""
        folder = self.getOrDefault("checkpoint_dir")
        if folder is None:
            return None
        data = {"data": [handle.digest for handle in shards.handles]}
        return CheckpointFolder(folder, data | spec.fingerprint() | settings.fingerprint())
