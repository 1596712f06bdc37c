"""The section `baselines`: simple models that the network is compared with."""

from typing import Annotated

from pydantic import Field, NonNegativeFloat, PositiveInt

from bank_spark_dl.parameters.fields import ClosedFraction, Section, TreeDepth


class DecisionTreeOptions(Section):
    """Spark ML's DecisionTreeClassifier, or DecisionTreeRegressor where the label is a number.

    Attributes:
        max_depth: Levels below the root, 0 to 30.
        max_bins: Bins of a column whose edges are tried as splits, at least 2.
        min_instances_per_node: Rows of a leaf, at least 1.
    """

    max_depth: TreeDepth
    max_bins: Annotated[int, Field(ge=2)]
    min_instances_per_node: PositiveInt


class LogisticRegressionOptions(Section):
    """Spark ML's LogisticRegression.

    Attributes:
        max_iter: Iterations of the solver, at most; at least 1.
        reg_param: Strength of the penalty, at least 0.
        elastic_net_param: Share of L1 in the penalty, [0, 1].
    """

    max_iter: PositiveInt
    reg_param: NonNegativeFloat
    elastic_net_param: ClosedFraction


class LinearRegressionOptions(Section):
    """Spark ML's LinearRegression.

    Attributes:
        reg_param: Strength of the penalty, at least 0.
        elastic_net_param: Share of L1 in the penalty, [0, 1].
    """

    reg_param: NonNegativeFloat
    elastic_net_param: ClosedFraction


class GradientBoostingOptions(Section):
    """Spark ML's GBTClassifier or GBTRegressor, which only cross-validation trains.

    Attributes:
        max_iter: Trees, at least 1.
        max_depth: Levels below the root, 0 to 30.
        step_size: Learning rate, (0, 1].
    """

    max_iter: PositiveInt
    max_depth: TreeDepth
    step_size: Annotated[float, Field(gt=0.0, le=1.0)]


class BaselineOptions(Section):
    """Simple models that the network is compared with."""

    gradient_boosting: GradientBoostingOptions
    decision_tree: DecisionTreeOptions
    logistic_regression: LogisticRegressionOptions
    linear_regression: LinearRegressionOptions
