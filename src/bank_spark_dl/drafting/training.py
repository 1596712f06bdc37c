"""Write the network and its training, by what is predicted."""

from typing import Final

from bank_spark_dl.drafting.recipe import Recipe
from bank_spark_dl.ml.target import TaskName

_OUTPUTS: Final[dict[TaskName, tuple[str, str, str]]] = {
    "binary": ("softmax", "categorical_crossentropy", "acc"),
    "multiclass": ("softmax", "categorical_crossentropy", "acc"),
    "regression": ("linear", "mean_squared_error", "mae"),
}


def training_yml(task: TaskName, recipe: Recipe) -> str:
    """Write the sections `model` and `elephas`.

    Args:
        task: What is predicted.
        recipe: Sizes of network and training.
    """
    activation, loss, metric = _OUTPUTS[task]
    return f"""\
model: # networks that share weight matrices (TabM); docs/decisions/16-recipe.md: why these sizes
  members: {recipe.members}
  layers:
    - &hidden {{units: {recipe.units}, activation: silu, dropout: {recipe.dropout}}}
    - *hidden
  output_activation: {activation}

elephas:
  epochs: {recipe.epochs}
  batch_size: {recipe.batch_size}
  batch_shared: true
  steps_per_round: {recipe.steps_per_round}
  validation_split: 0.0 # nothing is chosen on validation rows: train on all rows
  early_stopping: null
  calibration: none
  loss: {loss}
  metrics: [{metric}]
  optimizer: {{name: adamw, learning_rate: {recipe.learning_rate}, weight_decay: 0.01}}
  merge: average
  learning_rate_schedule: # linear warm-up, then cosine decay to a hundredth of the rate
    name: CosineDecay
    initial_learning_rate: 0.0
    warmup_target: {recipe.learning_rate}
    warmup_steps: {recipe.warmup_steps} # a twentieth of all steps
    alpha: 0.01"""
