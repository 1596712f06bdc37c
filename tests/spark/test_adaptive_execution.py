from pyspark.sql import SparkSession

from bank_spark_dl.spark.adaptive_execution import one_job_per_action

SETTING = "spark.sql.adaptive.enabled"


def test_it_is_switched_on_again_when_the_last_of_overlapping_blocks_ends(
    spark: SparkSession,
) -> None:
    before = spark.conf.get(SETTING)
    spark.conf.set(SETTING, "true")
    try:
        first, second = one_job_per_action(spark), one_job_per_action(spark)
        first.__enter__()
        second.__enter__()
        assert spark.conf.get(SETTING) == "false"
        first.__exit__(None, None, None)
        assert spark.conf.get(SETTING) == "false"
        second.__exit__(None, None, None)
        assert spark.conf.get(SETTING) == "true"
    finally:
        spark.conf.set(SETTING, before)
