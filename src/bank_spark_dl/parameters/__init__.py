"""Parameters: one module a section, all of them checked before a run starts."""

from bank_spark_dl.parameters.baselines import BaselineOptions, GradientBoostingOptions
from bank_spark_dl.parameters.cross_validation import CrossValidationOptions
from bank_spark_dl.parameters.data import ColumnOptions, DataOptions, SegmentOptions
from bank_spark_dl.parameters.elephas import ElephasOptions
from bank_spark_dl.parameters.features import (
    CategoryOptions,
    DateOptions,
    FeatureOptions,
    PiecewiseLinearOptions,
    SkewOptions,
    StandardizeOptions,
)
from bank_spark_dl.parameters.keras_objects import OptimizerOptions, ScheduleOptions
from bank_spark_dl.parameters.model import LayerOptions, ModelOptions
from bank_spark_dl.parameters.reporting import DecisionOptions, ReportingOptions
from bank_spark_dl.parameters.root import Parameters, check_parameters
from bank_spark_dl.parameters.scoring import DriftOptions
from bank_spark_dl.parameters.scoring_stream import ScoringStreamOptions
from bank_spark_dl.parameters.synthetic import SyntheticOptions
from bank_spark_dl.parameters.task_fit import misfit
from bank_spark_dl.parameters.tuning import (
    ChoiceOptions,
    RangeOptions,
    TuningOptions,
)
from bank_spark_dl.parameters.worker_sweep import WorkerSweepOptions

__all__ = [
    "BaselineOptions",
    "CategoryOptions",
    "ChoiceOptions",
    "ColumnOptions",
    "CrossValidationOptions",
    "DataOptions",
    "DateOptions",
    "DecisionOptions",
    "DriftOptions",
    "ElephasOptions",
    "FeatureOptions",
    "GradientBoostingOptions",
    "LayerOptions",
    "ModelOptions",
    "OptimizerOptions",
    "Parameters",
    "PiecewiseLinearOptions",
    "RangeOptions",
    "ReportingOptions",
    "ScheduleOptions",
    "ScoringStreamOptions",
    "SegmentOptions",
    "SkewOptions",
    "StandardizeOptions",
    "SyntheticOptions",
    "TuningOptions",
    "WorkerSweepOptions",
    "check_parameters",
    "misfit",
]
