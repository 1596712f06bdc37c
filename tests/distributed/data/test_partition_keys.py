import pytest
from pyspark.sql import SparkSession
from pyspark.sql import functions as sf

from bank_spark_dl.distributed.data.partition_keys import partition_keys


@pytest.mark.parametrize("num_partitions", [1, 2, 3, 7, 32])
def test_each_key_lands_in_its_partition(spark: SparkSession, num_partitions: int) -> None:
    keys = partition_keys(spark.sparkContext, num_partitions)
    frame = spark.createDataFrame([(p, key) for p, key in enumerate(keys)], "p int, key int")
    landed = frame.repartition(num_partitions, "key").select("p", sf.spark_partition_id())
    assert all(wanted == partition for wanted, partition in landed.collect())


def test_keys_are_those_of_earlier_versions(spark: SparkSession) -> None:
    """So the rows of a worker arrive in the same partition."""
    assert partition_keys(spark.sparkContext, 7) == [12, 0, 1, 9, 3, 2, 11]
