"""The section `model`: layers of the network."""

from typing import Literal

from pydantic import NonNegativeFloat, PositiveInt

from bank_spark_dl.parameters.fields import HalfOpenFraction, Section
from bank_spark_dl.parameters.keras_names import Activation


class LayerOptions(Section):
    """A hidden layer: dense, batch normalization, activation, dropout.

    Attributes:
        units: Outputs of the dense layer, at least 1.
        activation: Keras's name of it.
        dropout: Fraction of the outputs set to 0 in training, [0, 1).
        activity_l2: L2 penalty on the outputs before the activation, at least 0.
        kernel_l2: L2 penalty on the weights, at least 0.
        batch_normalization: Normalize the outputs over a batch before the activation.
    """

    units: PositiveInt
    activation: Activation
    dropout: HalfOpenFraction = 0.0
    activity_l2: NonNegativeFloat = 0.0
    kernel_l2: NonNegativeFloat = 0.0
    batch_normalization: bool = False


class ModelOptions(Section):
    """The network: hidden layers, then one output for each class, or one for a number.

    Attributes:
        layers: Hidden layers from first to last; none: a logistic regression.
        output_activation: Activation of the outputs; linear for a number, exponential or softplus
            for a count.
        members: Ensemble size, at least 1 (BatchEnsemble, TabM): networks that share weight
            matrices, each with a loss of its own; the prediction is the mean of theirs.
    """

    layers: list[LayerOptions]
    output_activation: Literal["sigmoid", "softmax", "linear", "exponential", "softplus"]
    members: PositiveInt = 1
