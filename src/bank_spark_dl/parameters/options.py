"""Declare what `parameters.yml` may hold: one frozen model a section, one root over all of them."""

from collections.abc import Mapping, Set
from difflib import get_close_matches
from math import isfinite
from typing import Annotated, Any, Literal, Self, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import ErrorDetails

from bank_spark_dl.errors import ParameterError
from bank_spark_dl.parameters.secrets import refuse_passwords

Name = Annotated[str, Field(min_length=1)]
Fraction = Annotated[float, Field(gt=0.0, lt=1.0)]
Share = Annotated[float, Field(ge=0.0, lt=1.0)]
Penalty = Annotated[float, Field(ge=0.0)]
Count = Annotated[int, Field(ge=1)]
Bins = Annotated[int, Field(ge=2, le=1000)]
Activation = Literal[
    "elu", "gelu", "leaky_relu", "linear", "relu", "selu", "sigmoid", "silu", "softplus", "tanh"
]
# Keras's own names; a test compares them with the installed Keras.
# fmt: off
Optimizer = Literal[
    "adadelta", "adafactor", "adagrad", "adam", "adamax", "adamw", "ftrl", "lamb", "lion", "muon",
    "nadam", "rmsprop", "schedulefreeadamw", "sgd",
]
OPTIMIZER_ARGUMENTS = frozenset({
    "clipnorm", "clipvalue", "ema_momentum", "ema_overwrite_frequency", "global_clipnorm",
    "gradient_accumulation_steps", "loss_scale_factor", "use_ema", "weight_decay",
})
OWN_ARGUMENTS: dict[str, set[str]] = {
    "adadelta": {"rho", "epsilon"},
    "adafactor": {"beta_2_decay", "epsilon_1", "epsilon_2", "clip_threshold", "relative_step"},
    "adagrad": {"initial_accumulator_value", "epsilon"},
    "adam": {"beta_1", "beta_2", "epsilon", "amsgrad"},
    "adamax": {"beta_1", "beta_2", "epsilon"},
    "adamw": {"beta_1", "beta_2", "epsilon", "amsgrad"},
    "ftrl": {
        "learning_rate_power", "initial_accumulator_value", "l1_regularization_strength",
        "l2_regularization_strength", "l2_shrinkage_regularization_strength", "beta",
    },
    "lamb": {"beta_1", "beta_2", "epsilon"},
    "lion": {"beta_1", "beta_2"},
    "muon": {
        "adam_beta_1", "adam_beta_2", "adam_weight_decay", "epsilon", "exclude_layers",
        "exclude_embeddings", "muon_a", "muon_b", "muon_c", "adam_lr_ratio", "momentum",
        "ns_steps", "nesterov", "rms_rate",
    },
    "nadam": {"beta_1", "beta_2", "epsilon"},
    "rmsprop": {"rho", "momentum", "epsilon", "centered"},
    "schedulefreeadamw": {"beta_1", "beta_2", "epsilon", "warmup_steps"},
    "sgd": {"momentum", "nesterov"},
}
Schedule = Literal[
    "CosineDecay", "CosineDecayRestarts", "ExponentialDecay", "InverseTimeDecay",
    "PiecewiseConstantDecay", "PolynomialDecay",
]
SCHEDULE_ARGUMENTS: dict[str, set[str]] = {
    "CosineDecay": {
        "initial_learning_rate", "decay_steps", "alpha", "warmup_target", "warmup_steps",
    },
    "CosineDecayRestarts": {
        "initial_learning_rate", "first_decay_steps", "t_mul", "m_mul", "alpha",
    },
    "ExponentialDecay": {"initial_learning_rate", "decay_steps", "decay_rate", "staircase"},
    "InverseTimeDecay": {"initial_learning_rate", "decay_steps", "decay_rate", "staircase"},
    "PiecewiseConstantDecay": {"boundaries", "values"},
    "PolynomialDecay": {
        "initial_learning_rate", "decay_steps", "end_learning_rate", "power", "cycle",
    },
}
NUMBER_LISTS, NAME_LISTS = {"boundaries", "values"}, {"exclude_layers"}
# Without a default, and not given by training: the rate and how long it lasts.
SCHEDULE_NEEDS: dict[str, set[str]] = {
    "CosineDecayRestarts": {"first_decay_steps"},
    "ExponentialDecay": {"decay_rate"},
    "InverseTimeDecay": {"decay_rate"},
    "PiecewiseConstantDecay": {"boundaries", "values"},
}
# fmt: on
# Parameters of earlier versions, and where they are now.
MOVED = {"reporting.prior": "data.prior"} | {
    f"reporting.{key}": f"reporting.decision.{key}"
    for key in ("call_cost", "deposit_value", "budget", "bootstrap")
}


