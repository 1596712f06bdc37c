import hashlib
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bank_spark_dl.distributed.training.averaging import weighted_mean, weights_sha256
from bank_spark_dl.distributed.training.round_log import describe_round, worker_divergence
from bank_spark_dl.distributed.training.worker import RoundResult


@settings(deadline=None)
@given(
    rows=st.lists(st.integers(0, 10_000), min_size=1, max_size=8).filter(any),
    seed=st.integers(0, 2**32 - 1),
)
def test_mean_is_weighted_by_rows(rows: list[int], seed: int) -> None:
    generator = np.random.default_rng(seed)
    parts = [[generator.normal(size=(3, 2)).astype(np.float32)] for _ in rows]
    expected = np.average([part[0].astype(float) for part in parts], axis=0, weights=rows)
    merged = weighted_mean(parts, rows)[0]
    assert merged.dtype == np.float32
    np.testing.assert_allclose(merged, expected, rtol=1e-6, atol=1e-7)


def test_one_worker_is_kept_to_the_bit() -> None:
    weights = [np.random.default_rng(0).normal(size=100).astype(np.float32)]
    np.testing.assert_array_equal(weighted_mean([weights], [17])[0], weights[0])


def test_worker_without_rows_counts_for_nothing() -> None:
    merged = weighted_mean([[np.float32([1.0])], [np.float32([9.0])]], [5, 0])
    assert merged[0].tolist() == [1.0]


def test_step_counters_take_the_largest() -> None:
    assert weighted_mean([[np.array(3)], [np.array(4)]], [1, 1])[0] == 4


def test_divergence_of_opposite_steps() -> None:
    before = [np.zeros(2, np.float32)]
    after = [[np.float32([3.0, 0.0])], [np.float32([-1.0, 0.0])]]
    figures = worker_divergence(before, after, [np.float32([1.0, 0.0])])
    assert figures == [(3.0, pytest.approx(1.0)), (1.0, pytest.approx(-1.0))]


def test_large_arrays_are_averaged_in_pieces() -> None:
    """All at once, in float64, a table of embeddings would take many times its own memory."""
    random = np.random.default_rng(0)
    table = [random.normal(size=(100_001, 18)).astype(np.float32) for _ in range(3)]
    before, first, second = ([each, each[:, 0].copy(), np.float32([1, 2])] for each in table)
    tracemalloc.start()
    averaged = weighted_mean([first, second], [3, 1])
    moves = worker_divergence(before, [first, second], averaged)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1.1 * sum(array.nbytes for array in before) + 8 * 2**20
    for found, *parts in zip(averaged, first, second, strict=True):
        shares = [np.float32(0.75) * parts[0], np.float32(0.25) * parts[1]]
        np.testing.assert_array_equal(found, np.sum(shares, 0, np.float64).astype(np.float32))
    start, *ends, mean = (
        np.concatenate([array.ravel() for array in arrays]).astype(np.float64)
        for arrays in (before, first, second, averaged)
    )
    for (norm, cosine), end in zip(moves, ends, strict=True):
        assert norm == pytest.approx(np.linalg.norm(end - start), rel=1e-12)
        lengths = norm * np.linalg.norm(mean - start)
        assert cosine == pytest.approx((end - start) @ (mean - start) / lengths, rel=1e-9)


def test_hash_is_over_little_endian_floats_in_order() -> None:
    weights = [np.float32([[1.0, 2.0]]), np.float32([3.0])]
    expected = hashlib.sha256(np.array([1, 2, 3], "<f4").tobytes()).hexdigest()
    assert weights_sha256(weights) == expected


def test_a_worker_without_rows_has_no_part_in_a_rounds_figures() -> None:
    idle = RoundResult(0, None, 0, 0.0, 0, 0.1, [np.float32([1.0])], [], {})
    busy = RoundResult(1, None, 5, 5.0, 1, 0.1, [np.float32([2.0])], [], {"loss": 0.25, "acc": 0.5})
    entry = describe_round(3, 1, [idle, busy], [np.float32([1.0])], [np.float32([2.0])], 0.2)
    assert (entry.loss, entry.metrics) == (0.25, {"acc": 0.5})
    assert (entry.workers[0].loss, entry.workers[0].metrics) == (None, {})
