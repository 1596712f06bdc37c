"""Keras's names and arguments, so that a typing error is found without importing TensorFlow.

A test compares them with the installed Keras.
"""

from typing import Literal

Activation = Literal[
    "elu", "gelu", "leaky_relu", "linear", "relu", "selu", "sigmoid", "silu", "softplus", "tanh"
]
Loss = Literal[
    "binary_crossentropy",
    "categorical_crossentropy",
    "sparse_categorical_crossentropy",
    "mean_squared_error",
    "mean_absolute_error",
    "huber",
    "log_cosh",
    "poisson",
]
Metric = Literal["acc", "binary_accuracy", "categorical_accuracy", "mse", "mae"]

_EVERY_OPTIMIZER = (
    "clipnorm clipvalue ema_momentum ema_overwrite_frequency global_clipnorm "
    "gradient_accumulation_steps loss_scale_factor use_ema weight_decay"
)
_OWN = {
    "adadelta": "rho epsilon",
    "adafactor": "beta_2_decay epsilon_1 epsilon_2 clip_threshold relative_step",
    "adagrad": "initial_accumulator_value epsilon",
    "adam": "beta_1 beta_2 epsilon amsgrad",
    "adamax": "beta_1 beta_2 epsilon",
    "adamw": "beta_1 beta_2 epsilon amsgrad",
    "ftrl": "learning_rate_power initial_accumulator_value l1_regularization_strength "
    "l2_regularization_strength l2_shrinkage_regularization_strength beta",
    "lion": "beta_1 beta_2",
    "muon": "adam_beta_1 adam_beta_2 adam_weight_decay epsilon exclude_layers exclude_embeddings "
    "muon_a muon_b muon_c adam_lr_ratio momentum ns_steps nesterov rms_rate",
    "nadam": "beta_1 beta_2 epsilon",
    "rmsprop": "rho momentum epsilon centered",
    "schedulefreeadamw": "beta_1 beta_2 epsilon warmup_steps",
    "sgd": "momentum nesterov",
}
OPTIMIZERS = {name: f"{_EVERY_OPTIMIZER} {own}" for name, own in _OWN.items()}
"""For each optimizer its arguments, besides `name` and `learning_rate`."""

SCHEDULES = {
    "CosineDecay": "initial_learning_rate decay_steps alpha warmup_target warmup_steps",
    "CosineDecayRestarts": "initial_learning_rate first_decay_steps t_mul m_mul alpha",
    "ExponentialDecay": "initial_learning_rate decay_steps decay_rate staircase",
    "InverseTimeDecay": "initial_learning_rate decay_steps decay_rate staircase",
    "PiecewiseConstantDecay": "boundaries values",
    "PolynomialDecay": "initial_learning_rate decay_steps end_learning_rate power cycle",
}
"""For each learning-rate schedule its arguments, besides `name`."""
REQUIRED = {
    "CosineDecayRestarts": "first_decay_steps",
    "ExponentialDecay": "decay_rate",
    "InverseTimeDecay": "decay_rate",
    "PiecewiseConstantDecay": "boundaries values",
}
"""Arguments without a default; training gives `initial_learning_rate` and `decay_steps`."""

NUMBER_LISTS, NAME_LISTS = {"boundaries", "values"}, {"exclude_layers"}
"""Arguments that are lists; all others are numbers or booleans."""
