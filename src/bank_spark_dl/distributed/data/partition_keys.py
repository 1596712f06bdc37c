"""Find keys that Spark's hash partitioning sends to a chosen partition.

Spark 4.0 has no way to name the partition of a row: `repartition(n, column)` sends it to
`pmod(hash(column), n)`. So the column's values are chosen by their hash.
"""

_MASK = 0xFFFFFFFF
_SPARK_SEED = 42


def partition_keys(num_partitions: int) -> list[int]:
    """Find for each partition an integer that lands there.

    Args:
        num_partitions: Number of partitions n.

    Returns:
        At index p the smallest k of 0 or more such that a row repartitioned into n partitions by
        the int k lands in partition p.
    """
    keys: dict[int, int] = {}
    candidate = 0
    while len(keys) < num_partitions:
        keys.setdefault(spark_hash(candidate) % num_partitions, candidate)
        candidate += 1
    return [keys[partition] for partition in range(num_partitions)]


def spark_hash(value: int) -> int:
    """Compute Spark SQL's `hash` of an int: MurmurHash3 (x86, 32 bits) with seed 42.

    Args:
        value: 0 to 2**31 - 1.

    Returns:
        The hash as a signed 32-bit number.
    """
    block = _rotate(value * 0xCC9E2D51 & _MASK, 15) * 0x1B873593 & _MASK
    state = _rotate(_SPARK_SEED ^ block, 13) * 5 + 0xE6546B64 & _MASK
    state ^= 4  # the length of an int in bytes
    state = (state ^ state >> 16) * 0x85EBCA6B & _MASK
    state = (state ^ state >> 13) * 0xC2B2AE35 & _MASK
    state ^= state >> 16
    return state - (1 << 32) if state >> 31 else state


def _rotate(number: int, bits: int) -> int:
    """Rotate 32 bits to the left."""
    return (number << bits | number >> 32 - bits) & _MASK