class Section(BaseModel):
    """A section of `parameters.yml`: unknown keys and values of another type are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


class ColumnOptions(Section):
    """Which column plays which part."""

    id: Name | None
    label: Name
    positive: Name
    drop: list[Name]
    categorical: list[Name] | Literal["auto"]
    numeric: list[Name] | Literal["auto"]

    @model_validator(mode="after")
    def _one_part_each(self) -> Self:
        lists = [part for part in (self.categorical, self.numeric) if isinstance(part, list)]
        parts = [self.id, self.label, *self.drop, *(name for part in lists for name in part)]
        doubled = sorted({name for name in parts if name and parts.count(name) > 1})
        if doubled:
            raise ValueError(f"a column can play one part only, and {', '.join(doubled)} plays two")
        return self


class SegmentOptions(Section):
    """A column for whose values, or bands of values, results are also given."""

    column: Name
    edges: list[float] | None = None

    @model_validator(mode="after")
    def _edges_rise(self) -> Self:
        if self.edges is not None and self.edges != sorted(set(self.edges)):
            raise ValueError(f"the edges of {self.column} must rise: [30, 40, 50], say")
        return self


class DataOptions(Section):
    """Columns of the raw table, what they may be used for, and how it is split."""

    columns: ColumnOptions
    purpose: Literal["benchmark", "call_list"]
    availability: dict[Name, Literal["before_call", "after_call"]]
    prior: Fraction | None
    segments: list[SegmentOptions]
    test_fraction: Fraction
    preview_rows: Count

    def known_too_late(self) -> list[str]:
        """Return the columns that are not dropped and that nobody knows before the call.

        The table need not have them.
        """
        columns = self.columns
        return [
            name
            for name, when in self.availability.items()
            if when == "after_call" and name not in {*columns.drop, columns.label, columns.id}
        ]

    @model_validator(mode="after")
    def _segments_exist(self) -> Self:
        names, columns = [part.column for part in self.segments], self.columns
        if len(set(names)) < len(names) or {columns.id, columns.label} & set(names):
            raise ValueError("segments must name no column twice, and neither the id nor the label")
        dropped = [name for name in names if name in columns.drop]
        if dropped:
            raise ValueError(
                f"segments names {', '.join(dropped)}, which data.columns.drop drops: take it out "
                "of one of the two"
            )
        return self

    @model_validator(mode="after")
    def _nothing_from_the_future(self) -> Self:
        lists = (self.columns.categorical, self.columns.numeric)
        listed = {name for part in lists if isinstance(part, list) for name in part}
        late = [name for name in self.known_too_late() if name in listed]
        if self.purpose == "call_list" and late:
            raise ValueError(
                f"purpose is call_list, but {', '.join(late)} is known only after the call: add it "
                "to data.columns.drop, or set data.purpose to benchmark"
            )
        return self


class SkewOptions(Section):
    """When a numeric column counts as skewed: its statistic lies outside [lower, upper]."""

    statistic: Literal["skewness", "kurtosis"]
    lower: float
    upper: float

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.lower > self.upper:
            raise ValueError(f"lower ({self.lower}) must not be above upper ({self.upper})")
        return self


class StandardizeOptions(Section):
    """What Spark's StandardScaler does to the skewed columns."""

    with_mean: bool
    with_std: bool


