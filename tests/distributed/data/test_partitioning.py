import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from pyspark.sql import DataFrame
from pyspark.sql import functions as sf

from bank_spark_dl.distributed.data.partitioning import (
    RowColumns,
    count_runs,
    cut_runs,
    hashed_rows,
    slot_of,
    slot_sizes,
)

COLUMNS = RowColumns("features", "label", "row_id")


def expected_held_back(rows: int, validation_split: float) -> int:
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
    runs = np.array(counts)
    cuts = cut_runs(runs, num_workers, validation_split)
    sizes = slot_sizes({0: runs}, {0: cuts})
    assert len(sizes) == 2 * num_workers
    assert cuts == sorted(cuts)
    assert sum(sizes) == runs.sum()
    held_back = expected_held_back(int(runs.sum()), validation_split)
    assert abs(sum(sizes[:num_workers]) - held_back) <= runs.max()
    for part in (sizes[:num_workers], sizes[num_workers:]):
        assert max(part) - min(part) <= 2 * runs.max() + 1


@given(counts=st.lists(st.integers(0, 3), min_size=1, max_size=100), num_workers=st.integers(1, 5))
def test_validation_rows_do_not_depend_on_workers(counts: list[int], num_workers: int) -> None:
    runs = np.array(counts)
    assert cut_runs(runs, num_workers, 0.2)[num_workers - 1] == cut_runs(runs, 1, 0.2)[0]


@given(
    counts=st.lists(st.integers(0, 3), min_size=2, max_size=100),
    num_workers=st.integers(1, 5),
    validation_split=st.floats(0.001, 0.999),
)
def test_both_parts_get_a_row_if_there_are_two(
    counts: list[int], num_workers: int, validation_split: float
) -> None:
    runs = np.array(counts)
    cuts = cut_runs(runs, num_workers, validation_split)
    sizes = slot_sizes({0: runs}, {0: cuts})
    assert cuts == sorted(cuts)
    if np.count_nonzero(runs) > 1:
        assert sum(sizes[:num_workers]) > 0
        assert sum(sizes[num_workers:]) > 0
    if runs.sum() == 1:
        assert sum(sizes[num_workers:]) == 1


def test_slots_do_not_depend_on_partitioning(frame: DataFrame) -> None:
    def slots(rows: DataFrame) -> dict[int, int]:
        hashed = hashed_rows(rows, COLUMNS, 1)
        cuts = {label: cut_runs(runs, 3, 0.1) for label, runs in count_runs(hashed).items()}
        chosen = hashed.select("tie", slot_of(cuts).alias("slot"))
        return {row["tie"]: row["slot"] for row in chosen.collect()}

    assert slots(frame) == slots(frame.orderBy(sf.rand(3)).repartition(5))


def test_sizes_are_those_of_the_rows(frame: DataFrame) -> None:
    hashed = hashed_rows(frame, COLUMNS, 1)
    counts = count_runs(hashed)
    cuts = {label: cut_runs(runs, 3, 0.1) for label, runs in counts.items()}
    rows = hashed.select(slot_of(cuts).alias("slot")).groupBy("slot").count().collect()
    assert {row["slot"]: row["count"] for row in rows} == dict(enumerate(slot_sizes(counts, cuts)))
