"""A row that cannot be trained on: found where shards are written, said on the driver.

Ids do not travel to workers. A row is known there by its place, the hash of its id; the driver
looks its id up when something is wrong.
"""

from collections.abc import Iterable

from pyspark.sql import DataFrame
from pyspark.sql import functions as sf

from bank_spark_dl.distributed.data.frame_columns import feature_names, features_field
from bank_spark_dl.distributed.data.partitioning import RowColumns, place_of
from bank_spark_dl.distributed.data.row_check import problem_sentence, row_named
from bank_spark_dl.distributed.data.shards import ShardHandle
from bank_spark_dl.errors import InputDataError
from bank_spark_dl.spark.sql import quoted


def require_sound_rows(
    handles: Iterable[ShardHandle], frame: DataFrame, columns: RowColumns, seed: int, inputs: int
) -> None:
    """Refuse rows that the network cannot take.

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
    faulty = next((handle for handle in handles if handle.problem), None)
    if faulty is None:
        return
    row = row_named(columns.row_id, [sf.col(quoted(columns.row_id))])
    names = feature_names(features_field(frame, columns.features))
    said = problem_sentence(sf.lit(faulty.problem), row, columns.features, inputs, names)
    here = place_of(columns.row_id, seed) == sf.lit(faulty.place)
    found = frame.where(here).select(said).head()
    if found is None:
        raise InputDataError("The rows changed while they were laid out: cache them, then fit.")
    all_rows = " If all rows are so, begin the network with keras.Input((NUMBER,))."
    raise InputDataError(found[0] + (all_rows if "of width" in found[0] else ""))