class PiecewiseLinearOptions(Section):
    """How many bins each numeric column is encoded with."""

    bins: Bins
    columns: dict[Name, Bins] = {}

    def bins_of(self, column: str) -> int:
        """Return the number of bins of a column."""
        return self.columns.get(column, self.bins)


class FeatureOptions(Section):
    """How columns become one vector."""

    derived: dict[Name, Name]
    counts: dict[Name, Annotated[list[Name], Field(min_length=1)]]
    piecewise_linear: PiecewiseLinearOptions | None
    skew: SkewOptions
    unseen_categories: Literal["error", "keep"]
    standardize: StandardizeOptions


class LayerOptions(Section):
    """One hidden layer: dense, optional batch normalization, activation, dropout."""

    units: Count
    activation: Activation
    dropout: Share = 0.0
    activity_l2: Penalty = 0.0
    kernel_l2: Penalty = 0.0
    batch_normalization: bool = False


class ModelOptions(Section):
    """The network: hidden layers, then two outputs, for one or several members."""

    layers: list[LayerOptions]
    output_activation: Literal["sigmoid", "softmax"]
    members: Count = 1


class KerasOptions(Section):
    """A Keras object by name; every key that is no field is an argument of its constructor.

    An argument that is null is as if it were not there: Keras's default.
    """

    model_config = ConfigDict(extra="allow")

    def _refuse_arguments(self, name: str, known: Set[str], needed: Set[str] = frozenset()) -> None:
        """Raise ValueError for arguments that Keras does not know, misses or cannot use."""
        arguments = self.model_extra or {}
        unknown = sorted(arguments.keys() - known)
        if unknown:
            raise ValueError(
                f"{name} has no argument {', '.join(unknown)}, but {', '.join(sorted(known))}"
            )
        given = {key: value for key, value in arguments.items() if value is not None}
        for key, value in given.items():
            if expected := _expected(key, value):
                raise ValueError(f"{key} is {value!r}: it should be {expected}")
        if missing := sorted(needed - given.keys()):
            raise ValueError(f"{name} needs {', '.join(missing)}: add what is missing")


def _expected(key: str, value: Any) -> str | None:
    """Say what an argument should be; None where it is."""
    parts = value if isinstance(value, list) else [None]
    if key in NAME_LISTS:
        return None if all(isinstance(part, str) for part in parts) else "a list of names"
    if key in NUMBER_LISTS:
        return None if all(map(_is_number, parts)) else "a list of numbers"
    return None if _is_number(value) else "a number, true or false"


def _is_number(value: Any) -> bool:
    return isinstance(value, bool | int) or (isinstance(value, float) and isfinite(value))


class OptimizerOptions(KerasOptions):
    """A Keras optimizer."""

    name: Optimizer
    learning_rate: Annotated[float, Field(gt=0.0)]

    @model_validator(mode="after")
    def _arguments_exist(self) -> Self:
        self._refuse_arguments(self.name, OPTIMIZER_ARGUMENTS | OWN_ARGUMENTS[self.name])
        return self


class ScheduleOptions(KerasOptions):
    """A Keras learning-rate schedule."""

    name: Schedule

    @model_validator(mode="after")
    def _arguments_exist(self) -> Self:
        needed = SCHEDULE_NEEDS.get(self.name, set())
        self._refuse_arguments(self.name, SCHEDULE_ARGUMENTS[self.name], needed)
        return self


class ClassWeightOptions(Section):
    """How much the rows of each class count in the loss."""

    negative: Penalty
    positive: Penalty

    @model_validator(mode="after")
    def _not_both_zero(self) -> Self:
        if self.negative == self.positive == 0:
            raise ValueError("one of the two weights must be above 0")
        return self


class EarlyStoppingOptions(Section):
    """When training ends before its last round; the best round's weights are kept."""

    monitor: Literal["loss", "val_loss", "val_accuracy", "val_auc"] = "val_loss"
    patience: Annotated[int, Field(ge=0)] = 3
    min_delta: Penalty = 0.0


