import tracemalloc

import numpy as np

from bank_spark_dl.ml.evaluation.decision import BINS, make_decision
from bank_spark_dl.parameters import DecisionOptions

VALUES = {"call_cost": 1.0, "deposit_value": 4.0, "budget": None, "bootstrap": 10_000}


def test_many_resamples_take_little_memory() -> None:
    """Drawn all at once they would be 160 MB; the parameters allow ten times as many."""
    options = DecisionOptions.model_construct(**VALUES)
    tracemalloc.start()
    decision = make_decision(counts=np.ones((2, BINS)), options=options, prior=None, seed=1)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 40e6
    assert decision.calls.low < decision.calls.high
