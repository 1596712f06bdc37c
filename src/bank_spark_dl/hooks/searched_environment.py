"""Write the environment that a search has found."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from kedro.framework.context import KedroContext
from kedro.framework.hooks import hook_impl
from kedro.pipeline import Pipeline

from bank_spark_dl.errors import ParameterError
from bank_spark_dl.messages.terminal import print_block
from bank_spark_dl.parameters import check_parameters
from bank_spark_dl.parameters.dotted_names import flattened
from bank_spark_dl.parameters.searched_environment import SUFFIX, check_free, write_searched
from bank_spark_dl.parameters.tuning import SEARCHED

FOUND = "tuning"
"""The dataset that holds the best settings."""
BASE = "base"


class SearchedEnvironmentHooks:
    """Write conf/<environment>_searched when the pipeline tuning has ended."""

    @hook_impl
    def after_context_created(self, context: KedroContext) -> None:
        """Keep what tells where configuration lies."""
        self._context = context

    @hook_impl
    def before_pipeline_run(self, pipeline: Pipeline) -> None:
        """Refuse a search whose environment cannot be written, before it begins.

        Raises:
            ParameterError: The environment is there already, or the configuration is no folder.
        """
        if FOUND not in pipeline.all_outputs():
            return
        if not self._source.is_dir():
            raise ParameterError(
                f"The pipeline tuning writes an environment, but the configuration {self._source} "
                "is no folder: name one with --conf-source."
            )
        check_free(self._folder, force=self._parameters.tuning.force)

    @hook_impl
    def after_dataset_saved(self, dataset_name: str, data: Any) -> None:
        """Write the environment."""
        if dataset_name != FOUND:
            return
        loader = self._context.config_loader
        values = _searched_only(flattened(loader.runtime_params or {}))
        if data.best.number:
            values |= data.best.parameters
        source = None if self._environment == BASE else self._source / self._environment
        write_searched(source, self._folder, loader["parameters"], values, data.verdict)
        name = self._folder.name
        told = f"{self._folder}: kedro run --env={name} uses them."
        print_block("The best settings are in", told)

    @property
    def _source(self) -> Path:
        return Path(self._context.config_loader.conf_source)

    @property
    def _environment(self) -> str:
        """The environment of the run; without one, base."""
        loader: Any = self._context.config_loader
        return BASE if loader.env in (None, loader.default_run_env) else str(loader.env)

    @property
    def _folder(self) -> Path:
        return self._source / f"{self._environment}{SUFFIX}"

    @property
    def _parameters(self) -> Any:
        return check_parameters(self._context.config_loader["parameters"])


def _searched_only(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values that belong to the settings, not to where or what the run was."""
    sections = ("data", *SEARCHED)
    return {name: value for name, value in values.items() if name.partition(".")[0] in sections}
