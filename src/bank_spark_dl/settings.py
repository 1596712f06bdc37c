"""Project settings for Kedro."""

from bank_spark_dl.hooks.locking import LockHooks
from bank_spark_dl.hooks.mlflow import MlflowHooks
from bank_spark_dl.hooks.parameters import ParameterHooks
from bank_spark_dl.hooks.path_overlap import OutputHooks
from bank_spark_dl.hooks.progress import ProgressHooks
from bank_spark_dl.hooks.run_record import RunRecordHooks
from bank_spark_dl.hooks.scoring import ScoringHooks
from bank_spark_dl.hooks.searched_environment import SearchedEnvironmentHooks
from bank_spark_dl.hooks.spark import SparkHooks
from bank_spark_dl.hooks.summary import ResultHooks

# Pluggy calls the last one first: what can refuse a run does so before Spark starts.
HOOKS = (
    ParameterHooks(),
    SparkHooks(),
    MlflowHooks(),
    ScoringHooks(),
    ProgressHooks(),
    ResultHooks(),
    SearchedEnvironmentHooks(),
    RunRecordHooks(),  # what it finds may not change afterwards
    LockHooks(),
    OutputHooks(),
)
# As its metadata spells it. MlflowHooks calls these hooks, where tracking is on.
DISABLE_HOOKS_FOR_PLUGINS = ("kedro_mlflow",)
CONFIG_LOADER_ARGS = {
    "base_env": "base",
    "default_run_env": "local",
    "config_patterns": {"mlflow": ["mlflow.yml"], "spark": ["spark*", "spark*/**"]},
    # An environment holds only what differs from base.
    "merge_strategy": {"globals": "soft", "mlflow": "soft", "parameters": "soft", "spark": "soft"},
}
