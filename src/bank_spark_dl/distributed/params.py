"""Spark ML parameters: each with its documentation, what it takes, and its default."""

from difflib import get_close_matches
from itertools import combinations
from typing import Any, Self

from pyspark.ml.param import Param, Params
from pyspark.ml.param.shared import (
    HasFeaturesCol,
    HasLabelCol,
    HasPredictionCol,
    HasProbabilityCol,
    HasRawPredictionCol,
    HasThreshold,
    HasThresholds,
    HasValidationIndicatorCol,
    HasWeightCol,
)

from bank_spark_dl.distributed.config import MONITORS, to_early_stopping
from bank_spark_dl.distributed.converters import (
    Converter,
    checked,
    number,
    one_of,
    optional,
    to_class_weights,
    to_flag,
    to_keras_config,
    to_keras_json,
    to_string,
    to_strings,
    to_thresholds,
    whole_number,
)
from bank_spark_dl.errors import ParameterError

_FRACTION = number("above 0 and below 1", lambda value: 0 < value < 1)
_POSITIVE = number("above 0", lambda value: value > 0)
_PROBABILITY = number("from 0 to 1", lambda value: 0 <= value <= 1)
_SPLIT = number("of 0 or more, below 1", lambda value: 0 <= value < 1)


class TypedParam(Param[Any]):
    """A Spark `Param` as a class attribute, named by the attribute.

    Attributes:
        default: Its default value.
    """

    def __init__(self, doc: str, converter: Converter | None = None, default: Any = None) -> None:
        """Take documentation, converter and default."""
        super().__init__(Params._dummy(), "", doc, converter)
        self.default = default

    def __set_name__(self, owner: type, name: str) -> None:
        """Take the attribute's name."""
        self.name = name


class ScoringParams(HasFeaturesCol, HasPredictionCol):
    """Parameters of scoring, which an estimator hands to its model."""

    featuresCol = TypedParam("column of vectors or arrays of numbers", to_string, "features")
    rowIdCol = TypedParam(
        "column that identifies a row, of any type; where it is not set and there is no such "
        "column, the features do",
        to_string,
        "row_id",
    )
    predictionCol = TypedParam("new column: predicted label", to_string, "prediction")

    def set_typed_defaults(self) -> None:
        """Replace Params that a superclass's constructor has set, and set all defaults."""
        self._copy_params()
        self._params = None  # the list of them
        typed = [param for param in self.params if isinstance(param, TypedParam)]
        self._setDefault(**{param.name: param.default for param in typed})

    def _set(self, **kwargs: Any) -> Self:
        for name, value in kwargs.items():
            if not self.hasParam(name):
                known = [param.name for param in self.params]
                close = get_close_matches(name, known, n=1)
                meant = f": did you mean {close[0]!r}?" if close else "."
                raise ParameterError(f"{type(self).__name__} has no such parameter {name!r}{meant}")
            checked(name, self.getParam(name).typeConverter, value)
        return super()._set(**kwargs)

    def setFeaturesCol(self, value: str) -> Self:  # noqa: N802  Spark's name, as below
        """Set featuresCol."""
        return self._set(featuresCol=value)

    def setPredictionCol(self, value: str) -> Self:  # noqa: N802
        """Set predictionCol."""
        return self._set(predictionCol=value)

    def scoring_params(self) -> dict[str, Any]:
        """Return the current values of the model's parameters by name."""
        return {
            name: self.getOrDefault(name) for name in ("featuresCol", "rowIdCol", "predictionCol")
        }


