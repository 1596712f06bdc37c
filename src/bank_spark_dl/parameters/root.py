"""Check all parameters at once, before anything else of a run starts."""

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any, Self, get_args

from pydantic import ValidationError, model_validator
from pydantic_core import ErrorDetails

from bank_spark_dl.errors import ParameterError
from bank_spark_dl.parameters.baselines import BaselineOptions
from bank_spark_dl.parameters.cross_validation import CrossValidationOptions
from bank_spark_dl.parameters.data import DataOptions
from bank_spark_dl.parameters.elephas import ElephasOptions
from bank_spark_dl.parameters.features import FeatureOptions
from bank_spark_dl.parameters.fields import Name, Section, Seed
from bank_spark_dl.parameters.model import ModelOptions
from bank_spark_dl.parameters.reporting import ReportingOptions
from bank_spark_dl.parameters.scoring import ScoringOptions
from bank_spark_dl.parameters.scoring_stream import ScoringStreamOptions
from bank_spark_dl.parameters.secrets import refuse_passwords
from bank_spark_dl.parameters.synthetic import SyntheticOptions
from bank_spark_dl.parameters.task_fit import misfit
from bank_spark_dl.parameters.tuning import TuningOptions
from bank_spark_dl.parameters.worker_sweep import WorkerSweepOptions

PIPELINES = {
    "baselines": "modeling",
    "cross_validation": "cross_validation",
    "reporting": "reporting",
    "scoring": "scoring",
    "scoring_stream": "scoring_stream",
    "synthetic": "synthetic_data",
    "tuning": "tuning",
    "worker_sweep": "worker_sweep",
}
"""The sections of `parameters_<pipeline>.yml`; all others are in `parameters.yml`."""
# Parameters of earlier versions, and where they are now.
MOVED = {"reporting.prior": "data.prior"} | {
    f"reporting.{key}": f"reporting.decision.{key}"
    for key in ("call_cost", "deposit_value", "budget", "bootstrap")
}


class Parameters(Section):
    """All parameters: the sections of `conf/<env>/parameters*.yml`.

    Attributes:
        raw_filepath: Path of the raw CSV.
        data_root: Folder of all results.
        seed: Seed of split, initial weights, shuffling and dropout, [0, 2147483648).
    """

    raw_filepath: Name
    data_root: Name
    seed: Seed
    data: DataOptions
    features: FeatureOptions
    model: ModelOptions
    elephas: ElephasOptions
    baselines: BaselineOptions
    cross_validation: CrossValidationOptions
    reporting: ReportingOptions
    scoring: ScoringOptions
    scoring_stream: ScoringStreamOptions
    tuning: TuningOptions
    worker_sweep: WorkerSweepOptions
    synthetic: SyntheticOptions

    @model_validator(mode="after")
    def _optimal_threshold_has_prices(self) -> Self:
        if self.elephas.threshold == "optimal" and self.reporting.decision is None:
            raise ValueError(
                "elephas.threshold is optimal, the most profitable one, but reporting.decision is "
                "null: give there what a call costs and brings, or set the threshold to a number"
            )
        return self

    @model_validator(mode="after")
    def _class_weights_name_two_classes(self) -> Self:
        weights = self.elephas.class_weights
        named = weights != "balanced" and weights.model_extra
        if named and self.data.columns.positive is not None:
            raise ValueError(
                f"elephas.class_weights names {', '.join(named)}, but there are two classes "
                "(data.columns.positive): give the weights of negative and positive"
            )
        return self

    @model_validator(mode="after")
    def _fits_the_task(self) -> Self:
        task, decision = self.data.task, self.reporting.decision
        if task != "auto":
            wrong = misfit(task, self.data.prior, self.model, self.elephas, decision)
            if wrong is not None:
                raise ValueError(wrong)
        return self


def check_parameters(raw: Mapping[str, Any]) -> Parameters:
    """Check all parameters at once.

    Args:
        raw: The parameters of base, those of the environment and `--params`, merged.

    Returns:
        The same values, typed and frozen.

    Raises:
        ParameterError: A key is unknown or missing, or a value is of another type or out of range.
            The message has a line for each: the value, and what is allowed. Or a URI holds a
            password.
    """
    refuse_passwords(raw)
    try:
        return Parameters.model_validate(dict(raw))
    except ValidationError as error:
        details = error.errors(include_url=False)
        files = ", ".join(dict.fromkeys(_file(detail) for detail in details))
        lines = "\n  ".join(_describe(detail) for detail in details)
        raise ParameterError(f"Wrong parameters, explained in {files}:\n  {lines}") from error


def _file(detail: ErrorDetails) -> str:
    pipeline = PIPELINES.get(str(next(iter(detail["loc"]), "")))
    return f"conf/base/parameters_{pipeline}.yml" if pipeline else "conf/base/parameters.yml"


def _describe(detail: ErrorDetails) -> str:
    # Pydantic adds the tried alternative of a union to the key.
    named = (str(part) for part in detail["loc"])
    key = ".".join(part for part in named if "[" not in part and part != "constrained-float")
    match detail["type"]:
        case "missing":
            return f"{key} is missing: add it."
        case "extra_forbidden" if key in MOVED:
            return f"{key} is now {MOVED[key]}: set it there."
        case "extra_forbidden":
            return f"{key} is not a parameter: {_suggestion(detail['loc'])}"
        case "value_error":
            return f"{key}: {detail['ctx']['error']}.".removeprefix(": ")
        case _:
            allowed = detail["msg"].replace("Input should", "it should", 1)
            return f"{key} is {detail['input']!r}: {allowed}."


def _suggestion(location: tuple[int | str, ...]) -> str:
    section: Any = Parameters
    for part in location[:-1]:
        if isinstance(part, str):  # a number is a position in a list of sections
            annotation = section.model_fields[part].annotation
            kinds = (annotation, *get_args(annotation))
            section = next((kind for kind in kinds if hasattr(kind, "model_fields")), None)
            if section is None:  # a mapping of free names
                return "leave it out."
    known = list(section.model_fields)
    close = get_close_matches(str(location[-1]), known, n=1)
    return f"did you mean {close[0]}?" if close else f"known here are {', '.join(known)}."
