"""Check the parameters of a run."""

from collections.abc import Mapping
from typing import Any

from kedro.framework.context import KedroContext
from kedro.framework.hooks import hook_impl

from bank_spark_dl.parameters import check_parameters
from bank_spark_dl.parameters.run_options import refuse_threads


class ParameterHooks:
    """Check all parameters before anything else is built, and how nodes are to run."""

    @hook_impl
    def after_context_created(self, context: KedroContext) -> None:
        """Refuse unknown, missing and wrong parameters in one message."""
        check_parameters(context.config_loader["parameters"])

    @hook_impl(tryfirst=True)
    def before_pipeline_run(self, run_params: Mapping[str, Any]) -> None:
        """Refuse runners that would let nodes change the session's settings at the same time."""
        refuse_threads(str(run_params.get("runner")))