class ClassificationParams(
    ScoringParams, HasRawPredictionCol, HasProbabilityCol, HasThreshold, HasThresholds
):
    """Parameters of scoring classes."""

    rawPredictionCol = TypedParam(
        "new column: logarithms of the classes' probabilities", to_string, "rawPrediction"
    )
    probabilityCol = TypedParam("new column: the classes' probabilities", to_string, "probability")
    threshold = TypedParam(
        "of two classes, label 1 is predicted above this probability, [0, 1]", _PROBABILITY, 0.5
    )
    thresholds = TypedParam(
        "for each class a number of 0 or more, at most one of them 0: the class with the largest "
        "probability divided by it is predicted; instead of threshold",
        optional(to_thresholds),
    )

    def setRawPredictionCol(self, value: str) -> Self:  # noqa: N802
        """Set rawPredictionCol."""
        return self._set(rawPredictionCol=value)

    def setProbabilityCol(self, value: str) -> Self:  # noqa: N802
        """Set probabilityCol."""
        return self._set(probabilityCol=value)

    def setThreshold(self, value: float) -> Self:  # noqa: N802
        """Set threshold, for two classes."""
        return self._set(threshold=value)

    def setThresholds(self, value: list[float]) -> Self:  # noqa: N802
        """Set thresholds, one for each class."""
        return self._set(thresholds=value)

    def scoring_params(self) -> dict[str, Any]:
        """Return the current values of the model's parameters by name."""
        names = ["rawPredictionCol", "probabilityCol"]
        names += [name for name in ("threshold", "thresholds") if self.isSet(name)]
        return {name: self.getOrDefault(name) for name in names} | super().scoring_params()

    def check_thresholds(self, classes: int) -> None:
        """Refuse thresholds that do not fit the number of classes.

        Raises:
            ParameterError: They are too many or too few, or there is a threshold too.
        """
        thresholds = self.getOrDefault("thresholds")
        if thresholds is not None and self.isSet("threshold"):
            raise ParameterError("threshold and thresholds are both set: clear one of them.")
        if thresholds is not None and len(thresholds) != classes:
            raise ParameterError(
                f"thresholds has {len(thresholds)} numbers, and there are {classes} classes: give "
                "one for each."
            )
        if classes > 2 and self.isSet("threshold"):
            raise ParameterError(
                f"threshold is for two classes, and there are {classes}: use thresholds."
            )


