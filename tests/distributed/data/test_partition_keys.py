import pytest
from pyspark.sql import SparkSession
from pyspark.sql import functions as sf

from bank_spark_dl.distributed.data.partition_keys import partition_keys, spark_hash


def test_hash_is_sparks_own(spark: SparkSession) -> None:
    rows = spark.range(1000).select(sf.col("id").cast("int").alias("n")).select("n", sf.hash("n"))
    assert [spark_hash(n) for n in range(1000)] == [row[1] for row in rows.collect()]


@pytest.mark.parametrize("num_partitions", [1, 2, 3, 7, 32])
def test_each_key_lands_in_its_partition(spark: SparkSession, num_partitions: int) -> None:
    keys = partition_keys(num_partitions)
    frame = spark.createDataFrame([(p, key) for p, key in enumerate(keys)], "p int, key int")
    landed = frame.repartition(num_partitions, "key").select("p", sf.spark_partition_id())
    assert all(wanted == partition for wanted, partition in landed.collect())


def test_keys_are_those_of_earlier_versions() -> None:
    """So the rows of a worker arrive in the same partition."""
    assert partition_keys(7) == [12, 0, 1, 9, 3, 2, 11]
