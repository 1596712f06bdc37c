"""Choose the trials of a batch by Optuna, and describe all trials to it."""

import json
import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
import optuna
from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)
from optuna.importance import PedAnovaImportanceEvaluator, get_param_importances
from optuna.samplers import BaseSampler
from optuna.trial import FrozenTrial, TrialState, create_trial

from bank_spark_dl.errors import ParameterError
from bank_spark_dl.parameters import ChoiceOptions, RangeOptions, SamplerOptions, TuningOptions
from bank_spark_dl.pipelines.tuning.results import GREATER_IS_BETTER, Trial
from bank_spark_dl.pipelines.tuning.settings import Settings

_STATES = {"complete": TrialState.COMPLETE, "pruned": TrialState.PRUNED, "failed": TrialState.FAIL}

optuna.logging.set_verbosity(optuna.logging.WARNING)
warnings.filterwarnings("ignore", category=optuna.exceptions.ExperimentalWarning)


def ask_batch(
    earlier: Sequence[Trial],
    number: int,
    size: int,
    settings: Settings,
    options: TuningOptions,
    objective: str,
) -> list[dict[str, Any]]:
    """Choose the trials of a batch; they follow from the arguments.

    Args:
        earlier: The trials of all batches before, in order.
        number: Of the batch.
        size: Trials to choose.
        settings: Those that the search starts with.
        options: Sampler, seed and space.
        objective: Figure that is sought.

    Returns:
        For each trial values by parameter.
    """
    (seed,) = np.random.SeedSequence([options.seed, number]).generate_state(1)
    study = _empty_study(objective, make_sampler(options.sampler, int(seed)))
    for trial in earlier:
        if (frozen := _frozen(trial, options)) is not None:
            study.add_trial(frozen)
    return [_suggest(study.ask(), settings, options) for _ in range(size)]


def make_sampler(options: SamplerOptions, seed: int) -> BaseSampler:
    """Make one of Optuna's samplers.

    Raises:
        ParameterError: There is no such sampler, or it does not take the arguments.
    """
    kind = getattr(optuna.samplers, options.name, None)
    if not isinstance(kind, type) or not issubclass(kind, BaseSampler):
        names = [name for name in optuna.samplers.__all__ if name.endswith("Sampler")]
        known = ", ".join(name for name in names if not name.startswith("Base"))
        raise ParameterError(
            f"tuning.sampler.name is {options.name!r}: it should be one of {known}."
        )
    arguments: dict[str, Any] = {"seed": seed} | (options.model_extra or {})
    try:
        return kind(**arguments)
    except (TypeError, ValueError, ImportError) as error:
        raise ParameterError(f"tuning.sampler: {options.name} says: {error}.") from error


def study_of(trials: Sequence[Trial], options: TuningOptions, objective: str) -> optuna.Study:
    """Return Optuna's view of trials, for its plots: as they were after the first rung.

    All trials have been trained so far, with as many epochs.

    Args:
        trials: Those of a search.
        options: Its space.
        objective: Figure that is sought.
    """
    study = _empty_study(objective)
    for trial in trials:
        frozen = None if trial.state == "failed" else _frozen(trial, options)
        if frozen is not None:
            frozen.state = TrialState.COMPLETE
            frozen.value = trial.rungs[min(trial.rungs)]
            study.add_trial(frozen)
    return study


def parameter_importance(study: optuna.Study) -> dict[str, float]:
    """Return the share of the objective's variation that each parameter explains (PED-ANOVA).

    Args:
        study: Its trials, as `study_of` describes them.

    Returns:
        By name, the most important first; empty where there are too few trials, or where all
        trials are equally good.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)  # Optuna warns of too few trials
        try:
            return get_param_importances(study, evaluator=PedAnovaImportanceEvaluator())
        except (RuntimeError, UserWarning, ValueError):
            return {}


def label(choice: Any) -> str | int | float | bool | None:
    """Return a choice as Optuna takes it: lists and mappings are JSON."""
    if choice is None or isinstance(choice, str | int | float | bool):
        return choice
    return json.dumps(choice)


def _empty_study(objective: str, sampler: BaseSampler | None = None) -> optuna.Study:
    return optuna.create_study(
        sampler=sampler, direction="maximize" if objective in GREATER_IS_BETTER else "minimize"
    )


def _suggest(trial: optuna.Trial, settings: Settings, options: TuningOptions) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name, entry in options.searched().items():
        if settings.meet(entry.when, values):
            values[name] = _suggest_value(trial, name, entry)
    return values


def _suggest_value(trial: optuna.Trial, name: str, entry: RangeOptions | ChoiceOptions) -> Any:
    match _distribution(entry):
        case CategoricalDistribution(choices=labels):
            assert isinstance(entry, ChoiceOptions)
            return entry.choices[labels.index(trial.suggest_categorical(name, labels))]
        case IntDistribution() as whole:
            return trial.suggest_int(name, whole.low, whole.high, step=whole.step, log=whole.log)
        case FloatDistribution() as real:
            value = trial.suggest_float(name, real.low, real.high, step=real.step, log=real.log)
            return round(value, 12) if real.step else value  # 0.35, not 0.35000000000000003


def _distribution(entry: RangeOptions | ChoiceOptions) -> BaseDistribution:
    if isinstance(entry, ChoiceOptions):
        return CategoricalDistribution([label(choice) for choice in entry.choices])
    if entry.is_whole:
        return IntDistribution(int(entry.low), int(entry.high), entry.log, int(entry.step or 1))
    return FloatDistribution(entry.low, entry.high, entry.log, entry.step)


def _frozen(trial: Trial, options: TuningOptions) -> FrozenTrial | None:
    """Return a trial as Optuna stores it; None where a value lies outside of the space."""
    space = options.searched()
    complete = trial.state == "complete"
    try:
        return create_trial(
            state=_STATES[trial.state],
            value=trial.rungs[trial.epochs] if complete else None,
            params={name: label(value) for name, value in trial.parameters.items()},
            distributions={name: _distribution(space[name]) for name in trial.parameters},
            intermediate_values=trial.rungs,
        )
    except ValueError:
        return None
