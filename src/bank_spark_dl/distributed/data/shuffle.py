"""Bringing a DataFrame's rows to the workers' disks."""

import logging
import uuid
import warnings
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
from pyspark.sql import DataFrame
from pyspark.sql import functions as sf

from bank_spark_dl.distributed.config import TrainingSettings
from bank_spark_dl.distributed.data.frame_check import (
    require_ids,
    require_labels,
    require_validation_rows,
)
from bank_spark_dl.distributed.data.invalid_rows import require_sound_rows
from bank_spark_dl.distributed.data.partition_keys import partition_keys
from bank_spark_dl.distributed.data.partitioning import (
    RowColumns,
    count_runs,
    cut_runs,
    hashed_rows,
    slot_of,
    slot_sizes,
)
from bank_spark_dl.distributed.data.plan import (
    Plan,
    make_plan,
    require_worker_rows,
    too_many_workers,
)
from bank_spark_dl.distributed.data.shard_set import ShardSet
from bank_spark_dl.distributed.data.shard_writer import HANDLE_SCHEMA, ShardWriter
from bank_spark_dl.distributed.data.shards import ShardStore

logger = logging.getLogger(__name__)


def place_rows(
    frame: DataFrame,
    columns: RowColumns,
    settings: TrainingSettings,
    max_shard_mb: float,
    inputs: int,
) -> tuple[ShardSet, Plan]:
    """Say what each worker will do, then write its shard.

    Args:
        frame: Rows to train on.
        columns: Names of their columns.
        settings: The training's settings.
        max_shard_mb: See `ShardStore`.
        inputs: Numbers that the network takes.

    Returns:
        The shards, one for each worker, and the plan.

    Raises:
        ParameterError: The labels, the ids or the plan cannot work, see `frame_check` and
            `plan.make_plan`.
        InputDataError: A row's features cannot be trained on, see `row_faults`.
    """
    rows = hashed_rows(frame, columns, settings.seed)
    counts = require_labels(frame, columns, count_runs(rows))
    plan, cuts = plan_slots(counts, columns, settings)
    logger.info(plan.sentence())
    workers, cores = settings.num_workers, frame.sparkSession.sparkContext.defaultParallelism
    if warning := too_many_workers(workers, cores):
        warnings.warn(warning, stacklevel=2)
    store = ShardStore(uuid.uuid4().hex, max_shard_mb)
    slotted = rows.withColumn("slot", slot_of(cuts))
    shards = ShardSet(lay_out(slotted, workers, ShardWriter(store, inputs)), store)
    try:
        require_sound_rows(shards.handles, frame, columns, settings.seed, inputs)
    except BaseException:
        shards.remove()
        raise
    logger.info(shards.sentence())
    return shards, plan


def plan_slots(
    counts: Mapping[int, npt.NDArray[np.int64]], columns: RowColumns, settings: TrainingSettings
) -> tuple[Plan, dict[int, list[int]]]:
    """Decide which rows each worker gets, and refuse what cannot work.

    Args:
        counts: Rows by label and run of hashes, see `layout.count_runs`.
        columns: Names of the columns, for messages.
        settings: The training's settings.

    Returns:
        The plan, and the cuts of each label's runs, see `layout.cut_runs`.
    """
    workers, split = settings.num_workers, settings.validation_split
    class_rows = (int(counts[0].sum()), int(counts[1].sum()))
    require_worker_rows(sum(class_rows), settings)
    require_ids(columns, counts)
    cuts = {label: cut_runs(runs, workers, split) for label, runs in counts.items()}
    by_label = {
        label: slot_sizes({label: runs}, {label: cuts[label]}) for label, runs in counts.items()
    }
    sizes = [sum(both) for both in zip(*by_label.values(), strict=True)]
    plan = make_plan(sizes[workers:], sizes[:workers], class_rows, settings)
    validation = {label: sum(slots[:workers]) for label, slots in by_label.items()}
    require_validation_rows(validation, counts, settings)
    return plan, cuts


def lay_out(rows: DataFrame, num_workers: int, writer: ShardWriter) -> DataFrame:
    """Send each row to its worker's partition and write the partition as a shard.

    Args:
        rows: Columns `slot` (see `layout.cut_runs`), `place`, `tie`, `label`, `features`.
        num_workers: Number of workers W; worker w's shard is partition w.
        writer: Writes them.

    Returns:
        One row for each shard, in worker order: its handle. Computing it writes the file.
    """
    keys = partition_keys(num_workers)
    worker = (sf.col("slot") % num_workers).cast("int")
    key = sf.element_at(sf.array(*map(sf.lit, keys)), worker + 1)
    placed = rows.select(
        worker.alias("worker"),
        (sf.col("slot") < num_workers).alias("validation"),
        *("place", "tie", "label", "features"),
    )
    ordered = placed.repartition(num_workers, key.alias("key")).sortWithinPartitions(
        "validation", "place", "tie"
    )
    return ordered.drop("tie").mapInArrow(writer.write, HANDLE_SCHEMA)
