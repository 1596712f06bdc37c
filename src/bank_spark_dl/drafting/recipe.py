"""Choose encoding, network and training plan by the task and the number of rows.

docs/decisions/16-recipe.md says what each size was measured against.
"""

from dataclasses import dataclass
from math import ceil
from typing import Final

from bank_spark_dl.ml.target import TaskName

TEST_FRACTION: Final = 0.2
DISTINCT_BINS: Final = 128  # of columns with ties
_MOST_INPUTS: Final = 2_000  # made of all numbers: the code that Spark generates becomes slow
_SOME_ROWS: Final = 2_000  # smaller batches below it
_MANY_ROWS: Final = 16_000  # finer bins from here on
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
        members: Networks that share weight matrices.
        units: Outputs of each of the two hidden layers.
        dropout: After each hidden layer, [0, 1).
        epochs: Passes over the train rows.
        batch_size: Rows of a train step.
        learning_rate: At its highest.
        steps_per_round: Train steps between two averages of several workers.
        warmup_steps: Train steps until the learning rate is reached.
    """

    bins: int
    distinct_bins: int
    members: int
    units: int
    dropout: float
    epochs: int
    batch_size: int
    learning_rate: float
    steps_per_round: int
    warmup_steps: int


@dataclass(frozen=True)
class _Sizes:
    """Sizes from a number of train rows on.

    Attributes:
        rows: Fewest train rows that they are for.
        steps: Fewest train steps of a training: fewer rows get more epochs.
        most_bins: Below 16,000 train rows a number gets a bin for every 50 rows, at least 3 and at
            most these.
    """

    rows: int
    units: int
    dropout: float
    epochs: int
    steps: int = 0
    most_bins: int = 10
    members: int = 8
    batch_size: int = 64
    learning_rate: float = 0.01


_SIZES: Final[dict[TaskName, tuple[_Sizes, ...]]] = {
    "binary": (
        _Sizes(0, 96, 0.2, epochs=25),
        _Sizes(500, 96, 0.4, epochs=8, steps=300),
        _Sizes(1_500, 96, 0.2, epochs=8, steps=300),
        _Sizes(4_000, 96, 0.2, epochs=12),
        _Sizes(_MANY_ROWS, 48, 0.0, epochs=12, members=6, batch_size=128, learning_rate=0.012),
    ),
    "multiclass": (
        _Sizes(0, 256, 0.2, epochs=25),
        _Sizes(500, 256, 0.2, epochs=12, steps=600),
        _Sizes(_MANY_ROWS, 256, 0.1, epochs=15),
    ),
    "regression": (
        _Sizes(0, 96, 0.2, epochs=25),
        _Sizes(500, 96, 0.2, epochs=12, steps=600),
        _Sizes(700, 96, 0.1, epochs=25, most_bins=32),
        _Sizes(_MANY_ROWS, 128, 0.0, epochs=15),
    ),
}


def recipe_for(task: TaskName, rows: int, numbers: int = 1) -> Recipe:
    """Choose the sizes for a table.

    Args:
        task: What is predicted.
        rows: Of the table.
        numbers: Numeric inputs.
    """
    trained = max(round(rows * (1 - TEST_FRACTION)), 1)
    sizes = next(each for each in reversed(_SIZES[task]) if each.rows <= trained)
    batch = _batch_size(trained, sizes)
    steps = ceil(trained / batch)
    epochs = max(sizes.epochs, ceil(sizes.steps * batch / trained))
    room = _MOST_INPUTS // max(numbers, 1)  # inputs of a column
    bins = min(_bins(trained, sizes), max(room, 3))
    return Recipe(
        bins=bins,
        distinct_bins=min(DISTINCT_BINS, max(room - bins, 0)) if trained >= _MANY_ROWS else 0,
        members=sizes.members,
        units=sizes.units,
        dropout=sizes.dropout,
        epochs=epochs,
        batch_size=batch,
        learning_rate=sizes.learning_rate,
        steps_per_round=max(_STEPS_PER_ROUND, steps // _ROUNDS_PER_EPOCH),
        warmup_steps=max(1, round(_WARM_UP * epochs * steps)),
    )


def _bins(trained: int, sizes: _Sizes) -> int:
    if trained >= _MANY_ROWS:
        return min(trained // 1000, 32)
    return min(max(trained // 50, 3), sizes.most_bins)


def _batch_size(trained: int, sizes: _Sizes) -> int:
    """Return a power of two: quality follows the number of steps, not the rows of each."""
    largest = sizes.batch_size if trained >= _SOME_ROWS else 32
    fitting = max(trained // _FEWEST_STEPS_OF_EPOCH, 1)
    return int(min(largest, 2 ** (fitting.bit_length() - 1)))
