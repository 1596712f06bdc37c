"""The order in which the package imports Keras, TensorFlow and Elephas."""

import subprocess
import sys

RECORD = """
import sys
from bank_spark_dl import distributed

class Recorder:
    def find_spec(self, name, path=None, target=None):
        if name in ("keras", "tensorflow", "elephas"):
            raise ImportError(f"the first is {name}", name=name)

sys.meta_path.insert(0, Recorder())
for name in distributed.__all__:
    try:
        getattr(distributed, name)
    except ImportError as error:
        print(name, error)
"""


def test_keras_is_imported_before_tensorflow_and_elephas() -> None:
    """Two threads that import Keras and TensorFlow first would wait for each other."""
    found = subprocess.run(
        [sys.executable, "-c", RECORD], text=True, capture_output=True, check=True
    )
    firsts = dict(line.split(" ", 1) for line in found.stdout.splitlines())
    assert {"ElephasClassifier", "ElephasRegressor", "train_many"} <= firsts.keys()
    assert set(firsts.values()) == {"the first is keras"}
