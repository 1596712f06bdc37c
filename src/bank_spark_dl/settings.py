"""Project settings for Kedro."""

from bank_spark_dl.hooks import ParameterHooks, ProgressHooks, ResultHooks, SparkHooks
from bank_spark_dl.outputs import OutputHooks
from bank_spark_dl.run_record import RunRecordHooks

HOOKS = (
    ParameterHooks(),
    OutputHooks(),
    SparkHooks(),
    ProgressHooks(),
    RunRecordHooks(),
    ResultHooks(),
)
CONFIG_LOADER_ARGS = {
    "base_env": "base",
    "default_run_env": "local",
    "config_patterns": {"spark": ["spark*", "spark*/**"]},
    # An environment's parameters.yml holds only what differs from base.
    "merge_strategy": {"parameters": "soft", "spark": "soft"},
}
