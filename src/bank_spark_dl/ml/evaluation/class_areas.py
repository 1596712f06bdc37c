"""Areas under the ROC curves of many classes, one against the rest.

Every row states a probability for each class. Spark moves them as blocks of bytes, not as a row for
each, and NumPy puts those of a class in order, bin by bin: a bin fits into a task.
"""

from collections.abc import Iterator, Sequence
from functools import partial
from itertools import groupby
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from pyspark.sql.pandas.types import to_arrow_schema
from pyspark.sql.types import StructField, StructType

from bank_spark_dl.ml.column_names import LABEL_INDEX
from bank_spark_dl.ml.evaluation.metrics import sum_before

CLASS, BIN = "__class__", "__bin__"
EDGES: Final = 1 / (1 + np.exp(-np.arange(-16.0, 17.0, 2.0)))
"""Of the bins, equally spaced in log odds: most probabilities of many classes are near 0."""
BINS: Final = len(EDGES) + 1
ROWS: Final = 1000
"""Rows whose probabilities are put into blocks at a time."""

Batches = Iterator[pa.RecordBatch]
Floats = npt.NDArray[np.float64]


def ordered_pairs(predictions: DataFrame, by: Sequence[str]) -> DataFrame:
    """Count for each class the pairs of a row of it and another row that are in the right order.

    Args:
        predictions: `label_index` and `probability` (array of one probability a class).
        by: Columns whose values tell sets of predictions apart.

    Returns:
        These columns, CLASS and `pairs`, in which ties count half.
    """
    within = [*by, CLASS]
    stated = predictions.select(*by, LABEL_INDEX, "probability")
    keys = [stated.schema[name] for name in by]
    blocks = _schema(keys, "yes binary, no binary")
    counts = _schema(keys, "yes double, no double, pairs double")
    bins = (
        stated.mapInArrow(partial(_to_blocks, schema=to_arrow_schema(blocks)), blocks)
        .repartition(*within, BIN)
        .sortWithinPartitions(*within, BIN)
        .mapInArrow(partial(_count_pairs, schema=to_arrow_schema(counts)), counts)
    )
    pairs = F.col("pairs") + F.col("yes") * sum_before("no", within, BIN)
    return bins.withColumn("pairs", pairs).groupBy(*within).agg(F.sum("pairs").alias("pairs"))


def _schema(keys: list[StructField], values: str) -> StructType:
    more: Any = StructType.fromDDL(f"{CLASS} int, {BIN} int, {values}")
    return StructType([*keys, *more])


def _to_blocks(batches: Batches, schema: pa.Schema) -> Batches:
    """Collect the probabilities of each set, class and bin; a function for `mapInArrow`."""
    for batch in batches:
        for start in range(0, len(batch), ROWS):
            *by, labels, stated = batch.slice(start, ROWS).columns
            matrix = stated.flatten().to_numpy().reshape(len(stated), -1)
            sets = list(zip(*map(pa.Array.to_pylist, by), strict=True))
            found = []
            for key in dict.fromkeys(sets):
                chosen = np.fromiter((each == key for each in sets), bool, len(sets))
                blocks = _blocks(labels.to_numpy()[chosen], matrix[chosen])
                found += [(*key, *block) for block in blocks]
            yield _batch(found, schema)


def _blocks(labels: Floats, stated: Floats) -> Iterator[tuple[int, int, bytes, bytes]]:
    """Yield class, bin and the probabilities of rows of the class and of the others.

    Args:
        labels: (rows,).
        stated: (rows, classes).
    """
    classes = np.arange(stated.shape[1])
    place = classes * BINS + np.searchsorted(EDGES, stated, side="right")
    order = np.argsort(place.astype(np.uint16), axis=None, kind="stable")  # radix sort
    places = place.ravel()[order]
    starts = np.flatnonzero(np.diff(places, prepend=-1))
    own = labels[:, None] == classes
    parts = (np.split(each.ravel()[order], starts[1:]) for each in (stated, own))
    for first, values, yes in zip(places[starts], *parts, strict=True):
        yield *divmod(int(first), BINS), values[yes].tobytes(), values[~yes].tobytes()


def _count_pairs(batches: Batches, schema: pa.Schema) -> Batches:
    """Put the probabilities of each bin in order; a function for `mapInArrow`.

    Args:
        batches: Blocks, sorted by set, class and bin.
        schema: Of the answer.
    """
    rows = (row for batch in batches for row in zip(*map(pa.Array.to_pylist, batch), strict=True))
    found = []
    for key, blocks in groupby(rows, lambda row: row[:-2]):
        yes, no = (
            np.frombuffer(b"".join(part))
            for part in zip(*(block[-2:] for block in blocks), strict=True)
        )
        no = np.sort(no)
        below, up_to = (np.searchsorted(no, yes, side=side).sum() for side in ("left", "right"))
        found.append((*key, float(yes.size), float(no.size), (below + up_to) / 2))
    yield _batch(found, schema)


def _batch(rows: Sequence[tuple[Any, ...]], schema: pa.Schema) -> pa.RecordBatch:
    named = [dict(zip(schema.names, row, strict=True)) for row in rows]
    return pa.RecordBatch.from_pylist(named, schema)