class ElephasOptions(Section):
    """How the network is trained on Spark."""

    mode: Literal["synchronous"]
    num_workers: Count
    epochs: Count
    batch_size: Count
    batch_shared: bool
    validation_split: Share
    loss: Literal["binary_crossentropy", "categorical_crossentropy", "mean_squared_error"]
    metrics: list[Literal["acc", "binary_accuracy", "categorical_accuracy", "mse", "mae"]]
    optimizer: OptimizerOptions
    merge: Literal["reset", "average", "keep"]
    steps_per_round: Count | None
    max_shard_mb: Annotated[float, Field(gt=0.0)]
    learning_rate_schedule: ScheduleOptions | None
    class_weights: ClassWeightOptions
    early_stopping: EarlyStoppingOptions | None
    calibration: Literal["none", "temperature", "platt"]
    threshold: Fraction | Literal["optimal"]
    checkpoint_dir: Name | None
    resume: bool

    @model_validator(mode="after")
    def _something_to_watch(self) -> Self:
        watched = self.early_stopping and self.early_stopping.monitor
        if watched and watched != "loss" and self.validation_split == 0:
            raise ValueError(
                f"early_stopping watches {watched}, but validation_split is 0: hold rows back, "
                "watch loss, or set early_stopping to null"
            )
        if self.calibration != "none" and self.validation_split == 0:
            raise ValueError(
                f"calibration is {self.calibration}, fitted to validation rows, but "
                "validation_split is 0: hold rows back, or set it to none"
            )
        if self.threshold == "optimal" and self.validation_split == 0:
            raise ValueError(
                "threshold is optimal, chosen on validation rows, but validation_split is 0: hold "
                "rows back, or set it to a number"
            )
        return self


class DecisionTreeOptions(Section):
    """Spark ML's DecisionTreeClassifier."""

    max_depth: Annotated[int, Field(ge=0, le=30)]  # 30 is Spark's own limit
    max_bins: Annotated[int, Field(ge=2)]
    min_instances_per_node: Count


class LogisticRegressionOptions(Section):
    """Spark ML's LogisticRegression."""

    max_iter: Count
    reg_param: Penalty
    elastic_net_param: Annotated[float, Field(ge=0.0, le=1.0)]


class GradientBoostingOptions(Section):
    """Spark ML's GBTClassifier; only cross-validation trains it."""

    max_iter: Count
    max_depth: Annotated[int, Field(ge=0, le=30)]
    step_size: Annotated[float, Field(gt=0.0, le=1.0)]


class BaselineOptions(Section):
    """Simple models that the network is compared with."""

    gradient_boosting: GradientBoostingOptions
    decision_tree: DecisionTreeOptions
    logistic_regression: LogisticRegressionOptions


class CrossValidationOptions(Section):
    """How rows are dealt to folds."""

    folds: Annotated[int, Field(ge=2, le=100)]
    seed: Annotated[int, Field(ge=0, lt=2**31)]


class DecisionOptions(Section):
    """What calls cost and bring."""

    call_cost: Annotated[float, Field(gt=0.0)]
    deposit_value: Annotated[float, Field(gt=0.0)]
    budget: Annotated[float, Field(ge=0.0)] | None
    bootstrap: Annotated[int, Field(ge=100, le=100_000)]


class ReportingOptions(Section):
    """How results are drawn, and whether they decide whom to call."""

    curve_points: Annotated[int, Field(ge=10, le=10_000)]
    importance_rows: Annotated[int, Field(ge=2, le=100_000)]  # ordered in one task
    importance_repeats: Count
    decision: DecisionOptions | None


class DriftOptions(Section):
    """When new rows count as drifted from the train rows, and what happens then."""

    psi: Annotated[float, Field(gt=0.0)]
    unseen: Annotated[float, Field(ge=0.0, le=1.0)]
    out_of_range: Annotated[float, Field(ge=0.0, le=1.0)]
    action: Literal["ignore", "warn", "stop"]


class ScoringOptions(Section):
    """Which rows are scored and where the scores go, both read by the catalog; what is drift."""

    input: Name
    output: Name
    drift: DriftOptions


