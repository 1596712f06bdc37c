"""Train the network again on another split, for a table that has a time."""

import logging

from pyspark.sql import DataFrame

from bank_spark_dl.errors import InputDataError, ParameterError
from bank_spark_dl.ml.evaluation.results import OtherSplits, SplitFigures
from bank_spark_dl.ml.features.vectors import embedded_sizes, vector_size
from bank_spark_dl.ml.models.network import build_network
from bank_spark_dl.ml.models.record import TrainingRecord
from bank_spark_dl.ml.models.row_arguments import row_arguments
from bank_spark_dl.ml.models.train_test import train_test_vectors
from bank_spark_dl.ml.splits.held_out import TEST, is_held_out
from bank_spark_dl.parameters import DataOptions, ElephasOptions, FeatureOptions, ModelOptions
from bank_spark_dl.spark.caching import persisted
from bank_spark_dl.tasks import task_named

NAMES = ("The train rows of the other split", "The test rows of the other split")

logger = logging.getLogger(__name__)


def train_on_other_split(
    rows: DataFrame,
    training_history: TrainingRecord,
    data: DataOptions,
    features: FeatureOptions,
    model: ModelOptions,
    elephas: ElephasOptions,
    seed: int,
) -> OtherSplits:
    """Train the network again: tested on random rows if it was tested on the newest, else on these.

    The difference shows how far a random split flatters a network whose rows are still to come.
    Where the other split is not possible, this is logged as a warning.

    Args:
        rows: Clean rows.
        training_history: Has the network's threshold.
        data: Columns; without a time there is no other split.
        features: Settings of the feature stages.
        model: Layers of the network.
        elephas: How it is trained.
        seed: Of split and training.

    Returns:
        The network's figures on the test rows of the other split.
    """
    if data.columns.time is None:
        return ()
    other = data.model_copy(update={"split": "random" if data.split == "time" else "time"})
    logger.info("Training again for the report, with data.split: %s", other.split)
    try:
        is_test = is_held_out(rows, other, data.test_fraction, seed, TEST)
        train, test, target = train_test_vectors(
            rows.where(~is_test),
            rows.where(is_test),
            other,
            features,
            elephas.validation_split,
            seed,
            NAMES,
        )
        network = build_network(vector_size(train), model, embedded_sizes(train), target.outputs)
        same = elephas.model_copy(update={"threshold": training_history.threshold})
        by_rows = row_arguments(train, target, elephas)
        task = task_named(target.task)
        with persisted(train):
            trained = task.estimator(network, same, data.prior, seed, by_rows).fit(train)
        predictions = task.predictions(trained.transform(test))
        figures = task.evaluation(target, data.prior).evaluate(predictions)
    except (InputDataError, ParameterError) as error:
        logger.warning("The report goes without data.split: %s. %s", other.split, error)
        return ()
    return (SplitFigures(other.split, figures),)
