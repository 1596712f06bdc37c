"""Find keys that Spark's hash partitioning sends to a chosen partition.

Spark 4.0 has no way to name the partition of a row: `repartition(n, column)` sends it to
`pmod(hash(column), n)`. So the column's values are chosen by their hash.
"""

from pyspark import SparkContext

_SPARK_SEED = 42
"""Seed of Spark SQL's `hash`."""


def partition_keys(context: SparkContext, num_partitions: int) -> list[int]:
    """Find for each partition an integer that lands there.

    Args:
        context: Has the hash function.
        num_partitions: Number of partitions n.

    Returns:
        At index p the smallest k of 0 or more such that a row repartitioned into n partitions by
        the int k lands in partition p.
    """
    murmur = context._jvm.org.apache.spark.unsafe.hash.Murmur3_x86_32  # type: ignore[union-attr]
    keys: dict[int, int] = {}
    candidate = 0
    while len(keys) < num_partitions:
        keys.setdefault(murmur.hashInt(candidate, _SPARK_SEED) % num_partitions, candidate)
        candidate += 1
    return [keys[partition] for partition in range(num_partitions)]
