"""Fit feature stages on train rows, and turn train and test rows into vectors."""

from pyspark.sql import DataFrame

from bank_spark_dl.ml.features.fit import fit_feature_model
from bank_spark_dl.ml.features.new_rows import check_new_rows
from bank_spark_dl.ml.features.vectors import carry_weight, make_vectors
from bank_spark_dl.ml.splits.validation import mark_validation
from bank_spark_dl.ml.target import Target
from bank_spark_dl.parameters import DataOptions, FeatureOptions


def train_test_vectors(
    train: DataFrame,
    test: DataFrame,
    data: DataOptions,
    features: FeatureOptions,
    validation_split: float,
    seed: int,
    names: tuple[str, str],
) -> tuple[DataFrame, DataFrame, Target]:
    """Fit the feature stages on train rows, and apply them to train and test rows.

    Args:
        train: Clean rows to fit on.
        test: Clean rows that are held out.
        data: How the rows are split, and their columns.
        features: Settings of the feature stages.
        validation_split: Fraction of the train rows that validate.
        seed: Of the choice of these rows.
        names: What the train rows and the test rows are, for messages.

    Returns:
        Train and test, see make_vectors; and what is predicted.

    Raises:
        InputDataError: The rows cannot be fitted, or test rows hold a missing value or a category
            that the train rows do not, and `features` says that it is an error.
    """
    inputs, _, stages, target = fit_feature_model(train, data, features)
    check_new_rows(test, stages, features, names[1], inputs)
    marked = carry_weight(mark_validation(train, data, validation_split, seed), data)
    fitted = make_vectors(marked, stages, names[0], fitted=True)
    return fitted, make_vectors(test, stages, names[1]), target
