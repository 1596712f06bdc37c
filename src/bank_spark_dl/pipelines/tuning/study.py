"""Choose settings with Optuna, and describe trials to it."""

import json
import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Any

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
from bank_spark_dl.parameters import ChoiceOptions, RangeOptions, TuningOptions
from bank_spark_dl.pipelines.tuning.results import GREATER_IS_BETTER, Trial
from bank_spark_dl.pipelines.tuning.settings import Settings

_STATES = {"complete": TrialState.COMPLETE, "pruned": TrialState.PRUNED, "failed": TrialState.FAIL}

optuna.logging.set_verbosity(optuna.logging.WARNING)
warnings.filterwarnings("ignore", category=optuna.exceptions.ExperimentalWarning)


class Chooser:
    """Chooses the parameters of trials: the same ones for the same seed and the same answers."""

    def __init__(self, settings: Settings, options: TuningOptions, objective: str) -> None:
        """Make a study in memory.

        Args:
            settings: Those that the search starts with.
            options: Sampler, seed and space.
            objective: Figure that is sought.

        Raises:
            ParameterError: There is no such sampler.
        """
        self._settings, self._options = settings, options
        self._study = _empty_study(objective, _make_sampler(options))
        self._asked: dict[int, optuna.Trial] = {}

    def ask(self, number: int) -> dict[str, Any]:
        """Choose the values of a trial by parameter.

        Args:
            number: Of the trial.

        Raises:
            ParameterError: The sampler cannot choose values of this space.
        """
        try:
            trial = self._asked[number] = self._study.ask()
            return _suggest(trial, self._settings, self._options)
        except Exception as error:  # whatever a sampler raises
            name = self._options.sampler.name
            raise ParameterError(
                f"tuning.sampler: {name} cannot choose values of this space: {error}. Name "
                "another one, such as TPESampler."
            ) from error

    def tell(self, trial: Trial) -> None:
        """Tell how good a trial is; that of the start is told if its values lie in the space."""
        asked = self._asked.pop(trial.number, None)
        if asked is None:
            if (frozen := _frozen(trial, self._options)) is not None:
                self._study.add_trial(frozen)
            return
        for epochs, value in trial.rungs.items():
            asked.report(value, epochs)
        figure = trial.rungs[trial.epochs] if trial.state == "complete" else None
        self._study.tell(asked, figure, state=_STATES[trial.state])


def check_sampler(settings: Settings, options: TuningOptions) -> None:
    """Refuse a sampler that cannot search the space, before anything is trained.

    Raises:
        ParameterError: There is no such sampler, it does not take its arguments, or it fails.
    """
    chooser = Chooser(settings, options, "log_loss")
    for number in range(3):
        values = chooser.ask(number)
        chooser.tell(Trial(number, values, (), 1, {1: 0.5}, "complete"))


def study_of(trials: Sequence[Trial], options: TuningOptions, objective: str) -> optuna.Study:
    """Return Optuna's view of trials after the first rung, which every trial has reached.

    Args:
        trials: Those of a search; failed ones are left out.
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


def _make_sampler(options: TuningOptions) -> BaseSampler:
    """Make one of Optuna's samplers.

    Raises:
        ParameterError: There is no such sampler, or it does not take the arguments.
    """
    name = options.sampler.name
    kind = getattr(optuna.samplers, name, None)
    if not isinstance(kind, type) or not issubclass(kind, BaseSampler):
        names = [name for name in optuna.samplers.__all__ if name.endswith("Sampler")]
        known = ", ".join(name for name in names if not name.startswith("Base"))
        raise ParameterError(f"tuning.sampler.name is {name!r}: it should be one of {known}.")
    arguments: dict[str, Any] = (options.sampler.model_extra or {}) | {"seed": options.seed}
    make: Callable[..., BaseSampler] = kind
    try:
        return make(**arguments)
    except Exception as error:  # whatever a sampler raises
        raise ParameterError(f"tuning.sampler: {name} says: {error}.") from error


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
        return CategoricalDistribution([_label(choice) for choice in entry.choices])
    if entry.is_whole:
        return IntDistribution(int(entry.low), int(entry.high), entry.log, int(entry.step or 1))
    return FloatDistribution(entry.low, entry.high, entry.log, entry.step)


def _label(choice: Any) -> str | int | float | bool | None:
    """Return a choice as Optuna takes it: lists and mappings are JSON."""
    if choice is None or isinstance(choice, str | int | float | bool):
        return choice
    return json.dumps(choice)


def _frozen(trial: Trial, options: TuningOptions) -> FrozenTrial | None:
    """Return a trial as Optuna stores it; None where a value lies outside of the space."""
    space: Mapping[str, Any] = options.searched()
    complete = trial.state == "complete"
    try:
        return create_trial(
            state=_STATES[trial.state],
            value=trial.rungs[trial.epochs] if complete else None,
            params={name: _label(value) for name, value in trial.parameters.items()},
            distributions={name: _distribution(space[name]) for name in trial.parameters},
            intermediate_values=trial.rungs,
        )
    except ValueError:
        return None
