"""Write the environment that a search has found."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from kedro.config import OmegaConfigLoader
from kedro.framework.context import KedroContext
from kedro.framework.hooks import hook_impl
from kedro.framework.project import settings
from kedro.pipeline import Pipeline

from bank_spark_dl.errors import ParameterError
from bank_spark_dl.messages.terminal import print_block
from bank_spark_dl.parameters import check_parameters
from bank_spark_dl.parameters.dotted_names import EACH, flattened
from bank_spark_dl.parameters.searched_environment import SUFFIX, refuse_other, write_searched

FOUND = "tuning"
"""The dataset that holds the best settings."""
BASE = "base"
NOT_WRITTEN = ("data_root", "raw_filepath", "tuning.", "elephas.resume", "elephas.checkpoint_dir")
"""Parameters of a run that are not for later runs, or lie in globals.yml."""


class SearchedEnvironmentHooks:
    """Write conf/<environment>_searched when the pipeline tuning has ended."""

    @hook_impl
    def after_context_created(self, context: KedroContext) -> None:
        """Keep the parameters, and what tells where configuration lies."""
        self._loader: Any = context.config_loader
        self._parameters: dict[str, Any] = self._loader["parameters"]

    @hook_impl
    def before_pipeline_run(self, pipeline: Pipeline) -> None:
        """Refuse a search whose environment cannot be written, before it begins.

        Raises:
            ParameterError: The environment is there already, would not hold what is searched, or
                the configuration is no folder that can be written.
        """
        if FOUND in pipeline.all_outputs():
            self._write(self._present_values(), "", keep=False)

    @hook_impl
    def after_dataset_saved(self, dataset_name: str, data: Any) -> None:
        """Write the environment, also if the best settings are those of the start."""
        if dataset_name == FOUND:
            self._write(data.best.parameters if data.best.number else {}, data.verdict, keep=True)
            told = f"{self._folder}: kedro run --env={self._folder.name} uses them."
            print_block("The best settings are in", told)

    def _write(self, values: Mapping[str, Any], note: str, *, keep: bool) -> None:
        merged = self._parameters
        refuse_other(self._folder, force=merged["tuning"]["force"])
        given = flattened(self._loader.runtime_params or {})
        of_run = {name: v for name, v in given.items() if not name.startswith(NOT_WRITTEN)}
        source = self._source / (self._loader.env or self._loader.default_run_env)
        chosen = of_run | dict(values)
        try:
            write_searched(source, self._folder, merged, chosen, note, self._load, keep=keep)
        except OSError as error:
            raise ParameterError(
                f"The environment {self._folder} cannot be written: {error}. Name another folder "
                "of configuration with --conf-source."
            ) from error

    def _load(self, env: str) -> Mapping[str, Any]:
        """Return the parameters of an environment, once they are checked."""
        try:
            loader = OmegaConfigLoader(str(self._source), env=env, **settings.CONFIG_LOADER_ARGS)
            parameters: Mapping[str, Any] = loader["parameters"]
        finally:
            # A new loader takes over what `${globals:...}` means in all others.
            self._loader._register_globals_resolver()
            self._loader._register_runtime_params_resolver()
        check_parameters(parameters)
        return parameters

    def _present_values(self) -> dict[str, Any]:
        """Return the values of the parameters that will be searched, where it is one value."""
        from bank_spark_dl.pipelines.tuning.settings import Settings, check_space

        checked = check_parameters(self._parameters)
        present = Settings(checked.features, checked.model, checked.elephas)
        check_space(present, checked.tuning)
        names = [name for name, entry in checked.tuning.searched().items() if not entry.when]
        values = {present.real_name(name): present.value(name) for name in names}
        return {n: v for n, v in values.items() if EACH not in n or not isinstance(v, list)}

    @property
    def _source(self) -> Path:
        return Path(self._loader.conf_source)

    @property
    def _folder(self) -> Path:
        env = self._loader.env
        name = BASE if env in (None, self._loader.default_run_env) else env
        return self._source / f"{name}{SUFFIX}"
