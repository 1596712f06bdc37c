"""A training that is checked, before its rows are laid out."""

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any

from pyspark.sql import DataFrame

from bank_spark_dl.distributed.config import TrainingConfig
from bank_spark_dl.distributed.data.label_check import COUNT_LOSSES
from bank_spark_dl.distributed.data.partitioning import TrainingColumns
from bank_spark_dl.distributed.data.plan import TrainingPlan
from bank_spark_dl.distributed.data.shard_set import ShardSet
from bank_spark_dl.distributed.data.shuffle import shuffle_rows


@dataclass
class PreparedTraining:
    """A training that is checked, before its rows are laid out.

    Attributes:
        config: Its configuration.
        columns: The columns that it reads.
        inputs: Numbers that the network takes.
        network: The compiled Keras network with its initial weights; None once it trains.
    """

    config: TrainingConfig
    columns: TrainingColumns
    inputs: int
    network: Any

    def lay_out(self, frame: DataFrame) -> tuple[ShardSet, TrainingPlan]:
        """Write the workers' shards, see `shuffle_rows`."""
        return shuffle_rows(frame, self.columns, self.config, self.inputs)

    def layout_key(self) -> Hashable:
        """Return what decides the shards of a frame, and what their rows are checked for."""
        config, stopping = self.config, self.config.early_stopping
        return (
            self.columns,
            self.inputs,
            config.num_workers,
            config.validation_split,
            config.seed,
            config.max_shard_mb,
            config.standardize_label,
            config.calibration,
            stopping and stopping.monitor,
            config.network.classes,
            config.network.loss in COUNT_LOSSES,
        )
