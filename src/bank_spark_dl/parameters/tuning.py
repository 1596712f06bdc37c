"""The section `tuning`: the search for better settings."""

from graphlib import CycleError, TopologicalSorter
from typing import Annotated, Any, Final, Literal, Self, get_args

from pydantic import (
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    PositiveFloat,
    PositiveInt,
    Tag,
    model_validator,
)

from bank_spark_dl.parameters.fields import Name, Section, Seed

LEARNING_RATE = "learning_rate"
"""Names the highest learning rate, wherever the settings hold it."""
NOT_SEARCHED = ("elephas.checkpoint_dir", "elephas.resume", "elephas.mode")
"""Parameters that change no figure."""
SEARCHED = ("features", "model", "elephas")
"""Sections whose parameters can be searched."""


Objective = Literal["accuracy", "auc", "log_loss", "rmse", "mae", "r2"]
OBJECTIVES: Final[tuple[str, ...]] = get_args(Objective)


class SearchedParameter(Section):
    """A parameter of the search.

    Attributes:
        when: Other parameters, and the values of each for which this one is searched; otherwise it
            keeps its value.
    """

    when: dict[Name, Annotated[list[Any], Field(min_length=1)]] = Field(default_factory=dict)


class RangeOptions(SearchedParameter):
    """A range of numbers: whole ones if both ends are.

    Attributes:
        low: Lowest value.
        high: Highest value.
        log: Search on a logarithmic scale.
        step: Distance of the values from `low` on; None: every value.
    """

    low: int | float
    high: int | float
    log: bool = False
    step: PositiveInt | PositiveFloat | None = None

    @model_validator(mode="after")
    def _is_a_range(self) -> Self:
        if self.low >= self.high:
            raise ValueError(f"low ({self.low}) must be below high ({self.high})")
        if self.log and (self.low <= 0 or self.step is not None):
            raise ValueError("log: true needs low above 0, and takes no step")
        if self.is_whole and not isinstance(self.step, int | None):
            raise ValueError(f"step is {self.step}: between whole numbers it is a whole number")
        return self

    @property
    def is_whole(self) -> bool:
        """Whether the values are whole numbers."""
        return isinstance(self.low, int) and isinstance(self.high, int)


class ChoiceOptions(SearchedParameter):
    """Some values.

    Attributes:
        choices: At least two; lists and mappings, too.
    """

    choices: Annotated[list[Any], Field(min_length=2)]

    @model_validator(mode="before")
    @classmethod
    def _is_no_range(cls, given: Any) -> Any:
        both = ("low", "high") if isinstance(given, dict) else ()
        if any(key in given for key in both):
            raise ValueError(
                "it has choices and a range; where one of them is in conf/base, set its keys to "
                "null: choices, or low, high, log and step"
            )
        return given


def _without_nulls(given: Any) -> Any:
    """Drop keys that are null: an environment replaces a range of base by choices so."""
    if isinstance(given, dict):
        return {key: value for key, value in given.items() if value is not None}
    return given


def _kind(given: Any) -> str:
    choices = "choices" in given if isinstance(given, dict) else isinstance(given, ChoiceOptions)
    return "[choices]" if choices else "[range]"


AnySearched = Annotated[
    Annotated[RangeOptions, Tag("[range]")] | Annotated[ChoiceOptions, Tag("[choices]")],
    Discriminator(_kind),
    BeforeValidator(_without_nulls),
]


class HalvingOptions(Section):
    """Successive halving (Jamieson and Talwalkar, 2016) over epochs, within each batch.

    All trials of a batch train the first epochs of their schedules; the best go on.

    Attributes:
        rungs: Numbers of epochs at which trials are compared, all epochs among them, at least 2.
        reduction_factor: One of so many trials goes on to the next rung, which has so many times
            the epochs; at least 2.
    """

    rungs: Annotated[int, Field(ge=2)]
    reduction_factor: Annotated[int, Field(ge=2)]


class SamplerOptions(Section):
    """A sampler of Optuna; every key that is no field here is an argument of its constructor.

    Attributes:
        name: Of the class in `optuna.samplers`.
    """

    model_config = ConfigDict(extra="allow")

    name: Name

    @model_validator(mode="after")
    def _has_no_seed(self) -> Self:
        if "seed" in (self.model_extra or {}):
            raise ValueError("the sampler's seed is tuning.seed: set it there")
        return self


class TuningOptions(Section):
    """How better settings are searched for.

    Attributes:
        trials: Settings that are tried, the present ones among them, at least 2.
        minutes: Time after which no further batch begins; None: no limit.
        batch: Trials that are chosen together, at least 1.
        sampler: Chooses them.
        halving: Ends bad trials early; None: all train all epochs.
        objective: Figure of the folds that is sought; None: log loss of classes, RMSE of numbers.
        repeats: Times that the best settings are compared with the present ones on other folds with
            other seeds, at least 1.
        seed: Of the sampler.
        force: Replace an environment that an earlier search wrote.
        space: What is searched, by dotted name of the parameter; None: not this one.
    """

    trials: Annotated[int, Field(ge=2)]
    minutes: PositiveFloat | None
    batch: PositiveInt
    sampler: SamplerOptions
    halving: HalvingOptions | None
    objective: Objective | None
    repeats: PositiveInt
    seed: Seed
    force: bool
    space: dict[Name, AnySearched | None]

    @model_validator(mode="after")
    def _space_can_be_searched(self) -> Self:
        for name in self.searched():
            if name in NOT_SEARCHED or (name == "elephas.epochs" and self.halving is not None):
                raise ValueError(
                    f"space names {name}: it cannot be searched"
                    f"{' unless halving is null' if name == 'elephas.epochs' else ''}"
                )
            if name != LEARNING_RATE and name.partition(".")[0] not in SEARCHED:
                raise ValueError(
                    f"space names {name}: it should be {LEARNING_RATE}, or begin with one of "
                    f"{', '.join(SEARCHED)}"
                )
        if not self.searched():
            raise ValueError("space names no parameter: add one")
        return self

    def searched(self) -> dict[str, RangeOptions | ChoiceOptions]:
        """Return what is searched, conditions first.

        Raises:
            ValueError: Parameters are conditions of each other.
        """
        space = {name: entry for name, entry in self.space.items() if entry is not None}
        order = TopologicalSorter({name: entry.when.keys() for name, entry in space.items()})
        try:
            return {name: space[name] for name in order.static_order() if name in space}
        except CycleError as error:
            circle = ", ".join(error.args[1])
            raise ValueError(f"space: conditions go in a circle: {circle}") from error
