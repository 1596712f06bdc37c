"""Bringing a DataFrame's rows to the workers' disks."""

import logging
import uuid
import warnings
from dataclasses import replace

from pyspark.sql import DataFrame
from pyspark.sql import functions as sf

from bank_spark_dl.distributed.layout import (
    RowColumns,
    count_runs,
    cut_runs,
    hashed_rows,
    slot_of,
    slot_sizes,
)
from bank_spark_dl.distributed.partition_keys import partition_keys
from bank_spark_dl.distributed.plan import Plan, make_plan, too_many_workers
from bank_spark_dl.distributed.settings import TrainingSettings
from bank_spark_dl.distributed.shard_set import ShardSet
from bank_spark_dl.distributed.shards import HANDLE_SCHEMA, ShardStore

logger = logging.getLogger(__name__)


def place_rows(
    frame: DataFrame, columns: RowColumns, settings: TrainingSettings, max_shard_mb: float
) -> tuple[ShardSet, Plan]:
    """Say what each worker will do, then write its shard.

    Args:
        frame: Rows to train on.
        columns: Names of their columns.
        settings: The training's settings.
        max_shard_mb: See `ShardStore`.

    Returns:
        The shards, one for each worker, and the plan.

    Raises:
        ParameterError: The plan cannot work, see `plan.make_plan`.
    """
    workers = settings.num_workers
    rows = hashed_rows(frame, columns, settings.seed)
    counts = count_runs(rows)
    cuts = {
        label: cut_runs(runs, workers, settings.validation_split) for label, runs in counts.items()
    }
    sizes = slot_sizes(counts, cuts)
    plan = make_plan(sizes[workers:], sizes[:workers], settings)
    plan = replace(plan, class_rows=(int(counts[0].sum()), int(counts[1].sum())))
    logger.info(plan.sentence())
    warning = too_many_workers(workers, frame.sparkSession.sparkContext.defaultParallelism)
    if warning:
        warnings.warn(warning, stacklevel=2)
    store = ShardStore(uuid.uuid4().hex, max_shard_mb)
    shards = ShardSet(lay_out(rows.withColumn("slot", slot_of(cuts)), workers, store), store)
    logger.info(shards.sentence())
    return shards, plan


def lay_out(rows: DataFrame, num_workers: int, store: ShardStore) -> DataFrame:
    """Send each row to its worker's partition and write the partition as a shard.

    Args:
        rows: Columns `slot` (see `layout.cut_runs`), `place`, `tie`, `label`, `features`.
        num_workers: Number of workers W; worker w's shard is partition w.
        store: Where the files go.

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
    return ordered.drop("place", "tie").mapInArrow(store.write, HANDLE_SCHEMA)
