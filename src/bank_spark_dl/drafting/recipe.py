"""Choose encoding, network and training plan by the task and the number of rows.

docs/decisions/16-recipe.md says what each rule was measured against.
"""

from dataclasses import dataclass
from math import ceil
from typing import Final

from bank_spark_dl.ml.target import TaskName

TEST_FRACTION: Final = 0.2
MEMBERS: Final = 8
DISTINCT_BINS: Final = 128  # of columns with ties
_MOST_INPUTS: Final = 2_000  # made of all numbers: the code that Spark generates becomes slow
_FEW_ROWS: Final = 500  # fewer bins and more epochs below it
_SOME_ROWS: Final = 2_000  # smaller batches below it
_MANY_ROWS: Final = 16_000  # finer bins and wider layers from here on
_EPOCHS: Final = 12
_FEWEST_STEPS: Final = 600  # of a training on 500 rows or more
_FEWEST_STEPS_OF_EPOCH: Final = 8
_STEPS_PER_ROUND: Final = 6  # up to 150 steps an epoch, then a 25th of them
_ROUNDS_PER_EPOCH: Final = 25
_WARM_UP: Final = 0.05  # of all steps


@dataclass(frozen=True)
class Recipe:
    """Sizes that follow from a table.

    Attributes:
        bins: Of a number, at quantiles of the rows.
        distinct_bins: Of a number with ties, at distinct values; 0: none.
        units: Outputs of each of the two hidden layers.
        dropout: After each hidden layer, [0, 1).
        epochs: Passes over the train rows.
        batch_size: Rows of a train step.
        steps_per_round: Train steps between two averages of several workers.
        warmup_steps: Train steps until the learning rate is reached.
    """

    bins: int
    distinct_bins: int
    units: int
    dropout: float
    epochs: int
    batch_size: int
    steps_per_round: int
    warmup_steps: int


def recipe_for(task: TaskName, rows: int, numbers: int = 1) -> Recipe:
    """Choose the sizes for a table.

    Args:
        task: What is predicted.
        rows: Of the table.
        numbers: Numeric inputs.
    """
    trained = max(round(rows * (1 - TEST_FRACTION)), 1)
    batch = _batch_size(trained)
    epochs, steps = _epochs(task, trained, batch), ceil(trained / batch)
    room = _MOST_INPUTS // max(numbers, 1)  # inputs of a column
    bins = min(_bins(trained), max(room, 3))
    return Recipe(
        bins=bins,
        distinct_bins=min(DISTINCT_BINS, max(room - bins, 0)) if trained >= _MANY_ROWS else 0,
        units=_units(task, trained),
        dropout=_dropout(task, trained),
        epochs=epochs,
        batch_size=batch,
        steps_per_round=max(_STEPS_PER_ROUND, steps // _ROUNDS_PER_EPOCH),
        warmup_steps=max(1, round(_WARM_UP * epochs * steps)),
    )


def _bins(trained: int) -> int:
    if trained >= _MANY_ROWS:
        return min(trained // 1000, 32)
    return min(max(trained // 50, 3), 10)


def _units(task: TaskName, trained: int) -> int:
    if task == "multiclass":
        return 256
    return 128 if trained >= _MANY_ROWS else 96


def _dropout(task: TaskName, trained: int) -> float:
    """Return less where there is more to learn and more to learn it from."""
    if task == "binary" or trained < _MANY_ROWS:
        return 0.2
    return 0.1 if task == "multiclass" else 0.0


def _batch_size(trained: int) -> int:
    """Return a power of two: quality follows the number of steps, not the rows of each."""
    largest = 64 if trained >= _SOME_ROWS else 32
    fitting = max(trained // _FEWEST_STEPS_OF_EPOCH, 1)
    return int(min(largest, 2 ** (fitting.bit_length() - 1)))


def _epochs(task: TaskName, trained: int, batch: int) -> int:
    if trained < _FEW_ROWS:
        return 25
    if trained >= _MANY_ROWS and task != "binary":
        return 15
    return max(_EPOCHS, ceil(_FEWEST_STEPS * batch / trained))
