"""The record of a training and its JSON."""

import json

from bank_spark_dl.distributed import TrainingHistory
from bank_spark_dl.distributed.training.history import Round, WorkerRound

# As written before rounds had a type of their own.
WORKER = {"worker": 0, "rows": 9, "steps": 2, "loss": 0.5, "acc": 0.75, "seconds": 0.1} | {
    "step_norm": 3.0,
    "cosine": 1.0,
}
IDLE = {"worker": 1, "rows": 0, "steps": 0, "seconds": 0.1, "step_norm": 0.0, "cosine": 0.0}
SAVED = {
    "num_workers": 2,
    "epochs": 1,
    "seed": 7,
    "batch_size": 16,
    "training_rows": 9,
    "validation_rows": 3,
    "rounds": [
        {"round": 0, "loss": 0.5, "acc": 0.75, "workers": [WORKER, IDLE], "epoch": 0}
        | {"seconds": 0.2, "val_loss": 0.6, "val_accuracy": 1.0}
    ],
    "best_round": None,
    "finished": True,
    "weights_sha256": "ab",
}


def test_a_saved_history_is_read_with_types() -> None:
    (entry,) = TrainingHistory.from_dict(SAVED).rounds
    first, idle = entry.workers
    assert entry == Round(
        round=0,
        epoch=0,
        workers=(first, idle),
        seconds=0.2,
        loss=0.5,
        metrics={"acc": 0.75},
        val_loss=0.6,
        val_accuracy=1.0,
    )
    assert first == WorkerRound(
        worker=0,
        rows=9,
        steps=2,
        seconds=0.1,
        step_norm=3.0,
        cosine=1.0,
        loss=0.5,
        metrics={"acc": 0.75},
    )
    assert (idle.loss, idle.metrics) == (None, {})


def test_the_keys_of_the_json_stay() -> None:
    assert json.loads(json.dumps(TrainingHistory.from_dict(SAVED).to_dict())) == SAVED