class ScoringStreamOptions(Section):
    """Where files arrive and their scores go, both read by the catalog, and how often to look."""

    input: Name
    output: Name
    checkpoint: Name | None
    every: Count | None
    files_per_batch: Count


class WorkerSweepOptions(Section):
    """Which trainings are compared."""

    num_workers: Annotated[list[Count], Field(min_length=1)]
    seeds: Annotated[int, Field(ge=2)]  # one seed has no spread

    @model_validator(mode="after")
    def _against_one_worker(self) -> Self:
        if 1 not in self.num_workers or len(set(self.num_workers)) < len(self.num_workers):
            raise ValueError("num_workers must hold 1, to compare with, and no number twice")
        return self


class SyntheticOptions(Section):
    """What the generator draws, and where the catalog's `synthetic_rows` puts it."""

    rows: Annotated[int, Field(ge=1, lt=2**31)]  # ids are 32-bit integers
    seed: Annotated[int, Field(ge=0, lt=2**63)]
    path: Name


class Parameters(Section):
    """All of `parameters.yml`."""

    raw_filepath: Name
    data_root: Name
    seed: Annotated[int, Field(ge=0, lt=2**31)]
    data: DataOptions
    features: FeatureOptions
    model: ModelOptions
    elephas: ElephasOptions
    baselines: BaselineOptions
    cross_validation: CrossValidationOptions
    reporting: ReportingOptions
    scoring: ScoringOptions
    scoring_stream: ScoringStreamOptions
    worker_sweep: WorkerSweepOptions
    synthetic: SyntheticOptions

    @model_validator(mode="after")
    def _prices_for_the_optimal_threshold(self) -> Self:
        if self.elephas.threshold == "optimal" and self.reporting.decision is None:
            raise ValueError(
                "elephas.threshold is optimal, where a call pays best, but reporting.decision is "
                "null: say there what a call costs and brings, or set the threshold to a number"
            )
        return self


def check_parameters(raw: Mapping[str, Any]) -> Parameters:
    """Check all parameters at once.

    Args:
        raw: `parameters.yml` merged with the environment's file and `--params`.

    Returns:
        The same values, typed and frozen.

    Raises:
        ParameterError: Something is unknown, missing, of the wrong type or out of range. The
            message has a line for each such key: its value and what is allowed. Or a URI holds a
            password.
    """
    refuse_passwords(raw)
    try:
        return Parameters.model_validate(dict(raw))
    except ValidationError as error:
        lines = [_describe(detail) for detail in error.errors(include_url=False)]
        raise ParameterError("parameters.yml or --params:\n  " + "\n  ".join(lines)) from error


def _describe(detail: ErrorDetails) -> str:
    # Pydantic adds the tried alternative of a union to the key.
    named = (str(part) for part in detail["loc"])
    key = ".".join(part for part in named if "[" not in part and part != "constrained-float")
    match detail["type"]:
        case "missing":
            return f"{key} is missing: add it (conf/base/parameters.yml explains every key)."
        case "extra_forbidden" if key in MOVED:
            return f"{key} is now {MOVED[key]}: set it there."
        case "extra_forbidden":
            return f"{key} is not a parameter: {_suggestion(detail['loc'])}"
        case "value_error":
            return f"{key}: {detail['ctx']['error']}.".removeprefix(": ")
        case _:
            return f"{key} is {detail['input']!r}: {_lower_first(detail['msg'])}."


def _suggestion(location: tuple[int | str, ...]) -> str:
    section: Any = Parameters
    for part in location[:-1]:
        if isinstance(part, int):  # an entry of a list of sections
            section = get_args(section)[0] if get_args(section) else None
            continue
        field = section.model_fields.get(part) if hasattr(section, "model_fields") else None
        section = field.annotation if field else None
    known = list(section.model_fields) if hasattr(section, "model_fields") else []
    close = get_close_matches(str(location[-1]), known, n=1)
    return f"did you mean {close[0]}?" if close else f"known here are {', '.join(known)}."


def _lower_first(text: str) -> str:
    return text.replace("Input should", "it should", 1)
