"""Shuffle a DataFrame's rows to the workers' disks."""

import logging
import uuid

import numpy as np
import numpy.typing as npt
from pyspark.sql import DataFrame
from pyspark.sql import functions as sf

from bank_spark_dl.distributed.config import TrainingConfig
from bank_spark_dl.distributed.data.arrow_rdd import map_batches
from bank_spark_dl.distributed.data.count_check import (
    require_ids,
    require_training_rows,
    require_validation_rows,
)
from bank_spark_dl.distributed.data.counts import (
    NumberLabel,
    RowCounts,
    count_rows,
    measure_label,
)
from bank_spark_dl.distributed.data.invalid_rows import require_counted_rows, require_valid_rows
from bank_spark_dl.distributed.data.label_check import require_counts, require_labels
from bank_spark_dl.distributed.data.partition_keys import partition_keys
from bank_spark_dl.distributed.data.partitioning import (
    TrainingColumns,
    cut_buckets,
    cut_marked_buckets,
    hashed_rows,
    part_of,
    part_sizes,
    strata_of,
)
from bank_spark_dl.distributed.data.plan import (
    TrainingPlan,
    make_plan,
    require_worker_rows,
    warn_of_waiting_workers,
)
from bank_spark_dl.distributed.data.shard_set import ShardSet
from bank_spark_dl.distributed.data.shard_writer import ShardWriter
from bank_spark_dl.distributed.data.shards import ShardStore

logger = logging.getLogger(__name__)


def shuffle_rows(
    frame: DataFrame,
    columns: TrainingColumns,
    config: TrainingConfig,
    inputs: int,
) -> tuple[ShardSet, TrainingPlan]:
    """Plan what each worker does, then write its shard.

    Args:
        frame: Rows to train on.
        columns: Names of their columns.
        config: The training's configuration.
        inputs: Numbers that the network takes.

    Returns:
        The shards, one for each worker, and the plan.

    Raises:
        ParameterError: The labels, the ids or the plan cannot work, see `label_check`,
            `count_check` and `plan.make_plan`.
        InputDataError: A row's features cannot be trained on, or the rows changed between counting
            and writing them, see `invalid_rows`.
    """
    rows = hashed_rows(frame, columns, config.seed)
    classes = config.network.classes
    strata = strata_of(classes, marked=columns.validation is not None)
    counts = require_labels(frame, columns, count_rows(rows, strata, classes), classes)
    number = NumberLabel()
    if classes is None and counts.limits is not None:
        require_counts(columns, counts, config.network.loss)
        number = measure_label(rows, counts)
    plan, cuts = plan_parts(counts, columns, config, number)
    logger.info(plan.summary(config))
    workers = config.num_workers
    warn_of_waiting_workers(workers, frame.sparkSession.sparkContext.defaultParallelism)
    store = ShardStore(uuid.uuid4().hex, config.max_shard_mb)
    divided = rows.withColumn("part", part_of(rows, cuts, strata))
    if classes is None and config.standardize_label:
        standardized = (sf.col("label") - number.mean) / number.scale
        divided = divided.withColumn("label", standardized)
    rows_of = [t + v for t, v in zip(plan.training_rows, plan.validation_rows, strict=True)]
    writer = ShardWriter(store, inputs, rows_of, weighted=columns.weight is not None)
    shards = ShardSet(map_batches(repartition_rows(divided, workers), writer.write), store)
    try:
        require_valid_rows(shards.handles, frame, columns, config.seed, inputs)
        require_counted_rows(shards.handles, plan)
    except BaseException:
        shards.remove()
        raise
    logger.info(shards.summary())
    return shards, plan


def plan_parts(
    counts: RowCounts,
    columns: TrainingColumns,
    config: TrainingConfig,
    number: NumberLabel = NumberLabel(),  # noqa: B008  frozen
) -> tuple[TrainingPlan, dict[int, list[int]]]:
    """Decide which rows each worker gets, and refuse what cannot work.

    Args:
        counts: Rows by stratum and bucket of hashes.
        columns: Names of the columns, for messages.
        config: The training's configuration.
        number: Mean and standard deviation of labels that are numbers.

    Returns:
        The plan, and the cuts of each stratum's buckets, see `partitioning.cut_buckets`.
    """
    workers = config.num_workers
    require_worker_rows(sum(int(held.sum()) for held in counts.rows.values()), config)
    require_ids(columns, counts)
    cuts = {label: _cut(held, config) for label, held in counts.rows.items()}
    sizes = {label: part_sizes(held, cuts[label]) for label, held in counts.rows.items()}
    validation = {label: int(parts[:workers].sum()) for label, parts in sizes.items()}
    require_training_rows(validation, columns, counts)
    total = np.sum(list(sizes.values()), axis=0).tolist()
    plan = make_plan(total[workers:], total[:workers], counts.weights, config, number)
    require_validation_rows(validation, counts.rows, config)
    return plan, cuts


def _cut(counts: npt.NDArray[np.int64], config: TrainingConfig) -> list[int]:
    if config.validation_split is None:
        return cut_marked_buckets(counts, config.num_workers)
    return cut_buckets(counts, config.num_workers, config.validation_split)


def repartition_rows(rows: DataFrame, num_workers: int) -> DataFrame:
    """Send each row to its worker's partition, in the order of its shard.

    Args:
        rows: Columns `part` (see `partitioning.cut_buckets`), `row_hash`, `tie_breaker`, `label`,
            `features`; `weight` if rows have weights.
        num_workers: Number of workers W; worker w's shard is partition w.

    Returns:
        Columns `worker`, `validation`, `row_hash`, `label`, `features`; `weight` as above.
    """
    keys = partition_keys(num_workers)
    worker = (sf.col("part") % num_workers).cast("int")
    key = sf.element_at(sf.array(*map(sf.lit, keys)), worker + 1)
    weight = [name for name in rows.columns if name == "weight"]
    assigned = rows.select(
        worker.alias("worker"),
        (sf.col("part") < num_workers).alias("validation"),
        *("row_hash", "tie_breaker", "label", "features", *weight),
    )
    ordered = assigned.repartition(num_workers, key.alias("key")).sortWithinPartitions(
        "validation", "row_hash", "tie_breaker"
    )
    return ordered.drop("tie_breaker")
