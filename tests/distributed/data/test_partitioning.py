import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from pyspark.sql import DataFrame
from pyspark.sql import functions as sf

from bank_spark_dl.distributed.data.counts import count_rows
from bank_spark_dl.distributed.data.partitioning import (
    TrainingColumns,
    cut_buckets,
    hashed_rows,
    part_of,
    part_sizes,
    strata_of,
)

COLUMNS = TrainingColumns("features", "label", "row_id")
STRATA = strata_of(2, marked=False)


def expected_held_out(rows: int, validation_split: float) -> int:
    """The share, but where rows are held back, one on each side at least."""
    if rows < 2 or validation_split == 0:
        return 0
    return min(max(round(rows * validation_split), 1), rows - 1)


@settings(max_examples=200, deadline=None)
@given(
    counts=st.lists(st.integers(0, 3), min_size=1, max_size=400),
    num_workers=st.integers(1, 9),
    validation_split=st.floats(0, 0.9),
)
def test_cuts_share_rows_evenly(
    counts: list[int], num_workers: int, validation_split: float
) -> None:
    buckets = np.array(counts)
    cuts = cut_buckets(buckets, num_workers, validation_split)
    sizes = part_sizes(buckets, cuts).tolist()
    assert len(sizes) == 2 * num_workers
    assert cuts == sorted(cuts)
    assert sum(sizes) == buckets.sum()
    held_out = expected_held_out(int(buckets.sum()), validation_split)
    assert abs(sum(sizes[:num_workers]) - held_out) <= buckets.max()
    for sizes_of_kind in (sizes[:num_workers], sizes[num_workers:]):
        assert max(sizes_of_kind) - min(sizes_of_kind) <= 2 * buckets.max() + 1


@given(counts=st.lists(st.integers(0, 3), min_size=1, max_size=100), num_workers=st.integers(1, 5))
def test_validation_rows_do_not_depend_on_workers(counts: list[int], num_workers: int) -> None:
    buckets = np.array(counts)
    assert (
        cut_buckets(buckets, num_workers, 0.2)[num_workers - 1] == cut_buckets(buckets, 1, 0.2)[0]
    )


@given(
    counts=st.lists(st.integers(0, 3), min_size=2, max_size=100),
    num_workers=st.integers(1, 5),
    validation_split=st.floats(0.001, 0.999),
)
def test_both_parts_get_a_row_if_there_are_two(
    counts: list[int], num_workers: int, validation_split: float
) -> None:
    buckets = np.array(counts)
    cuts = cut_buckets(buckets, num_workers, validation_split)
    sizes = part_sizes(buckets, cuts).tolist()
    assert cuts == sorted(cuts)
    if np.count_nonzero(buckets) > 1:
        assert sum(sizes[:num_workers]) > 0
        assert sum(sizes[num_workers:]) > 0
    if buckets.sum() == 1:
        assert sum(sizes[num_workers:]) == 1


def test_parts_do_not_depend_on_partitioning(frame: DataFrame) -> None:
    def parts(rows: DataFrame) -> dict[int, int]:
        hashed = hashed_rows(rows, COLUMNS, 1)
        counts = count_rows(hashed, STRATA, 2)
        cuts = {label: cut_buckets(buckets, 3, 0.1) for label, buckets in counts.rows.items()}
        chosen = hashed.select("tie_breaker", part_of(hashed, cuts, STRATA).alias("part"))
        return {row["tie_breaker"]: row["part"] for row in chosen.collect()}

    assert parts(frame) == parts(frame.orderBy(sf.rand(3)).repartition(5))


def test_sizes_are_those_of_the_rows(frame: DataFrame) -> None:
    hashed = hashed_rows(frame, COLUMNS, 1)
    counts = count_rows(hashed, STRATA, 2).rows
    cuts = {label: cut_buckets(buckets, 3, 0.1) for label, buckets in counts.items()}
    part = part_of(hashed, cuts, STRATA).alias("part")
    rows = hashed.select(part).groupBy("part").count().collect()
    sizes = sum(part_sizes(counts[label], cuts[label]) for label in (0, 1))
    assert {row["part"]: row["count"] for row in rows} == dict(enumerate(sizes))
