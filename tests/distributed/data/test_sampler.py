from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bank_spark_dl.distributed.data.plan import TrainingPlan
from bank_spark_dl.distributed.data.sampler import (
    BLOCK_ROWS,
    SCORED_ROWS,
    EpochOrder,
    rows_in_round,
    scoring_chunks,
    steps_before,
    training_chunks,
)
from bank_spark_dl.distributed.data.shards import Shard, shard_block

WIDTH = 2


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A shard's file whose row n holds 2n and 2n + 1."""
    path = tmp_path_factory.mktemp("shard") / "0.float32"
    np.arange(WIDTH * 3 * BLOCK_ROWS, dtype="<f4").tofile(path)
    return path


def numbers(rows: np.ndarray) -> list[int]:
    """Which rows of the file these are; each must be whole."""
    assert (rows[:, 1] - rows[:, 0] == 1).all()
    return (rows[:, 0] / WIDTH).astype(int).tolist()


@given(
    rows=st.integers(1, 300),
    batch_size=st.integers(1, 50),
    steps_per_round=st.integers(1, 20),
    rounds_per_epoch=st.integers(1, 8),
    worker=st.integers(0, 5),
    block_rows=st.integers(1, 120),
    mapped=st.booleans(),
)
def test_an_epochs_rounds_hold_each_row_once(
    path: Path,
    rows: int,
    batch_size: int,
    steps_per_round: int,
    rounds_per_epoch: int,
    worker: int,
    block_rows: int,
    mapped: bool,
) -> None:
    steps = -(-rows // batch_size)
    rounds = max(rounds_per_epoch, -(-steps // steps_per_round))
    plan = TrainingPlan((rows,), (), (rows, 0), steps_per_round, rounds, rounds, steps)
    shard = Shard(path, 3 * BLOCK_ROWS, WIDTH, mapped)
    order = EpochOrder(rows, 3, 0, worker, block_rows)
    read, done = [], []
    for number in range(rounds):
        positions = rows_in_round(rows, number, plan, batch_size)
        chunks = list(training_chunks(shard, order, positions, batch_size))
        assert all(len(chunk) % batch_size == 0 for chunk in chunks[:-1])
        assert sum(map(len, chunks)) == len(positions)
        assert steps_before(rows, number, plan, batch_size) == sum(done)
        read += [row for chunk in chunks for row in numbers(chunk)]
        done.append(-(-len(positions) // batch_size))
    assert sorted(read) == list(range(rows))
    assert steps_before(rows, rounds, plan, batch_size) == steps


def shuffled(path: Path, *, mapped: bool, rows: int, **order: int) -> list[int]:
    shard = Shard(path, 3 * BLOCK_ROWS, WIDTH, mapped)
    chunks = training_chunks(shard, EpochOrder(rows, **order), range(rows), 64)
    return [row for chunk in chunks for row in numbers(chunk)]


def test_rows_read_in_blocks_are_those_that_are_mapped(path: Path) -> None:
    order = {"rows": 150_000, "seed": 5, "epoch": 2, "worker": 1}
    assert shuffled(path, mapped=False, **order) == shuffled(path, mapped=True, **order)


def test_the_blocks_of_an_epoch_come_in_a_drawn_order(path: Path) -> None:
    rows = 3 * BLOCK_ROWS
    firsts = {
        shuffled(path, mapped=True, rows=rows, seed=5, epoch=epoch, worker=0)[0] // BLOCK_ROWS
        for epoch in range(12)
    }
    assert firsts == {0, 1, 2}


def test_a_shard_of_one_block_is_shuffled_as_a_whole(path: Path) -> None:
    """The order that earlier versions drew: their results stay."""
    stream = np.random.Philox(np.random.SeedSequence([5, 2, 1]))
    expected = np.random.Generator(stream).permutation(1000).tolist()
    assert shuffled(path, mapped=True, rows=1000, seed=5, epoch=2, worker=1) == expected


def test_no_more_than_a_block_is_held(path: Path) -> None:
    shuffled(path, mapped=False, rows=3 * BLOCK_ROWS, seed=1, epoch=0, worker=0)
    shard = Shard(path, 3 * BLOCK_ROWS, WIDTH, mapped=False)
    assert shard.read(0, BLOCK_ROWS).base.nbytes == BLOCK_ROWS * WIDTH * 4
    assert shard_block.cache_info().currsize == 1


@pytest.mark.parametrize("mapped", [True, False])
def test_scored_rows_come_in_their_own_order(path: Path, mapped: bool) -> None:
    shard = Shard(path, 3 * BLOCK_ROWS, WIDTH, mapped)
    chunks = list(scoring_chunks(shard, 100, 100 + 2 * SCORED_ROWS + 7))
    assert [len(chunk) for chunk in chunks] == [SCORED_ROWS, SCORED_ROWS, 7]
    read = [row for chunk in chunks for row in numbers(chunk)]
    assert read == list(range(100, 100 + 2 * SCORED_ROWS + 7))
