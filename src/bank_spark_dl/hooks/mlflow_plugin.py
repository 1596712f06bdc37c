"""Find out whether a run is to be tracked, and set the plugin kedro-mlflow up for it."""

import os
import re
from importlib.util import find_spec
from typing import Any

from kedro.framework.context import KedroContext
from pydantic import ValidationError

from bank_spark_dl.errors import ParameterError, SurroundingsError
from bank_spark_dl.messages.diagnostics import CONFIGURATION_ERRORS

FILE = "mlflow.yml"
USER_IN_URI = re.compile(r"(?<=://)[^/@\s]*@")
# Unless the user's environment says otherwise.
VARIABLES = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "3",  # a quarter of a minute; MLflow's 7 take four
}


def is_on(loader: Any) -> bool:
    """Say whether a run's environment has a `mlflow.yml` of its own; that of base is a template.

    Args:
        loader: Kedro's OmegaConfigLoader.
    """
    env = loader.env or loader.default_run_env
    folder = loader._get_conf_env_path(env)  # also inside an archive of conf/
    return env != loader.base_env and bool(loader._fs.exists(f"{folder}/{FILE}"))


def set_up(context: KedroContext) -> Any:
    """Let the plugin read `mlflow.yml` and find or make the experiment.

    Returns:
        The plugin's hooks, to be called for each run of the context.

    Raises:
        ParameterError: The plugin is not installed, or it does not know a key or a value.
        SurroundingsError: MLflow's store cannot be used.
    """
    if find_spec("kedro_mlflow") is None:
        env = context.env or context.config_loader.default_run_env  # type: ignore[attr-defined]
        raise ParameterError(
            f"conf/{env}/{FILE} turns tracking on, but MLflow is not installed: install it with "
            "pip install '.[mlflow]', or remove the file."
        )
    for name, value in VARIABLES.items():
        os.environ.setdefault(name, value)
    from kedro_mlflow.framework.hooks.mlflow_hook import MlflowHook
    from mlflow.telemetry import set_telemetry_client

    set_telemetry_client()  # Kedro has imported MLflow before, to see what commands there are
    plugin = MlflowHook()
    try:
        plugin.after_context_created(context)
    except CONFIGURATION_ERRORS:
        raise
    except ValidationError as error:
        raise ParameterError(_wrong_settings(error)) from error
    except Exception as error:
        raise unusable(error) from error
    return plugin


def unusable(error: Exception) -> SurroundingsError:
    """Return the error for a store of MLflow that a run cannot be recorded in."""
    return SurroundingsError(
        f"The run cannot be tracked, because MLflow cannot use the store that {FILE} names: "
        f"{reason_of(error)}. Correct server.mlflow_tracking_uri, start the server, or remove "
        f"{FILE} from the environment."
    )


def reason_of(error: Exception) -> str:
    """Return the first line of an error's message, without the user and password of a URI."""
    return USER_IN_URI.sub("", str(error).partition("\n")[0])


def _wrong_settings(error: ValidationError) -> str:
    lines = []
    for detail in error.errors(include_url=False):
        key = ".".join(map(str, detail["loc"]))
        if detail["type"] == "extra_forbidden":
            lines.append(f"{key} is not a setting of kedro-mlflow: remove it.")
        else:
            allowed = detail["msg"].replace("Input should", "it should", 1)
            lines.append(f"{key} is {detail['input']!r}: {allowed}.")
    return f"Wrong settings in {FILE}, explained in conf/base/{FILE}: {' '.join(lines)}"
