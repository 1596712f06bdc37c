"""Hand a DataFrame's rows as Arrow batches to functions of an RDD.

`DataFrame.mapInArrow` does that too, but its functions run in the pool of all Python workers; an
RDD's can run in the training pool. Two pools on an executor would wait for each other: Spark starts
one daemon after the other.
"""

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any, TypeVar

import pyarrow as pa
from pyspark import RDD
from pyspark.serializers import NoOpSerializer
from pyspark.sql import DataFrame
from pyspark.sql.pandas.types import to_arrow_schema

from bank_spark_dl.distributed.runtime.worker_pool import in_training_pool

T = TypeVar("T")
BatchTask = Callable[[Iterable[pa.RecordBatch]], Iterator[T]]


def map_batches(rows: DataFrame, task: BatchTask[T]) -> RDD[T]:
    """Return what a function makes of each partition's batches, in the training pool.

    Args:
        rows: With adaptive execution, Spark runs all but their last stage at once.
        task: Takes the batches of a partition, each of up to Spark's `maxRecordsPerBatch` rows. A
            task that is being cancelled may get fewer rows than there are.
    """
    messages: Any = rows._jdf.toArrowBatchRdd().toJavaRDD()
    batches: RDD[bytes] = RDD(messages, rows.sparkSession.sparkContext, NoOpSerializer())
    schema = to_arrow_schema(rows.schema)
    return in_training_pool(batches).mapPartitions(partial(_run, task, schema))


def _run(task: BatchTask[T], schema: pa.Schema, messages: Iterable[bytes]) -> Iterator[T]:
    return task(pa.ipc.read_record_batch(pa.py_buffer(one), schema) for one in messages)
