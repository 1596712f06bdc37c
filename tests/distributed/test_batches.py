import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from bank_spark_dl.distributed.batches import RoundPlan, chunks, round_order, steps_before


@given(
    rows=st.integers(1, 300),
    batch_size=st.integers(1, 50),
    steps_per_round=st.integers(1, 20),
    rounds_per_epoch=st.integers(1, 8),
    worker=st.integers(0, 5),
)
def test_an_epochs_rounds_hold_each_row_once(
    rows: int, batch_size: int, steps_per_round: int, rounds_per_epoch: int, worker: int
) -> None:
    steps = -(-rows // batch_size)
    rounds = max(rounds_per_epoch, -(-steps // steps_per_round))
    plan = RoundPlan(batch_size, steps_per_round, rounds, 3, 0.5, keep_optimizer_state=False)
    orders = [round_order(rows, worker, number, plan) for number in range(2 * rounds)]
    for epoch in (orders[:rounds], orders[rounds:]):
        assert sorted(np.concatenate(epoch)) == list(range(rows))
    done = [-(-len(order) // batch_size) for order in orders]
    assert [steps_before(rows, number, plan) for number in range(2 * rounds)] == [
        sum(done[:number]) for number in range(2 * rounds)
    ]


@given(rows=st.integers(0, 200), batch_size=st.integers(1, 40), most=st.integers(1, 100))
def test_pieces_join_to_the_ordered_rows(rows: int, batch_size: int, most: int) -> None:
    shard = np.arange(rows * 2, dtype=np.float32).reshape(rows, 2)
    order = np.random.default_rng(rows).permutation(rows)
    pieces = list(chunks(shard, order, batch_size, most))
    assert all(len(piece) <= max(most, batch_size) for piece in pieces)
    assert all(len(piece) % batch_size == 0 for piece in pieces[:-1])
    np.testing.assert_array_equal(np.concatenate([shard[:0], *pieces]), shard[order])
