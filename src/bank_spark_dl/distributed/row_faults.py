"""A row that cannot be trained on: found where shards are written, said on the driver.

Ids do not travel to workers. A row is known there by its place, the hash of its id; the driver
looks its id up when something is wrong.
"""

from collections.abc import Iterable

from pyspark.sql import DataFrame
from pyspark.sql import functions as sf

from bank_spark_dl.distributed.frame_columns import feature_names, features_field, named
from bank_spark_dl.distributed.layout import RowColumns, place_of
from bank_spark_dl.distributed.row_problems import (
    _KINDS,
    NO_FEATURES,
    NO_NUMBER,
    WRONG_WIDTH,
)
from bank_spark_dl.distributed.shards import ShardHandle
from bank_spark_dl.errors import InputDataError


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
    here = place_of(columns.row_id, seed) == sf.lit(faulty.place)
    found = frame.where(here).select(named(columns.row_id)).head()
    what = _what(faulty.problem, inputs, feature_names(features_field(frame, columns.features)))
    raise InputDataError(
        f"The row whose {columns.row_id} is {found[0] if found else None!r}: the column "
        f"{columns.features!r} {what}"
    )


def _what(problem: int, inputs: int, names: list[str]) -> str:
    detail, kind = divmod(problem, _KINDS)
    if kind == WRONG_WIDTH:
        return (
            f"holds {detail} numbers, and the network takes {inputs}. Correct the row, or, if all "
            f"rows are so, begin the network with keras.Input(({detail},))."
        )
    if kind == NO_FEATURES:
        return "is empty. Fill it, or leave the row out."
    place = f"in place {detail}" + (f" ({names[detail - 1]})" if names else "")
    if kind == NO_NUMBER:
        return f"holds null or NaN {place}. Correct the row, or leave it out."
    return (
        f"holds infinity, or more than the 3.4e38 that float32 holds, {place}. Correct the row, or "
        "leave it out."
    )
