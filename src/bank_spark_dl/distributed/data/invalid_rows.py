"""Refuse invalid rows: found where shards are written, reported on the driver.

Ids are not sent to workers. They know a row by the hash of its id; the driver looks the id up when
a row is invalid.
"""

from collections.abc import Iterable, Sequence

from pyspark.sql import DataFrame
from pyspark.sql import functions as sf

from bank_spark_dl.distributed.data.frame_columns import feature_names, features_field
from bank_spark_dl.distributed.data.partitioning import TrainingColumns, row_hash
from bank_spark_dl.distributed.data.plan import TrainingPlan
from bank_spark_dl.distributed.data.row_check import error_message, row_named
from bank_spark_dl.distributed.data.shards import ShardHandle
from bank_spark_dl.errors import InputDataError
from bank_spark_dl.spark.sql import quoted

_CHANGED = "The rows changed while they were read: persist them, then fit."


def require_valid_rows(
    handles: Iterable[ShardHandle],
    frame: DataFrame,
    columns: TrainingColumns,
    seed: int,
    inputs: int,
) -> None:
    """Refuse rows that the network cannot be trained on.

    Args:
        handles: Of all shards.
        frame: The rows.
        columns: Names of their columns.
        seed: Seed of the training.
        inputs: Numbers that the network takes.

    Raises:
        InputDataError: A row's features are null, too many or too few, or hold what is no number
            within float32.
    """
    invalid = next((handle for handle in handles if handle.row_error), None)
    if invalid is None:
        return
    row = row_named(columns.row_id, [sf.col(quoted(columns.row_id))])
    names = feature_names(features_field(frame, columns.features))
    message = error_message(sf.lit(invalid.row_error), row, columns.features, inputs, names)
    same_hash = row_hash(columns.row_id, seed) == sf.lit(invalid.row_hash)
    found = frame.where(same_hash).select(message).head()
    if found is None:
        raise InputDataError(_CHANGED)
    all_rows = " If all rows have this width, begin the network with keras.Input((NUMBER,))."
    raise InputDataError(found[0] + (all_rows if "of width" in found[0] else ""))


def require_counted_rows(handles: Sequence[ShardHandle], plan: TrainingPlan) -> None:
    """Refuse shards of more or fewer rows than were counted.

    Args:
        handles: Of all shards, in worker order.
        plan: Made from the counts.

    Raises:
        InputDataError: The rows differ from one reading to the next.
    """
    written = [(handle.training_rows, handle.validation_rows) for handle in handles]
    if written != list(zip(plan.training_rows, plan.validation_rows, strict=True)):
        raise InputDataError(_CHANGED)
