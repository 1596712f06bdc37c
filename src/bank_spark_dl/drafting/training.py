"""Write the network and its training, by what is predicted."""

from typing import Final, NamedTuple

from bank_spark_dl.ml.target import TaskName

EPOCHS: Final = 25
BATCH_SIZE: Final = 256
_FEWEST_ROWS: Final = 512  # trained on; with fewer, batches are smaller
_FEWEST_STEPS: Final = 8  # of an epoch, then
TEST_FRACTION: Final = 0.2
VALIDATION: Final = 0.1
_WARM_UP: Final = 0.05  # of all steps

_ENSEMBLE: Final = """\
model: # networks that share weight matrices (TabM): docs/decisions/06-tuned.md says why
  members: 16
  layers:
    - &hidden {units: 128, activation: silu, dropout: 0.3}
    - *hidden"""
_ONE_NETWORK: Final = """\
model:
  members: 1
  layers:
    - &hidden {units: 256, activation: silu, dropout: 0.1}
    - *hidden"""
_ALL_ROWS: Final = """\
  validation_split: 0.0 # nothing is chosen on validation rows: train on all rows
  early_stopping: null
  calibration: none # the probabilities are calibrated as they are"""
_BEST_ROUND: Final = f"""\
  validation_split: {VALIDATION}
  early_stopping: {{monitor: val_loss, patience: {EPOCHS}}} # train to the end, keep the best round
  calibration: """


class _Choice(NamedTuple):
    network: str
    activation: str
    validation: str
    loss: str
    metric: str


_CHOICES: Final[dict[TaskName, _Choice]] = {
    "binary": _Choice(_ENSEMBLE, "softmax", _ALL_ROWS, "categorical_crossentropy", "acc"),
    "multiclass": _Choice(
        _ONE_NETWORK,
        "softmax",
        f"{_BEST_ROUND}temperature",
        "categorical_crossentropy",
        "acc",
    ),
    "regression": _Choice(
        _ONE_NETWORK, "linear", f"{_BEST_ROUND}none", "mean_squared_error", "mae"
    ),
}


def training_yml(task: TaskName, rows: int) -> str:
    """Write the sections `model` and `elephas`.

    Args:
        task: What is predicted.
        rows: Of the table.
    """
    choice = _CHOICES[task]
    held_out = 0.0 if task == "binary" else VALIDATION
    trained = round(rows * (1 - TEST_FRACTION) * (1 - held_out))
    batch = _batch_size(trained)
    return f"""\
{choice.network}
  output_activation: {choice.activation}

elephas:
  epochs: {EPOCHS}
  batch_size: {batch}
  batch_shared: true
  steps_per_round: 6
{choice.validation}
  loss: {choice.loss}
  metrics: [{choice.metric}]
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
