"""Write the network and its training, by what is predicted."""

from typing import Final

from bank_spark_dl.drafting.task import Task

EPOCHS: Final = 25
BATCH_SIZE: Final = 256
_FEWEST_ROWS: Final = 512  # trained on; with fewer, batches are smaller
_FEWEST_STEPS: Final = 8  # of an epoch, then
TEST_FRACTION: Final = 0.2
VALIDATION: Final = 0.1
_WARM_UP: Final = 0.05  # of all steps

_ALL_ROWS: Final = """\
  validation_split: 0.0 # nothing is chosen on validation rows: train on all rows
  early_stopping: null
  calibration: none # the probabilities are calibrated as they are"""
_BEST_ROUND: Final = f"""\
  validation_split: {VALIDATION}
  early_stopping: {{monitor: val_loss, patience: {EPOCHS}}} # train to the end, keep the best round
  calibration: """
_OUTPUTS: Final[dict[Task, tuple[str, str, str, str]]] = {
    "binary": ("softmax", "categorical_crossentropy", "acc", _ALL_ROWS),
    "multiclass": ("softmax", "categorical_crossentropy", "acc", _BEST_ROUND + "temperature"),
    "regression": ("linear", "mean_squared_error", "mae", _BEST_ROUND + "none # of probabilities"),
}


def training_yml(task: Task, rows: int) -> str:
    """Write the sections `model` and `elephas`.

    Args:
        task: What is predicted.
        rows: Of the table.
    """
    activation, loss, metric, validation = _OUTPUTS[task]
    held_out = 0.0 if task == "binary" else VALIDATION
    trained = round(rows * (1 - TEST_FRACTION) * (1 - held_out))
    batch = _batch_size(trained)
    return f"""\
model: # networks that share weight matrices (TabM): docs/decisions/06-tuned.md says why
  members: 16
  layers:
    - &hidden {{units: 128, activation: silu, dropout: 0.3}}
    - *hidden
  output_activation: {activation}

elephas:
  epochs: {EPOCHS}
  batch_size: {batch}
  batch_shared: true
  steps_per_round: 6
{validation}
  loss: {loss}
  metrics: [{metric}]
  optimizer: {{name: adamw, learning_rate: 0.01, weight_decay: 0.01}}
  merge: average
  learning_rate_schedule: # linear warm-up, then cosine decay to a hundredth of the rate
    name: CosineDecay
    initial_learning_rate: 0.0
    warmup_target: 0.01
    warmup_steps: {_warm_up(-(-trained // batch))} # a twentieth of all steps
    alpha: 0.01"""


def _batch_size(trained: int) -> int:
    """Return a power of two."""
    if trained >= _FEWEST_ROWS:
        return BATCH_SIZE
    return int(2 ** max(trained // _FEWEST_STEPS, 1).bit_length() // 2)


def _warm_up(steps: int) -> int:
    return max(1, round(_WARM_UP * EPOCHS * steps))