class TrainingParams(ScoringParams, HasLabelCol, HasValidationIndicatorCol, HasWeightCol):
    """Parameters of training: Elephas's, then from `seed` on the engine's own."""

    labelCol = TypedParam("column of labels, numbers", to_string, "label")
    keras_model_config = TypedParam("uncompiled network, model.to_json()", to_keras_json)
    mode = TypedParam("synchronous, the only one", to_string, "synchronous")
    num_workers = TypedParam("copies of the network, each on its rows", whole_number(1), 1)
    epochs = TypedParam("passes over the training rows", whole_number(1), 25)
    stop_epoch = TypedParam(
        "passes after which the training ends, before its learning rate schedule does; None: all",
        optional(whole_number(1)),
    )
    batch_size = TypedParam("rows of a train step", whole_number(1), 64)
    validation_split = TypedParam(
        "fraction of rows held out for validation, [0, 1); ignored with validationIndicatorCol",
        _SPLIT,
        0.1,
    )
    validationIndicatorCol = TypedParam(
        "boolean column, true for the validation rows; None: validation_split says how many",
        optional(to_string),
    )
    weightCol = TypedParam(
        "column of the rows' weights, 0 to 1e12: the loss of a batch is the sum of weight times "
        "loss over the sum of weights; None: all are 1",
        optional(to_string),
    )
    metrics = TypedParam("names of Keras metrics", to_strings, ["acc"])
    optimizer_config = TypedParam(
        "Keras configuration of an optimizer, class_name and config",
        to_keras_config,
        {"class_name": "adam", "config": {}},
    )
    seed = TypedParam(
        "of partitioning, initial weights, shuffling and dropout", whole_number(0, 2**32), 0
    )
    merge = TypedParam(
        "optimizer state after a round: reset, average, or keep each worker's own",
        one_of("reset", "average", "keep"),
        "reset",
    )
    steps_per_round = TypedParam(
        "train steps between two averages of the weights; None: an epoch", optional(whole_number(1))
    )
    learning_rate_schedule = TypedParam(
        "Keras configuration of a schedule over a worker's train steps", optional(to_keras_config)
    )
    early_stopping = TypedParam(
        f"monitor (one of {', '.join(MONITORS)}), patience (rounds), min_delta; None: off",
        optional(to_early_stopping),
    )
    max_shard_mb = TypedParam(
        "mebibytes of a worker's rows up to which they are mapped into memory; larger ones are "
        "read block by block",
        _POSITIVE,
        1024.0,
    )
    checkpoint_dir = TypedParam(
        "folder, best one that executors reach too: a path, or a URI of PyArrow's file systems; "
        "None: no checkpoints",
        optional(to_string),
    )
    resume = TypedParam("continue from the last checkpoint", to_flag, default=False)

    # Parameters of Elephas that would do nothing here.
    categorical = TypedParam("not offered: labels are numbers, in the form that outputs need.")
    custom_objects = TypedParam(
        "not offered: a saved model names its layers and holds no code; use Keras's own layers."
    )
    frequency = TypedParam("not offered: workers are averaged after steps_per_round steps.")
    nb_classes = TypedParam("not offered: there is a class for each output.")
    outputCol = TypedParam("not offered: use predictionCol and its like.")
    verbose = TypedParam("not offered: use progress.")

    def setLabelCol(self, value: str) -> Self:  # noqa: N802
        """Set labelCol."""
        return self._set(labelCol=value)

    def setWeightCol(self, value: str) -> Self:  # noqa: N802
        """Set weightCol."""
        return self._set(weightCol=value)

    def setValidationIndicatorCol(self, value: str) -> Self:  # noqa: N802
        """Set validationIndicatorCol."""
        return self._set(validationIndicatorCol=value)

    def refuse_params_not_offered(self) -> None:
        """Raise ParameterError for a parameter that does nothing here, but is set."""
        for param in self.params:
            if param.doc.startswith("not offered: ") and self.isSet(param):
                raise ParameterError(f"{param.name} is {param.doc}")
        if self.getOrDefault("mode") != "synchronous":
            raise ParameterError(
                f"mode={self.getOrDefault('mode')} is not offered: its result depends on the order "
                "in which workers reach Elephas's parameter server, an unauthenticated web server; "
                "use synchronous."
            )

    def refuse_shared_columns(self) -> None:
        """Raise ParameterError for one name of two columns, where scoring adds one of them."""
        read = ("featuresCol", "labelCol", "rowIdCol", "validationIndicatorCol", "weightCol")
        columns = {name: self.getOrDefault(name) for name in read}
        scoring = self.scoring_params()
        columns |= {name: value for name, value in scoring.items() if name.endswith("Col")}
        for (one, name), (other, same) in combinations(columns.items(), 2):
            if name is not None and name == same and not {one, other} <= set(read):
                raise ParameterError(f"{one} and {other} are both {name!r}: rename one.")


class ClassifierParams(ClassificationParams, TrainingParams):
    """Parameters of training a classifier."""

    loss = TypedParam("name of a Keras loss", to_string, "binary_crossentropy")
    class_weights = TypedParam(
        'weight of the loss by label, {"0": NUMBER, "1": NUMBER, ...}', optional(to_class_weights)
    )
    calibration = TypedParam(
        "of probabilities, on the validation rows: none, temperature or, for two classes, platt",
        one_of("none", "temperature", "platt"),
        "none",
    )
    prior = TypedParam(
        "of two classes, share of label 1 among the rows to be scored, (0, 1); None: as in "
        "training",
        optional(_FRACTION),
    )


class RegressorParams(TrainingParams):
    """Parameters of training a regressor."""

    loss = TypedParam("name of a Keras loss", to_string, "mean_squared_error")
    metrics = TypedParam("names of Keras metrics", to_strings, ["mae"])
    standardizeLabel = TypedParam(
        "train on the label less its mean, divided by its standard deviation; predictions are in "
        "the label's units",
        to_flag,
        default=True,
    )
